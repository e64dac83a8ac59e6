# shellcheck shell=sh
# Part of the maintainer scripts of the packages: who would be locked out if gatesh went away.

# The login names whose shell is gatesh, from /etc/passwd and from whatever else getent(1) can enumerate.
gatesh_accounts() {
    { cat /etc/passwd; getent passwd; } 2>/dev/null |
        awk -F: '$7 == "/usr/bin/gatesh" || $7 == "/bin/gatesh" { print $1 }' | sort -u
}

# Says no, with the list and the way out. Status 1 if there is anybody.
gatesh_refuse_lock_out() {
    accounts=$(gatesh_accounts)
    if [ -n "$accounts" ]; then
        echo "gatesh: these accounts use it as their login shell and would be locked out:" >&2
        for account in $accounts; do echo "  $account" >&2; done
        echo "Give each another one first, /usr/sbin/nologin if they are to stay out:" >&2
        echo "  usermod -s /usr/sbin/nologin NAME" >&2
        return 1
    fi
    if grep -qsE '^[[:space:]]*ForceCommand[[:space:]]+/(usr/)?bin/gatesh' \
        /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; then
        echo "gatesh: warning: sshd's configuration starts it with ForceCommand; those logins will fail" >&2
    fi
    return 0
}
