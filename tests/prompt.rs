//! What a person at a terminal sees and does. Every test drives gatesh on a pty and reads the screen.

mod arrival;
mod asking;
mod completing;
mod denies;
mod editing;
mod habits;
mod jobs;
mod limits;
mod looks;
mod narrow;
mod refusals;
mod screen;
mod showing;
mod transcripts;

use screen::Terminal;
