#!/bin/sh
# The linker of aarch64 builds, by .cargo/config.toml. rustc knows no static-pie for that target (1.96) and asks for a
# static program at a fixed address, although all of its code is position-independent; gcc is asked for the other here,
# with the startup code that relocates the program. On an aarch64 host build scripts and procedural macros come this
# way, too: what is not to be static is linked as it is. GATESH_CC names the compiler.
: "${GATESH_CC:=$(case $(uname -m) in aarch64) echo gcc ;; *) echo aarch64-linux-gnu-gcc ;; esac)}"
case " $* " in
    *" -static "*) ;;
    *) exec "$GATESH_CC" "$@" ;;
esac
for word; do
    shift
    case $word in -static | -no-pie) ;; *) set -- "$@" "$word" ;; esac
done
exec "$GATESH_CC" -static-pie "$@"
