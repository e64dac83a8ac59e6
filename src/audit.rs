//! Writes what happened, escaped, before it happens. Failing to write is a failure.
