//! Yields the lines a person or a caller wants run.
