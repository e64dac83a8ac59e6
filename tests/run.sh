#!/bin/sh
# Everything that must pass, in one command: what the tests drive (tests/tools.sh), formats, lints, licences, all
# tests, the shipped policies, and packages in clean systems. As an ordinary user, tests that need root skip
# themselves and say so.
set -eu
cd "$(dirname "$0")/.."

# What the end-to-end tests drive, then programs with known ways out, then what packages and manuals are tried with.
packages="openssh-server openssh-client sudo dnf dash tmux rsyslog shellcheck python3 python3-venv gcc libc6-dev procps
  iproute2 git curl jq file xxd lsof psmisc man-db less vim vim-tiny nano ed gawk mawk busybox sed make perl sqlite3 rsync
  socat tar zip cpio btrfs-progs binutils gdb strace ltrace screen at zsh lua5.4 ruby php-cli tcl ftp zstd wget
  mandoc lintian rpm logrotate fish dbus default-jdk-headless iputils-ping nodejs openssl systemd xz-utils tzdata"
# shellcheck disable=SC2086 # a list of names
sh tests/tools.sh $packages

cargo fmt --check
cargo clippy --quiet --all-targets -- -D warnings
# Where CI has not got it yet, it is built once (minutes); elsewhere that is left to whoever runs this.
if [ -n "${CI:-}" ] && ! cargo deny --version >/dev/null 2>&1; then
    cargo install --locked --quiet cargo-deny || echo "cargo-deny could not be installed"
fi
if cargo deny --version >/dev/null 2>&1; then
    # Of other systems too, whose licences are looked at with the rest.
    cargo fetch --quiet --locked
    cargo deny --offline check licenses bans sources
else
    echo "cargo-deny is not installed: licences were not checked"
fi
if command -v shellcheck >/dev/null; then
    shellcheck tests/run.sh tests/tools.sh .ci/run
fi
cargo build --quiet
cargo run --quiet --bin gateshctl -- check config
cargo run --quiet --bin gateshctl -- test config
# One failure hides no other: everything else is tried all the same, and what failed is said last.
{ cargo test --no-fail-fast 2>&1 && echo "every test passed"; } | tee target/tests.log
failed=''
tail -n 1 target/tests.log | grep -qx "every test passed" || failed="cargo test"
# Packages, images, fleets. Two parts take long and have to be asked for: packaging/test.sh compile machine.
sh packaging/test.sh || failed="$failed packaging/test.sh"
[ -z "$failed" ] || {
    echo "failed: $failed"
    grep -aE '^test .* FAILED$|^error: ' target/tests.log || :
    exit 1
}
