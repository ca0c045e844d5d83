//! Teams and memberships over the real server: every endpoint, who may call it, and what open sockets hear of it.

mod invitations;
mod members;
mod roles;
mod scene;
mod service;
mod sockets;
mod teams;
