//! Rate limits over the real server: what is counted with what, what the headers say, who is not counted.

mod counting;
mod exempt;
mod routes;
mod support;
