//! The session: open, loop, close. The only place that knows the whole flow.
