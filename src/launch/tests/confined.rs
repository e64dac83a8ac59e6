//! A fence is put up in the child, around the child, and its one gate opens once.

use libc::sock_filter;
use nix::errno::Errno;

use super::super::confinement::{Confinement, Fence};
use super::super::job::{Input, run};
use super::super::outcome::{Ended, RunError, Status};
use super::super::terminal::Terminal;
use super::super::{Order, Step, StepFailure};
use super::stage::{alone, ended, order, output_of, plan, shell};

const ALLOW: sock_filter = statement(0x06, 0x7fff_0000);
/// EACCES.
const REFUSE: sock_filter = statement(0x06, 0x0005_000d);

/// `code`, `k`: linux/filter.h.
const fn statement(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

/// Load the word of `seccomp_data` at `offset`.
const fn load(offset: u32) -> sock_filter {
    statement(0x20, offset)
}

/// Go on if it equals `k`, else skip `over`.
const fn equal(k: u32, over: u8) -> sock_filter {
    sock_filter { code: 0x15, jt: 0, jf: over, k }
}

fn open() -> Fence {
    Fence { ruleset: None, filter: Vec::new(), secret_at: None, process_at: Vec::new(), group_at: Vec::new() }
}

/// kill passes for the very ids filled in, and fails for all others.
fn own_ids() -> Fence {
    let kill = u32::try_from(libc::SYS_kill).unwrap();
    // The low word of the first argument is all that kill(2) looks at.
    let filter = vec![load(0), equal(kill, 4), load(16), equal(0, 1), ALLOW, equal(0, 1), ALLOW, REFUSE];
    let mut fence = Fence { filter, process_at: vec![3], group_at: vec![5], ..open() };
    // What is no kill lands on the second permission.
    fence.filter[1].jf = 4;
    fence
}

/// execve passes if the fifth and sixth argument hold the secret; everything else passes anyway.
fn once() -> Fence {
    let execve = u32::try_from(libc::SYS_execve).unwrap();
    let mut filter = vec![load(0), equal(execve, 9)];
    for (word, over) in [(48, 8), (52, 6), (56, 4), (60, 2)] {
        filter.extend([load(word), equal(0, over - 1)]);
    }
    filter.extend([ALLOW, REFUSE]);
    // What is no execve lands behind the refusal.
    filter[1].jf = u8::try_from(filter.len() - 2).unwrap();
    filter.push(ALLOW);
    for at in [3, 5, 7, 9] {
        filter[at].jf = u8::try_from(11 - (at + 1)).unwrap();
    }
    Fence { ruleset: None, filter, secret_at: Some([3, 5, 7, 9]), ..open() }
}

fn within(fence: Fence, order: Order) -> Result<Ended, RunError> {
    let mut launch = plan(order);
    launch.confinement = Some(Confinement::of(fence));
    run(vec![launch], Input::Null, &mut Terminal::acquire().unwrap(), None, &mut || None).map(ended)
}

alone! {
    fn a_filter_that_allows_everything_changes_nothing() {
        let fence = Fence { ruleset: None, filter: vec![ALLOW], secret_at: None, ..open() };
        assert_eq!(within(fence, shell("/bin/true")).unwrap().code(), 0);
    }

    fn a_filter_is_in_force() {
        let fence = Fence { ruleset: None, filter: vec![ALLOW], secret_at: None, ..open() };
        let shown = output_of(|| assert_eq!(within(fence, order("cat", &["/proc/self/status"])).unwrap().code(), 0));
        assert!(shown.contains("Seccomp:\t2"), "{shown}");
    }

    fn the_secret_lets_the_first_exec_through_and_no_other() {
        assert_eq!(within(once(), order("true", &[])).unwrap().statuses, [Status::Code(0)]);
        assert_eq!(within(once(), shell("/bin/true")).unwrap().statuses, [Status::Code(126)]);
        assert_eq!(within(once(), shell("exec /bin/true")).unwrap().statuses, [Status::Code(126)]);
    }

    fn each_start_draws_another_secret() {
        let mut fence = once();
        // Without the places the secret stays 0, and so do the registers: passes. With one place left out, not.
        fence.secret_at = None;
        assert_eq!(within(fence, order("true", &[])).unwrap().code(), 0);
        let mut fence = once();
        fence.secret_at = Some([3, 5, 7, 7]);
        let error = within(fence, order("true", &[])).unwrap_err();
        let failure = StepFailure { step: Step::Exec, errno: Errno::EACCES };
        assert_eq!((error.code(), error), (126, RunError::Start { name: "true".to_owned(), failure }));
    }

    fn a_filter_knows_the_childs_own_ids() {
        let own = "kill -0 $$ && kill -0 -$$ && ! kill -0 $PPID && kill -TERM -$$";
        assert_eq!(within(own_ids(), shell(own)).unwrap().statuses, [Status::Signal(15)]);
    }

    fn a_filter_the_kernel_refuses_starts_nothing() {
        let fence = Fence { ruleset: None, filter: vec![load(0)], secret_at: None, ..open() };
        let failure = StepFailure { step: Step::Filter, errno: Errno::EINVAL };
        assert_eq!(
            within(fence, order("true", &[])).unwrap_err(),
            RunError::Start { name: "true".to_owned(), failure }
        );
    }

    fn a_descriptor_that_is_no_ruleset_starts_nothing() {
        let file = tempfile::tempfile().unwrap();
        let fence = Fence { ruleset: Some(file.into()), filter: Vec::new(), secret_at: None, ..open() };
        let error = within(fence, order("true", &[])).unwrap_err();
        let RunError::Start { failure, .. } = error else { panic!("{error}") };
        assert_eq!(failure.step, Step::Landlock);
    }

    fn a_secret_outside_the_filter_is_refused_before_fork() {
        let fence = Fence { ruleset: None, filter: vec![ALLOW], secret_at: Some([0, 0, 0, 1]), ..open() };
        let error = within(fence, order("true", &[])).unwrap_err();
        assert_eq!(error.to_string(), "could not confine its system calls: Invalid argument");
    }
}
