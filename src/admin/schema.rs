//! `gateshctl schema`: JSON Schema for editors that complete and check TOML. It knows what a file is made of; what
//! only the gate can tell (synopses, globs, names that must exist) is `check`'s.

use clap::{Args, ValueEnum};

use super::{Verdict, print};

#[derive(Args)]
pub(super) struct Schema {
    /// Of which file
    #[arg(value_name = "FILE", default_value = "group")]
    of: File,
}

#[derive(Clone, Copy, ValueEnum)]
enum File {
    /// groups.d/NAME.toml and sets.d/NAME.toml
    Group,
    /// gatesh.toml
    Gatesh,
}

impl Schema {
    pub(super) fn run(&self) -> Verdict {
        let text = match self.of {
            File::Group => include_str!("schema/group.json"),
            File::Gatesh => include_str!("schema/gatesh.json"),
        };
        print(text.lines());
        Verdict::Holds
    }
}
