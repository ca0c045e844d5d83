//! The built pages, as `cargo xtask pages` left them in `web/dist`.

use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderValue;

use super::gzip::gzip;

/// One file of a page.
#[derive(Debug)]
pub(super) struct File {
    /// Where it is, below the page's root.
    pub(super) path: &'static str,
    /// The value of its `ETag`: changes with its content.
    pub(super) tag: &'static str,
    /// What is in it.
    pub(super) bytes: &'static [u8],
}

/// A page: all of its files.
#[derive(Debug)]
pub(super) struct Page {
    files: &'static [File],
    /// Each file packed, in the same order; made when somebody first asks.
    packed: OnceLock<Vec<Option<Packed>>>,
}

/// A file as gzip.
#[derive(Debug)]
pub(super) struct Packed {
    /// The value of its `ETag`: another one than the plain file has, since other bytes are sent.
    pub(super) tag: HeaderValue,
    /// The gzip stream.
    pub(super) bytes: Bytes,
}

impl Page {
    const fn new(files: &'static [File]) -> Self {
        Self { files, packed: OnceLock::new() }
    }

    /// All files.
    #[cfg(test)]
    pub(super) const fn files(&self) -> &'static [File] {
        self.files
    }

    /// The file at this path.
    pub(super) fn find(&self, path: &str) -> Option<&'static File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The file at this path packed, where that makes it smaller.
    pub(super) fn packed(&self, path: &str) -> Option<&Packed> {
        let packed = self.packed.get_or_init(|| self.files.iter().map(Packed::of).collect());
        let place = self.files.iter().position(|file| file.path == path)?;
        packed.get(place)?.as_ref()
    }
}

impl Packed {
    fn of(file: &File) -> Option<Self> {
        let bytes = gzip(file.bytes);
        let tag = HeaderValue::try_from(format!("{}-gzip\"", file.tag.trim_end_matches('"'))).ok()?;
        (bytes.len() < file.bytes.len()).then(|| Self { tag, bytes: bytes.into() })
    }
}

/// The page with which people see presences at work.
pub(super) static DEMO: Page = Page::new(&include!("../../../../../web/dist/demo/files.rs"));
/// The operators' page.
pub(super) static ADMIN: Page = Page::new(&include!("../../../../../web/dist/admin/files.rs"));
