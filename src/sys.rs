//! The few system calls that nix lacks, made safe, and the cleaning of what a process inherits.
