#!/bin/sh
# Installs what the tests drive: Debian's packages (as root on Debian), and the checkers of tests/tools.txt from PyPI
# into a virtual environment at target/tools. What is there already is left alone. Usage: tools.sh [PACKAGE...]
# Tests find the checkers in target/tools/bin; `target/tools/bin/python3` imports their libraries (hcl2, yaml ...).
# With CI set, what cannot be had is a failure; elsewhere it is said, and the tests that need it skip.
set -eu
cd "$(dirname "$0")/.."

missing=""
for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq -o Acquire::Retries=3
        # shellcheck disable=SC2086 # a list of names
        apt-get install -y -qq -o Acquire::Retries=3 --no-install-recommends $missing >/dev/null
    else
        echo "not root on Debian; not installed, and tests that need them will say so:$missing"
    fi
fi

# The list it was made from lies inside, so another list makes it anew.
cmp -s tests/tools.txt target/tools/made-from && exit 0
echo "making target/tools"
rm -rf target/tools
mkdir -p target
if python3 -m venv target/tools && target/tools/bin/pip install --quiet --requirement tests/tools.txt; then
    cp tests/tools.txt target/tools/made-from
else
    echo "target/tools could not be made: python3-venv and PyPI are needed"
    rm -rf target/tools
    [ -z "${CI:-}" ]
fi
