//! The administrator's and operator's tool.

fn main() -> std::process::ExitCode {
    gatesh::admin::main()
}
