//! What a person at a terminal sees and does. Every test drives gatesh on a pty and reads the screen.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod arrival;
mod completing;
mod editing;
mod jobs;
mod limits;
mod screen;
mod showing;

use screen::Terminal;
