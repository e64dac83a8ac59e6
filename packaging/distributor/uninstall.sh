#!/bin/sh
# Removes gatesh for Systems Manager Distributor. The package refuses while an account uses it, says which, and so
# this fails: an "uninstall and reinstall" update cannot lock anybody out, and does not happen. Update in place.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C DEBIAN_FRONTEND=noninteractive
if command -v dpkg >/dev/null && dpkg -s gatesh >/dev/null 2>&1; then
    exec dpkg -r gatesh
fi
exec rpm -e gatesh
