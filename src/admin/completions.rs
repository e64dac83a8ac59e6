//! `gateshctl completions`: the scripts that packages install, for shells elsewhere.

use clap::{Args, ValueEnum};

use super::{Verdict, print};

#[derive(Args)]
pub(super) struct Completions {
    /// For which shell
    shell: Shell,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(super) fn run(&self) -> Verdict {
        let text = match self.shell {
            Shell::Bash => include_str!("../../packaging/completions/gateshctl.bash"),
            Shell::Zsh => include_str!("../../packaging/completions/_gateshctl"),
            Shell::Fish => include_str!("../../packaging/completions/gateshctl.fish"),
        };
        print(text.lines());
        Verdict::Holds
    }
}
