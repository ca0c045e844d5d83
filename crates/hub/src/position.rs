//! A place in a project's order, as clients name it when they come back.

use std::sync::Arc;

/// Everything up to here has been told. Source: semantics 22 to 24.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The run of the number.
    pub epoch: Arc<str>,
    /// The number of a change.
    pub seq: u64,
}

impl Position {
    /// Moves `known` on to this number.
    pub(crate) fn advance(known: &mut Option<Self>, epoch: &Arc<str>, seq: u64) {
        match known {
            Some(known) if Arc::ptr_eq(&known.epoch, epoch) => known.seq = seq,
            known => *known = Some(Self { epoch: epoch.clone(), seq }),
        }
    }
}
