//! Whether changes can be kept.
//!
//! Source: decisions, Presences ("After a commit has failed …").

use std::sync::atomic::{AtomicU8, Ordering};

use herenow_store::StoreError;

use crate::Refusal;

/// Whether what was last to be kept could be.
#[derive(Default)]
pub(super) struct Health(AtomicU8);

const WELL: u8 = 0;
const FULL: u8 = 1;
const FAILED: u8 = 2;

impl Health {
    /// Refuses writes while nothing can be kept.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self.0.load(Ordering::Acquire) {
            WELL => Ok(()),
            FULL => Err(Refusal::StorageFull),
            _ => Err(Refusal::StorageFailed),
        }
    }

    pub(super) fn note(&self, result: &Result<(), StoreError>) {
        let health = match result {
            Ok(()) => WELL,
            Err(StoreError::Full) => FULL,
            Err(_) => FAILED,
        };
        let before = self.0.swap(health, Ordering::AcqRel);
        match result {
            Err(error) if before == WELL => {
                tracing::error!(%error, "presences cannot be kept; writes are refused until they can");
            }
            Ok(()) if before != WELL => tracing::info!("presences are kept again"),
            _ => {}
        }
    }
}

/// What a failure of the store means to a caller.
pub(super) fn refusal(error: &StoreError) -> Refusal {
    match error {
        StoreError::Full => Refusal::StorageFull,
        _ => Refusal::StorageFailed,
    }
}
