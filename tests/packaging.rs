//! What is installed says what the programs do: manual pages and completions name every option, verb, key, type and
//! set that the code knows, and no other; the pages' examples hold.

mod documents;
mod manuals;
