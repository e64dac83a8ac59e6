mod creating;
mod expanding;
mod listing;
mod older;
mod resolving;
mod spelling;
mod tree;
