//! Where things live: the repository, the build folder, the cache of installed tools. Knows no command.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders that every chore works with.
pub(crate) struct Places {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Where cargo builds: `CARGO_TARGET_DIR`, else a folder in the cache, so that clones share it.
    pub(crate) target: PathBuf,
    /// Where npm packages and Python environments are installed, outside the clone.
    pub(crate) cache: PathBuf,
}

impl Places {
    /// Reads the environment; an error says which variable is missing.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask stands in a folder of the repository")?.to_path_buf();
        let cache = match std::env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => {
                let home = std::env::var_os("HOME").context("set HOME or XDG_CACHE_HOME: tools are installed there")?;
                PathBuf::from(home).join(".cache")
            }
        }
        .join("herenow");
        let target = match std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
            Some(folder) => root.join(folder),
            None => cache.join("target"),
        };
        std::fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
        Ok(Self { root, target, cache })
    }
}

/// Whether this runs in CI, where nothing may be skipped.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
