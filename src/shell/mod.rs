//! The session: open, loop, close. The only place that knows the whole flow.
//!
//! Clean the process; ask the kernel who this is; load the policy whole or refuse; open the audit log or refuse;
//! then, line by line: cut, name, judge, record, run, record. Anything unexpected ends in "no".

mod admission;
mod ask;
mod builtins;
pub mod demo;
mod history;
mod jobs;
mod last_resort;
mod line;
mod note;
mod opening;
mod record;
mod refuse;
mod rules;
mod say;

use crate::input::invocation::{Action, HELP, Invocation, VERSION};
use crate::input::{Input, Next};
use crate::sys;
use opening::Session;
use say::{print, say};

/// Bad usage, or a line that is not understood.
const USAGE: u8 = 2;
/// gatesh itself cannot work: policy, audit, confinement.
const CANNOT_WORK: u8 = 125;
/// Denied.
const DENIED: u8 = 126;
/// No such program.
const NO_PROGRAM: u8 = 127;

/// What the binary does; answers the exit status.
pub fn main() -> u8 {
    let inherited = match sys::sanitize() {
        Ok(inherited) => inherited,
        Err(error) => return fail(CANNOT_WORK, &error.to_string()),
    };
    match Invocation::from_args(&inherited.argv, |name| inherited.variable(name)) {
        Ok(invocation) => match invocation.action {
            Action::Run => run(invocation, inherited),
            Action::Version => print(VERSION),
            Action::Help => print(HELP.trim_end()),
        },
        Err(usage) => fail(USAGE, &usage.to_string()),
    }
}

/// A script that asked for the status is told it even where there was no session: silence would pass for success.
fn run(invocation: Invocation, inherited: sys::Inherited) -> u8 {
    let status_line = invocation.status_line;
    let status = match session(invocation, inherited) {
        Ok(status) => status,
        Err(refusal) => fail(CANNOT_WORK, &refusal),
    };
    if status_line {
        print(&format!("gatesh: exit status {status}"));
    }
    status
}

fn session(invocation: Invocation, inherited: sys::Inherited) -> Result<u8, String> {
    let mut input = Input::new(invocation.source.clone(), |name| inherited.variable(name));
    let mut session = Session::open(invocation, inherited, input.is_prompt())?;
    session.greet();
    let cause = loop {
        let due = session.report_jobs();
        let ending = match input.next(&session.scene(due)) {
            Next::Line(line) => session.perform(&line),
            Next::Interrupted => session.interrupted(),
            Next::Due => {
                session.jobs_are_due();
                None
            }
            Next::End(ending) => session.may_end(ending),
        };
        if let Some(cause) = ending {
            break cause;
        }
    };
    Ok(session.close(cause))
}

fn fail(status: u8, text: &str) -> u8 {
    say(text);
    status
}
