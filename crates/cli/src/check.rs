//! `herenow check`.

use anyhow::{Result, bail};
use herenow_server::boot::{self, Verdict};

use crate::{
    arguments::Settings,
    serve::{config, runtime},
};

/// Prints what `serve` would do.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let config = config(&settings.flags())?;
    let findings = runtime()?.block_on(boot::preview(&config));
    for finding in &findings {
        let mark = match finding.verdict {
            Verdict::Good => "ok  ",
            Verdict::Note => "note",
            Verdict::Bad => "FAIL",
        };
        println!("{mark}  {}", finding.text);
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count() {
        0 => Ok(()),
        1 => bail!("the server would not start, for the reason above that is marked FAIL"),
        count => bail!("the server would not start, for the {count} reasons above that are marked FAIL"),
    }
}
