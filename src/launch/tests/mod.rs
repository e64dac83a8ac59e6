//! Real processes, each test in a process of its own: signals, terminals and orphans belong to a whole process.

mod confined;
mod environment;
mod planning;
mod programs;
mod running;
mod stage;
mod terminal;
