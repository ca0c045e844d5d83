//! Lifetimes end to end, through HTTP, sockets, lost connections and restarts: who keeps a presence alive, when it
//! ends, and that whoever follows it knows at every moment what is there.

mod clock;
mod ends;
mod gone;
mod holders;
mod order;
mod reconnects;
mod restarts;
mod scene;
mod snapshots;
