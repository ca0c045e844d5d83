//! Where the records are: numbered slots in shared chunks, so that a moment can be kept while the next one is made.

use std::sync::Arc;

use crate::tracker::Record;

/// Slots in one chunk: what is copied where a chunk changes that a moment still holds.
const CHUNK: usize = 128;

type Chunk = [Option<Arc<Record>>; CHUNK];

/// The records of one moment. A clone costs a count per chunk and shares all the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    chunks: Vec<Arc<Chunk>>,
}

impl Slots {
    pub(crate) fn get(&self, slot: u32) -> Option<&Arc<Record>> {
        self.chunks.get(slot as usize / CHUNK)?[slot as usize % CHUNK].as_ref()
    }

    /// Fills, replaces or empties a slot; of a new chunk the first.
    pub(crate) fn set(&mut self, slot: u32, record: Option<Arc<Record>>) {
        let at = slot as usize / CHUNK;
        if at == self.chunks.len() {
            self.chunks.push(Arc::new([const { None }; CHUNK]));
        }
        Arc::make_mut(&mut self.chunks[at])[slot as usize % CHUNK] = record;
    }

    /// All records, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).flatten()
    }
}
