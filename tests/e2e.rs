//! The built gatesh on a real host: as the login shell of people made for the test, behind su, sudo and sshd, with the
//! rules in /etc/gatesh and a log daemon on /dev/log. All of it needs root, and is taken away again afterwards.

pub(crate) mod daemon;
mod history;
pub(crate) mod host;
mod login;
mod published;
mod ssh;
mod sudo;
mod sudo_ending;
mod sudo_lines;
mod syslog;
