//! Starts the commands of a pipeline from left to right, each connected to the next, all in one group.

use std::fs::File;
use std::io::{stderr, stdin, stdout};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{Pid, pipe2};

use super::confinement::tmp::PrivateTmp;
use super::exec::{Image, Place, spawn};
use super::job::{Input, Job, Process};
use super::outcome::RunError;
use super::terminal::Terminal;
use super::{Launch, StepFailure};
use crate::policy::paths::CheckedPath;

/// Starts all of them or, if one fails, leaves none that heeds it, nor any file that was made for them.
pub(super) fn start(launches: Vec<Launch>, input: Input, terminal: &Terminal) -> Result<Job, RunError> {
    let mut made = Vec::new();
    let job = start_all(launches, &mut made, input, terminal);
    if job.is_err() {
        made.iter().for_each(CheckedPath::remove_unused);
    }
    job
}

/// The first makes the group and takes the terminal.
fn start_all(
    mut launches: Vec<Launch>,
    made: &mut Vec<CheckedPath>,
    input: Input,
    terminal: &Terminal,
) -> Result<Job, RunError> {
    let images: Result<Vec<(Image, Option<PrivateTmp>)>, _> =
        launches.iter_mut().map(|launch| launch.image(made)).collect();
    let (images, tmps): (Vec<_>, Vec<_>) = images.map_err(RunError::Launch)?.into_iter().unzip();
    let tmps = tmps.into_iter().flatten().collect();
    let mut started = Started { terminal, group: None, processes: Vec::new() };
    let outcome = started.all(images, &launches, input);
    let Started { group, processes, .. } = started;
    let timeout = launches.iter().filter_map(Launch::timeout).min();
    let job = group.map(|group| Job::new(group, processes, describe(&launches), timeout, tmps));
    match (outcome, job) {
        (Ok(()), Some(job)) => Ok(job),
        (Ok(()), None) => Err(RunError::Nothing),
        (Err(error), None) => Err(error),
        (Err(error), Some(job)) => Err(RunError::Partly { error: Box::new(error), begun: job.discard() }),
    }
}

fn describe(launches: &[Launch]) -> String {
    let words = launches.iter().map(|launch| shell_words::join(&launch.argv));
    words.collect::<Vec<_>>().join(" | ")
}

/// What of a pipeline runs already.
struct Started<'terminal> {
    terminal: &'terminal Terminal,
    group: Option<Pid>,
    processes: Vec<Process>,
}

impl Started<'_> {
    fn all(&mut self, images: Vec<Image>, launches: &[Launch], input: Input) -> Result<(), RunError> {
        let mut source = first_input(input)?;
        let last = launches.len().saturating_sub(1);
        for (index, (mut image, launch)) in images.into_iter().zip(launches).enumerate() {
            let (next, sink) = if index == last { (None, None) } else { pipe()? };
            let failed =
                |failure| RunError::Start { name: launch.argv.first().cloned().unwrap_or_default(), failure };
            self.one(&mut image, launch, source.as_ref(), sink.as_ref()).map_err(failed)?;
            // Both ends of the pipe behind it are closed here in turn: a reader sees the end, a writer SIGPIPE.
            source = next;
        }
        Ok(())
    }

    fn one(
        &mut self,
        image: &mut Image,
        launch: &Launch,
        source: Option<&OwnedFd>,
        sink: Option<&OwnedFd>,
    ) -> Result<(), StepFailure> {
        let (own_input, own_output, own_errors) = (stdin(), stdout(), stderr());
        let place = Place {
            input: source.map_or(own_input.as_fd(), AsFd::as_fd),
            output: sink.map_or(own_output.as_fd(), AsFd::as_fd),
            errors: own_errors.as_fd(),
            group: self.group,
            terminal: self.terminal_of_leader(),
        };
        let pid = spawn(image, &place)?;
        self.group.get_or_insert(pid);
        self.processes.push(Process::new(pid, launch.is_elevated()));
        Ok(())
    }

    fn terminal_of_leader(&self) -> Option<BorrowedFd<'_>> {
        if self.group.is_none() { self.terminal.lent() } else { None }
    }
}

fn first_input(input: Input) -> Result<Option<OwnedFd>, RunError> {
    match input {
        Input::Inherit => Ok(None),
        Input::Null => {
            let null = File::open("/dev/null");
            let failed = |error: std::io::Error| error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
            null.map(|file| Some(file.into())).map_err(|error| RunError::Pipe(failed(error)))
        }
    }
}

/// Reading end, writing end.
fn pipe() -> Result<(Option<OwnedFd>, Option<OwnedFd>), RunError> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).map_err(RunError::Pipe)?;
    Ok((Some(reader), Some(writer)))
}
