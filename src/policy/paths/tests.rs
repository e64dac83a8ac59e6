mod creating;
mod expanding;
mod listing;
mod resolving;
mod spelling;
mod tree;
