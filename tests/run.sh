#!/bin/sh
# Everything that must pass, in one command: packages the tests drive (as root on Debian), formats, lints, licences,
# all tests, and the shipped policies. As an ordinary user, tests that need root skip themselves and say so.
set -eu
cd "$(dirname "$0")/.."

packages="openssh-server openssh-client sudo dnf less vim nano tmux strace rsyslog shellcheck python3 man-db gawk dash
  gcc libc6-dev procps iproute2 git busybox-static"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    missing=""
    for package in $packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        echo "installing$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086 # a list of names
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
else
    echo "not root on Debian: tests that need other users, sshd or sudo will say they were skipped"
fi

cargo fmt --check
cargo clippy --quiet --all-targets -- -D warnings
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --offline check licenses bans sources
else
    echo "cargo-deny is not installed: licences were not checked"
fi
if command -v shellcheck >/dev/null; then
    shellcheck tests/run.sh .ci/run
fi
cargo build --quiet
cargo run --quiet --bin gateshctl -- check config
cargo run --quiet --bin gateshctl -- test config
cargo test
