//! System calls about namespaces, mounts, keys and other processes. Some take more privilege than a person has; those
//! are made with arguments that the kernel itself refuses otherwise than the filter does.

#![allow(unsafe_code, reason = "a child made by the bare system call, as a hostile program would")]

use libc::c_int;

use super::calls::{Tried, at, call, number, opened, path, socket, tried};

/// Whether the kernel answered, be it with an error, and not what stands before it.
pub(super) fn reached(result: Tried) -> Tried {
    match result {
        Err(error) if error != libc::EPERM && error != libc::EACCES => Ok(()),
        other => other,
    }
}

/// What a child, which has one thread, comes to; without one, what this process comes to, be it only as far as
/// the kernel.
fn in_child(deed: impl Fn() -> Tried) -> Tried {
    // SAFETY: the child makes system calls only and ends.
    let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    if child == 0 {
        // SAFETY: as above.
        unsafe { libc::_exit(deed().err().unwrap_or(0)) }
    }
    if child < 0 {
        return reached(deed());
    }
    let mut status = 0;
    // SAFETY: room for a status.
    tried(unsafe { libc::waitpid(child as libc::pid_t, &raw mut status, 0) }.into())?;
    if libc::WEXITSTATUS(status) == 0 { Ok(()) } else { Err(libc::WEXITSTATUS(status)) }
}

/// Every family there is, of every kind: allowed if the kernel so much as says that it has no such family.
pub(super) fn any_socket() -> Tried {
    let kinds = [libc::SOCK_STREAM, libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_SEQPACKET];
    let mut last = Err(libc::EACCES);
    for family in 0..=46 {
        for kind in kinds {
            last = reached(socket(family, kind));
            if last.is_ok() {
                return last;
            }
        }
    }
    last
}

/// A namespace of each kind, with the user namespace that lets anybody have it.
const NAMESPACES: [c_int; 8] = [
    0,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWCGROUP,
    0x80, // CLONE_NEWTIME
];

fn unshare(flags: c_int) -> Tried {
    call(libc::SYS_unshare, [(libc::CLONE_NEWUSER | flags) as usize, 0, 0, 0, 0, 0])
}

pub(super) fn any_namespace() -> Tried {
    let each = |flags| in_child(|| unshare(flags));
    NAMESPACES.into_iter().map(each).find(Result::is_ok).unwrap_or(Err(libc::EPERM))
}

/// Without a user namespace of its own it takes privilege, so what counts is who answers.
pub(super) fn enter_namespace() -> Tried {
    reached(call(libc::SYS_setns, [usize::MAX, 0, 0, 0, 0, 0]))
}

/// In namespaces of its own if they can be had.
pub(super) fn mount() -> Tried {
    let (kind, place) = (path("tmpfs"), path("/tmp"));
    in_child(|| {
        let _ = unshare(libc::CLONE_NEWNS);
        call(libc::SYS_mount, [at(&kind), at(&place), at(&kind), 0, 0, 0])
    })
}

pub(super) fn mount_nowhere() -> Tried {
    reached(call(libc::SYS_mount, [0, 8, 0, 0, 0, 0]))
}

/// A mount as a descriptor, without attaching it anywhere.
pub(super) fn copy_a_mount() -> Tried {
    reached(call(libc::SYS_open_tree, [usize::MAX, 8, 0, 0, 0, 0]))
}

fn sibling() -> Result<usize, c_int> {
    opened(libc::SYS_pidfd_open, [number("SIBLING"), 0])
}

pub(super) fn signal_by_descriptor() -> Tried {
    call(libc::SYS_pidfd_send_signal, [sibling()?, 0, 0, 0, 0, 0])
}

/// A signal with a message, as another thread of the same process would queue it.
fn message() -> [u32; 32] {
    let mut message = [0; 32];
    message[2] = -1_i32 as u32; // SI_QUEUE
    message
}

pub(super) fn queue_signal() -> Tried {
    let message = message();
    call(libc::SYS_rt_sigqueueinfo, [number("SIBLING"), 0, message.as_ptr() as usize, 0, 0, 0])
}

pub(super) fn queue_signal_to_a_thread() -> Tried {
    let (message, of) = (message(), number("SIBLING"));
    call(libc::SYS_rt_tgsigqueueinfo, [of, of, 0, message.as_ptr() as usize, 0, 0])
}

/// The sibling's standard input.
pub(super) fn take_a_descriptor() -> Tried {
    call(libc::SYS_pidfd_getfd, [sibling()?, 0, 0, 0, 0, 0])
}

const PROCESS_KEYRING: usize = (-2_isize) as usize;

pub(super) fn add_key() -> Tried {
    let (kind, name) = (path("user"), path("gatesh-attempt"));
    call(libc::SYS_add_key, [at(&kind), at(&name), at(&name), 6, PROCESS_KEYRING, 0])
}

/// There is none of that name, which is for the kernel to say.
pub(super) fn request_key() -> Tried {
    let (kind, name) = (path("user"), path("gatesh-there-is-none"));
    reached(call(libc::SYS_request_key, [at(&kind), at(&name), 0, 0, 0, 0]))
}

/// Where unprivileged people have no bpf, the size of its argument is looked at before that.
pub(super) fn bpf_at_all() -> Tried {
    let attributes = [0_u64; 16];
    reached(call(libc::SYS_bpf, [0, attributes.as_ptr() as usize, 1 << 20, 0, 0, 0]))
}

/// A queue of the user's own, which does not outlast the attempt: it would be somebody else's to the next user.
pub(super) fn message_queue() -> Tried {
    let name = path(&format!("gatesh-attempt-{}", nix::unistd::getuid()));
    let made = call(libc::SYS_mq_open, [at(&name), (libc::O_CREAT | libc::O_RDWR) as usize, 0o600, 0, 0, 0]);
    let _ = call(libc::SYS_mq_unlink, [at(&name), 0, 0, 0, 0, 0]);
    made
}
