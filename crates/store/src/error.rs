//! Why the store could not do what it was asked.

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique value is another row's: the name of the column, such as `id` or `email`.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The row that should change is not there.
    #[error("no such row")]
    Missing,
    /// The caller's rule says no to what the rows would be.
    #[error("the rule of the caller refuses the change")]
    Refused,
    /// A list would look at too much.
    #[error("the list would look at too much")]
    TooMuch,
    /// The data was written by a newer version.
    #[error(
        "the data in {path} is of version {found}, newer than this program's {known}: start the newer program, or restore a backup"
    )]
    Newer {
        /// The file or database.
        path: String,
        /// Its version.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// There is no room left to write.
    #[error("the disk is full")]
    Full,
    /// Anything else that the backend says.
    #[error("the store failed: {0}")]
    Backend(String),
}
