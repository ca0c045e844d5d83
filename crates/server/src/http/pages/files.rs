//! The built pages, as `cargo xtask pages` left them in `web/dist`.

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

/// The page with which people see presences at work.
pub(super) static DEMO: &[File] = &include!("../../../../../web/dist/demo/files.rs");
/// The operators' page.
pub(super) static ADMIN: &[File] = &include!("../../../../../web/dist/admin/files.rs");
