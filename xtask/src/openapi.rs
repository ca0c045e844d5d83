//! Holds the description of the API against OpenAPI's own rules, with the validator of its community.

use std::process::Command;

use anyhow::Result;

use crate::paths::{Places, in_ci};
use crate::{process, tools};

/// Checks `docs/openapi.json`, which a test holds equal to what is served.
pub(crate) fn validate(places: &Places) -> Result<()> {
    let python = match tools::python(places, &places.root.join("conformance/openapi")) {
        Ok(python) => python,
        Err(error) if in_ci() => return Err(error.context("CI may not skip the validator")),
        Err(error) => {
            println!("the description of the API is not validated: {error:#}");
            return Ok(());
        }
    };
    let mut validator = Command::new(python);
    validator.args(["-m", "openapi_spec_validator"]).arg(places.root.join("docs/openapi.json"));
    process::run(&mut validator, "mend crates/server/src/http/openapi")
}
