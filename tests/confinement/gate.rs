//! Confinement as the built gatesh puts it up, with rules written carelessly on purpose: what the words of a line
//! cannot keep out, the kernel has to.

mod buses;
mod endings;
mod grants;
mod older;
mod races;
mod screens;
mod shipped;

use std::path::Path;

use crate::scenario::{Answer, Gatesh, run};
use gatesh::launch::confinement::abi::Kernel;

/// Types over the scenario's own logs.
pub(crate) const TYPES: &str = r#"
directories = ["{top}/var/log/**"]
[types]
log = { file = ["{top}/var/log/**"] }
out = { file = ["{top}/out/**"], access = "write", must_exist = false }
dir = { directory = ["{top}/var/log/**"] }
[[allow]]
"#;

/// A scenario with one rule: its synopsis, and what else stands in it.
pub(crate) fn rule(synopsis: &str, terms: &str) -> Gatesh {
    let gatesh =
        Gatesh::new().policy(&format!("{TYPES}commands = [{synopsis}]\n{terms}\n")).file("out/old", "old\n");
    gatesh.hand_over("out");
    gatesh.hand_over("out/old");
    gatesh
}

/// The same words without the gate.
pub(crate) fn unconfined(scene: &Gatesh, words: &[&str]) -> Answer {
    let mut command = scene.outside(Path::new("/usr/bin/env"));
    command.args(words.iter().map(|word| scene.spelled(word)));
    run(command, b"")
}

/// What the record of the only command says of its enforcement.
pub(crate) fn enforcement(answer: &Answer) -> &str {
    answer.events("command-start")[0]["enforcement"].as_str().unwrap()
}

/// Whether this kernel has what most of these tests are about; says so where it has not.
pub(crate) fn confines() -> bool {
    let holds = Kernel::probe().abi() > 0 && Kernel::probe().filters();
    if !holds {
        println!("skipped: this kernel has no Landlock or no seccomp filters");
    }
    holds
}

/// Whether a program is where gatesh looks for it.
pub(crate) fn has(program: &str) -> bool {
    let found =
        ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].iter().any(|dir| Path::new(dir).join(program).exists());
    if !found {
        crate::scenario::lacks(program);
    }
    found
}
