//! Names the steps of a start, so that one that fails can be told from the others.

use nix::errno::Errno;

/// The steps of a start, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Step {
    /// fork(2) or the pipe for its report.
    Fork,
    /// A process group of its own.
    Group,
    /// The terminal.
    Terminal,
    /// To end with gatesh.
    DeathSignal,
    /// Standard input, output and error.
    Standard,
    /// The working directory.
    Directory,
    /// A resource limit.
    Limit,
    /// `PR_SET_NO_NEW_PRIVS`.
    NoNewPrivileges,
    /// The Landlock ruleset.
    Landlock,
    /// Closing of all other descriptors.
    Descriptors,
    /// The secret of the filter.
    Secret,
    /// The signal mask.
    Mask,
    /// The seccomp filter.
    Filter,
    /// execve(2) itself.
    Exec,
}

impl Step {
    /// By their numbers.
    pub(super) const ALL: [Self; 14] = [
        Self::Fork,
        Self::Group,
        Self::Terminal,
        Self::DeathSignal,
        Self::Standard,
        Self::Directory,
        Self::Limit,
        Self::NoNewPrivileges,
        Self::Landlock,
        Self::Descriptors,
        Self::Secret,
        Self::Mask,
        Self::Filter,
        Self::Exec,
    ];

    /// In words that stand after "could not".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Fork => "make a process",
            Self::Group => "make a process group",
            Self::Terminal => "hand over the terminal",
            Self::DeathSignal => "tie it to this session",
            Self::Standard => "connect its input and output",
            Self::Directory => "enter its directory",
            Self::Limit => "set its limits",
            Self::NoNewPrivileges => "take its way to privileges",
            Self::Landlock => "confine its files",
            Self::Descriptors => "close what it must not inherit",
            Self::Secret => "draw a random number",
            Self::Mask => "unblock its signals",
            Self::Filter => "confine its system calls",
            Self::Exec => "start it",
        }
    }
}

/// A start that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// Which step.
    pub step: Step,
    /// What the kernel said.
    pub errno: Errno,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::as_conversions, reason = "the number a child reports is exactly this")]
    fn a_steps_number_is_its_place() {
        assert!(Step::ALL.into_iter().enumerate().all(|(place, step)| usize::from(step as u8) == place));
    }
}
