//! Everything about a process is fixed here before fork: program, argv, environment, directory, limits,
//! confinement. [`plan`](Launch::plan) consumes a grant and makes a value; running it is [`job`]'s.

pub mod confinement;
