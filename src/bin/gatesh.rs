//! The restricted login shell.

fn main() -> std::process::ExitCode {
    gatesh::shell::main()
}
