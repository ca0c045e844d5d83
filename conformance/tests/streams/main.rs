//! Server-sent events against the real binary: what a stream tells, to whom, and how it is cut, resumed and ended.
//! Source: docs/api.md, "Server-sent events".

mod ends;
mod hears;
mod resumes;
mod support;
