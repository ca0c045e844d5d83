//! Sockets: one connection's life, whose messages become operations and subscriptions.

pub mod effects;
mod legacy;
mod lost;
pub mod notices;
mod open;
mod pump;
mod seats;
mod session;
mod sockets;
mod subscribe;
mod transport;

pub use open::{Opening, open};
pub use pump::pump;
pub use seats::Seat;
pub use sockets::Sockets;
