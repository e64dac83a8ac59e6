# shellcheck shell=sh
# What the package tests share: counting, clean systems, and a user's session inside one.

# shellcheck disable=SC2154 # work and root are the test's

# What is copied into a clean system is everybody's to read, whatever mask the tests are started with.
umask 022

passed=0 failed=0
ok() { # TEXT
    passed=$((passed + 1))
    echo "ok      $1"
}
not_ok() { # TEXT
    failed=$((failed + 1))
    echo "NOT OK  $1"
    [ ! -s "$work/out" ] || sed 's/^/        | /' "$work/out"
}
# Runs a command, keeps what it says in $work/out, and compares the exit status.
expect() { # STATUS TEXT COMMAND...
    wanted=$1 text=$2 status=0
    shift 2
    "$@" >"$work/out" 2>&1 </dev/null || status=$?
    if [ "$status" = "$wanted" ]; then ok "$text"; else
        echo "exit status $status, not $wanted: $*" >>"$work/out"
        not_ok "$text"
    fi
}
# What the last command said holds a line that fits.
said() { # PATTERN TEXT
    if grep -Eq -- "$1" "$work/out"; then ok "$2"; else
        echo "no line fits: $1" >>"$work/out"
        not_ok "$2"
    fi
}
# No line of it fits.
unsaid() { # PATTERN TEXT
    if ! grep -Eq -- "$1" "$work/out"; then ok "$2"; else
        echo "a line fits: $1" >>"$work/out"
        not_ok "$2"
    fi
}
# Begins $work/out anew, so a test of what the last command said is not for this.
holds() { # TEXT TEST...
    text=$1
    shift
    : >"$work/out"
    if "$@" >"$work/out" 2>&1; then ok "$text"; else not_ok "$text"; fi
}
# What cannot be tried here is said. In CI everything can be had, so there it is a failure.
skip() { # TEXT
    if [ -z "${CI:-}" ]; then
        echo "skipped $1"
    else
        : >"$work/out"
        not_ok "not skipped in CI: $1"
    fi
}
finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}

