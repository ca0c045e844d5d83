//! Sockets and event streams: one connection's life, whose messages become operations and subscriptions.

pub mod effects;
mod legacy;
mod lost;
pub mod notices;
mod open;
mod pipe;
mod pump;
mod seats;
mod session;
mod shifts;
mod socket;
mod sockets;
pub(crate) mod stream;
mod subscribe;
mod transport;

pub use open::{Opening, open};
pub use pump::pump;
pub use seats::Seat;
pub use sockets::{Page, Sockets};
pub use stream::{StreamRequest, open_stream};
pub(crate) use transport::watch;
