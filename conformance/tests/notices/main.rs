//! What open sockets hear of users, sessions, teams and memberships, over the real server.

mod accounts;
mod changes;
mod privacy;
mod support;
mod teams;
