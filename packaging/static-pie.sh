#!/bin/sh
# The linker of aarch64 builds. rustc knows no static-pie for that target (1.96) and asks for a static program at a
# fixed address, although all of its code is position-independent; gcc is asked for the other here, with the startup
# code that relocates the program. GATESH_CC names the compiler, gcc if nothing does.
for word; do
    shift
    case $word in -static | -no-pie) ;; *) set -- "$@" "$word" ;; esac
done
exec "${GATESH_CC:-gcc}" -static-pie "$@"
