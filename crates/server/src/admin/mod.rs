//! What operators do from the command line, on a stopped server's data.

pub mod keys;
