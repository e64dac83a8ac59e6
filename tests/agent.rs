//! Sessions as AWS Systems Manager starts them: a stand-in of the agent reads the documents that `gateshctl export`
//! really prints, pastes, checks and starts as the agent does, and a client types at what comes of it.
//!
//! The stand-in's facts are of the agent's source, release 3.3.987.0, and of runs of its plugins. What has none here:
//! the service with its own check of patterns, the web socket and its encryption, transcripts.

mod cancel;
mod document;
mod hint;
mod holes;
mod hostile;
mod landing;
mod many;
mod one_shot;
mod plugin;
mod published;
mod run_as;
mod session;
mod stage;
mod stand_in;
mod worker;