# The packages of one architecture, each with its own tool. A warning is a failure: what is known and meant is filtered
# by name, with the reason, in packaging/deb/lintian-overrides and packaging/rpm/rpmlint.toml.
lint_packages() { # DIST
    if command -v lintian >/dev/null; then
        expect 0 "$(basename "$1"/gatesh_*.deb): lintian" \
            lintian --allow-root --fail-on error,warning,info --display-info "$1"/gatesh_*.deb
    else
        skip "the .deb: lintian is not installed"
    fi
    if command -v rpmlint >/dev/null; then
        expect 0 "$(basename "$1"/gatesh-*.rpm): rpmlint" \
            rpmlint --strict -c packaging/rpm/rpmlint.toml "$1"/gatesh-*.rpm
    else
        skip "the .rpm: rpmlint is not installed"
    fi
    expect 0 "it lists its files" rpm -qlp "$1"/gatesh-*.rpm
    for program in gatesh gateshctl; do
        said "^/usr/share/man/man1/$program\.1\.gz$" "and $program has a page"
    done
    expect 0 "Distributor package: manifest, digests, contents" \
        python3 packaging/distributor/manifest.py --check "$1/distributor"
    for sbom in "$1"/*.cdx.json; do
        expect 0 "$(basename "$sbom"): every part has a licence, a version and a digest" \
            python3 tests/packaging/sbom_check.py "$sbom"
    done
}

# A Debian to install into, from the cache or freshly made (about 90 seconds, from the configured mirror).
clean_system() { # DIR
    packages=systemd,systemd-sysv,dbus,rsyslog,logrotate,sudo,less,passwd,login,procps,python3,python3-apt
    # By what is in it, so that another list makes another one.
    cache=target/packaging/bookworm-$(echo $packages | cksum | cut -d' ' -f1).tar
    if [ ! -s "$cache" ]; then
        mkdir -p target/packaging
        echo "making a clean Debian in $cache"
        fresh=$(mktemp -d target/packaging/bookworm.XXXXXX)
        chmod 0755 "$fresh" # mktemp made it private, and it becomes the system's /
        # A mirror may have a bad moment; what it got is there the second time.
        for try in first last; do
            ! debootstrap --variant=minbase --include=$packages bookworm "$fresh" >target/packaging/debootstrap.log || break
            tail -n 20 target/packaging/debootstrap.log
            [ $try = first ] || exit 1
        done
        tar -C "$fresh" --exclude='./var/cache/apt/archives/*.deb' -cf "$cache.part" . && mv "$cache.part" "$cache"
        rm -rf "$fresh"
    fi
    mkdir -p "$1"
    # In memory, a quarter of a gigabyte: dpkg waits for disks at every file. Who has no mount namespace of their own
    # (--inner) would leave it behind.
    [ -z "${private:-}" ] || mount -t tmpfs -o mode=0755 clean "$1"
    tar -C "$1" -xpf "$cache"
}
# Everything below $root, as root, with nothing of this environment.
inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C DEBIAN_FRONTEND=noninteractive \
        chroot "$root" "$@"
}
# A line in a session of ann's, through login's own door.
session() { # LINE
    inside su - ann -c "$1"
}
# Mounts what a session needs. The caller runs in mount and process namespaces of its own: all of it ends with them.
furnish() {
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/run"
    mkdir -p "$root/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
}
# rsyslog with the snippet that the package ships, listening on the system's own /dev/log.
start_rsyslog() {
    install -m 0644 "$root/usr/share/gatesh/rsyslog/30-gatesh.conf" "$root/etc/rsyslog.d/"
    printf '%s\n' 'module(load="imuxsock")' 'include(file="/etc/rsyslog.d/*.conf")' >"$root/etc/rsyslog.conf"
    inside rsyslogd -n -iNONE &
    within_a_minute test -S "$root/dev/log"
}
# The example policy and somebody under it.
people() {
    inside groupadd -f log-readers
    inside id ann >/dev/null 2>&1 || inside useradd -m -G log-readers -s /usr/bin/gatesh ann
    cp -r "$root/usr/share/gatesh/examples/groups.d" "$root/usr/share/gatesh/examples/sets.d" "$root/etc/gatesh/"
    rm -f "$root/etc/gatesh/groups.d/package-updaters.toml"
    echo "hello from the log" >"$root/var/log/app.log"
    chmod 0644 "$root/var/log/app.log"
}
# Puts what stands in /etc/gatesh in force by deploy-policy, with a setting of its own, so that it becomes a link.
under_deploy_policy() {
    echo '# of the bundle' >>"$root/etc/gatesh/gatesh.toml"
    inside tar -C /etc/gatesh -czf /root/bundle.tar.gz gatesh.toml groups.d sets.d
    digest=$(sha256sum <"$root/root/bundle.tar.gz" | cut -d' ' -f1)
    expect 0 "deploy-policy makes a link of /etc/gatesh" deployed_again
    said '"result":"deployed"' "and says so"
    link=$(readlink "$root/etc/gatesh") policies=$(policies)
}
deployed_again() {
    inside /usr/libexec/gatesh/deploy-policy --source file:///root/bundle.tar.gz --sha256 "$digest"
}
policies() { (cd "$root/var/lib/gatesh/policies" && find . -name '*.toml' -exec sha256sum {} + | sort); }
# Nothing that deploy-policy put there has gone or changed.
policy_is_as_deployed() { # TEXT
    holds "$1: /etc/gatesh leads where it led" test "$(readlink "$root/etc/gatesh")" = "$link"
    policies >"$work/found"
    echo "$policies" >"$work/wanted"
    holds "$1: every file of the store is as it was" diff "$work/wanted" "$work/found"
}

# A session of ann's that stays open, and the program it was started with.
open_session() {
    mkfifo "$work/keys"
    inside su - ann <"$work/keys" >"$work/screen" 2>&1 &
    exec 8>"$work/keys"
    echo 'tail -n 1 /var/log/app.log' >&8
    holds "a session is open" within_a_minute screen_has 1
    running=$(pgrep -x gatesh | head -n 1)
    before=$(sha256sum <"/proc/$running/exe")
}
# After an upgrade: it answers, from the program it had, and whoever comes now gets the new one.
open_session_goes_on() {
    echo 'tail -n 1 /var/log/app.log' >&8
    holds "the open session goes on" within_a_minute screen_has 2
    holds "with the program it was started with" test "$before" = "$(sha256sum <"/proc/$running/exe")"
    holds "which is another one than the package's" test "$before" != "$(sha256sum <"$root/usr/bin/gatesh")"
    inside su - ann -c 'tail -f /var/log/app.log' >/dev/null 2>&1 &
    holds "a new session has the new program" within_a_minute new_session_is "$(sha256sum <"$root/usr/bin/gatesh")"
    exec 8>&-
    kill "$(pgrep -nx gatesh)"
}
screen_has() { # COUNT: as many answers
    [ "$(grep -c '^hello' "$work/screen")" -ge "$1" ]
}
new_session_is() { # DIGEST
    newest=$(pgrep -nx gatesh) && [ "$newest" != "$running" ] && [ "$(sha256sum <"/proc/$newest/exe")" = "$1" ]
}
within_a_minute() { # COMMAND...
    tries=0
    until "$@"; do
        [ $tries -lt 600 ] || return 1
        sleep 0.1 && tries=$((tries + 1))
    done
}
