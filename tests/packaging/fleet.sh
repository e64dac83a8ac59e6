#!/bin/sh
# deploy-policy with a directory in place of S3: good, damaged, faulty and hostile bundles, probes, roll-back by
# itself and by hand, and readers while it switches. Usage: fleet.sh BINARIES   (any user)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
DEPLOY_POLICY_PATH=$(readlink -f "$1")
export DEPLOY_POLICY_PATH
# On disk wherever it runs: XDG_RUNTIME_DIR may be set and not be there, and a policy's /tmp may be mounted otherwise.
work=$(mktemp -d /var/tmp/gatesh-fleet.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
target=$work/etc/gatesh store=$work/store
mkdir -p "$work/etc" "$work/s3"

bundle() { # NAME DIR: packs DIR as NAME.tar.gz
    tar -C "$2" -czf "$work/s3/$1.tar.gz" .
}
copy() { # NAME: a fresh copy of the example policy
    mkdir -p "$work/$1" && cp -r config/gatesh.toml config/groups.d config/sets.d "$work/$1/"
}
deploy() { # NAME [OPTION...]
    name=$1
    shift
    packaging/fleet/deploy-policy --source "file://$work/s3/$name.tar.gz" \
        --sha256 "$(sha256sum <"$work/s3/$name.tar.gz" | cut -d' ' -f1)" --target "$target" --store "$store" "$@"
}
in_force() { grep -q "$1" "$target/groups.d/log-readers.toml"; }

copy good
echo '# the good one' >>"$work/good/groups.d/log-readers.toml"
bundle good "$work/good"
mkdir "$target" && cp -r config/gatesh.toml config/groups.d config/sets.d "$target/"
expect 0 "a good policy is put in place" deploy good
said '"result":"deployed"' "and reported"
holds "it is in force" in_force 'the good one'
holds "what was there before is kept" test -n "$(find "$store" -maxdepth 1 -name 'before-*')"
expect 0 "the same again changes nothing" deploy good
said '"result":"unchanged"' "and says so"

copy better
echo '# the better one' >>"$work/better/groups.d/log-readers.toml"
bundle better "$work/better"
expect 1 "a bundle with another digest is not taken" packaging/fleet/deploy-policy \
    --source "file://$work/s3/better.tar.gz" --sha256 "$(sha256sum </dev/null | cut -d' ' -f1)" \
    --target "$target" --store "$store"
said '"result":"refused".*digest is' "and why"
holds "the good one is in force" in_force 'the good one'
expect 1 "a bundle that is not there is not taken" packaging/fleet/deploy-policy \
    --source "file://$work/s3/none.tar.gz" --sha256 "$(sha256sum </dev/null | cut -d' ' -f1)" \
    --target "$target" --store "$store"
head -c 300 "$work/s3/better.tar.gz" >"$work/s3/torn.tar.gz"
expect 1 "a torn bundle is not taken" deploy torn

copy failing-probe
echo '# a third' >>"$work/failing-probe/gatesh.toml"
bundle failing-probe "$work/failing-probe"
copy faulty
echo 'oops = 1' >>"$work/faulty/gatesh.toml"
bundle faulty "$work/faulty"
expect 1 "a policy with a fault is not taken" deploy faulty
said 'oops' "and the fault is shown"
copy failing
sed -i 's#^  "cat /etc/shadow",#  "cat /var/log/app.log",#' "$work/failing/groups.d/log-readers.toml"
bundle failing "$work/failing"
expect 1 "a policy whose cases fail is not taken" deploy failing
mkdir "$work/empty" && cp config/gatesh.toml "$work/empty/"
bundle empty "$work/empty"
expect 1 "a policy without any group is not taken" deploy empty
holds "the good one is in force" in_force 'the good one'

copy linked
ln -s /etc/shadow "$work/linked/groups.d/shadow.toml"
bundle linked "$work/linked"
expect 1 "a bundle with a link is not taken" deploy linked
said 'neither file nor directory' "because it is one"
copy odd
echo x >"$work/odd/run-me.sh"
bundle odd "$work/odd"
expect 1 "a bundle with another file is not taken" deploy odd
said 'run-me.sh' "and it is named"
tar -C "$work/good" -czf "$work/s3/outside.tar.gz" --transform 's#^\./gatesh.toml#../gatesh.toml#' -P .
expect 1 "a bundle that leads outside is not taken" deploy outside
mkdir "$work/big" && cp -r "$work/good/." "$work/big/" && head -c 20000000 /dev/zero >"$work/big/sets.d/big.toml"
bundle big "$work/big"
expect 1 "a bundle that unpacks to 20 MB is not taken" deploy big
copy loose
chmod -R a+rwX "$work/loose"
bundle loose "$work/loose"
expect 0 "modes of the bundle do not count" deploy loose
holds "nobody else can write what is in force" \
    test -z "$(find -L "$target" -perm /022)"

expect 0 "the good one goes back in force" deploy good
echo 'oops = 1' >>"$target/gatesh.toml"
expect 0 "broken by hand, it is mended by the next run" deploy good
said '"result":"deployed"' "and reported"
expect 0 "and then left alone" deploy good
said '"result":"unchanged"' "as it should be"
echo '# a change that is no fault' >>"$target/gatesh.toml"
expect 0 "changed by hand, and by a package's upgrade, it is what its digest says after the next run" deploy good
said '"result":"deployed"' "which reports it"
holds "the change is gone" sh -c "! grep -q 'no fault' '$target/gatesh.toml'"
expect 1 "a policy that fails its probe is taken back" deploy better --probe "$(id -un)=cat /etc/shadow"
said '"result":"rolled-back".*"text":"probe .*=cat /etc/shadow: not allowed"' "and reported, with the probe"
said '^root is not let in|does not match <log>|none of .* groups has rules' "and the reason above it"
holds "the good one is in force again" in_force 'the good one'
copy probed
sed -i 's/^root .*/root = true/' "$work/probed/gatesh.toml"
printf '[[allow]]\ncommands = ["true"]\n' >"$work/probed/groups.d/$(id -gn).toml"
bundle probed "$work/probed"
expect 0 "one that passes its probe stays" deploy probed --probe "$(id -un)=true"
said "^probe $(id -un)=true: allowed\$" "which is said in a line"
unsaid '^  (tried|argv) ' "and in no more"
expect 0 "the good one goes back in force" deploy good
expect 0 "the better one is put in place" deploy better
holds "it is in force" in_force 'the better one'
expect 0 "and taken back by hand" packaging/fleet/deploy-policy --rollback --target "$target" --store "$store"
holds "the good one is in force" in_force 'the good one'
expect 1 "one that was taken back by itself" deploy failing-probe --probe "$(id -un)=cat /etc/shadow"
expect 0 "does not count as the one before" packaging/fleet/deploy-policy --rollback --target "$target" --store "$store"
holds "which is the better one" in_force 'the better one'
expect 0 "status says what is in force" packaging/fleet/deploy-policy --status --target "$target" --store "$store"
said '"result":"status","policy":"[0-9a-f]{16}["-]' "by the bundle's digest"
expect 2 "another option is an error" packaging/fleet/deploy-policy --force
expect 2 "a probe without a line is one" deploy good --probe "$(id -un)"

# Readers while it switches: always a whole policy, the old one or the new one.
(
    while [ ! -e "$work/stop" ]; do
        "$DEPLOY_POLICY_PATH/gateshctl" check "$target" >"$work/reader" 2>&1 || cat "$work/reader" >>"$work/torn"
        grep -q '^2 groups' "$work/reader" || cat "$work/reader" >>"$work/torn"
    done
) &
for name in better good better good better good; do deploy "$name" >/dev/null 2>&1; done
touch "$work/stop"
wait
holds "whoever reads during a switch reads a whole policy" test ! -s "$work/torn"
holds "old ones do not pile up" test "$(find "$store" -mindepth 1 -maxdepth 1 -type d | wc -l)" -le 7
finish
