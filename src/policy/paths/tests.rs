mod creating;
mod expanding;
mod listing;
mod older;
mod ownership;
mod resolving;
mod spelling;
mod tree;
