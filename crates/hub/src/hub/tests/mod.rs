//! The hub against a tracker and a naive idea of who hears what.

mod facts;
mod naive;
mod notices;
mod properties;
mod steps;
mod world;
