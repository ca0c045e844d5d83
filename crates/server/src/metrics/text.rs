//! The two text formats: OpenMetrics, as the registry writes it, and the older one that every tool reads.

/// The type of OpenMetrics.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The type of the Prometheus text format.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// The one with `# EOF`.
    OpenMetrics,
    /// The older one.
    Plain,
}

impl TextFormat {
    /// What a client with this `Accept` gets: OpenMetrics only if it names it.
    #[must_use]
    pub fn of(accept: Option<&str>) -> Self {
        let named = accept.is_some_and(|accept| accept.to_ascii_lowercase().contains("application/openmetrics-text"));
        if named { Self::OpenMetrics } else { Self::Plain }
    }

    /// Its content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => OPENMETRICS,
            Self::Plain => PLAIN,
        }
    }
}

/// OpenMetrics in the older format: there a counter's family has the name of its samples.
pub(super) fn plain(openmetrics: &str) -> String {
    let counters: Vec<&str> =
        openmetrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(openmetrics.len() + 16 * counters.len());
    for line in openmetrics.lines() {
        let said = ["# HELP ", "# TYPE "].into_iter().find_map(|mark| Some((mark, line.strip_prefix(mark)?)));
        match said.and_then(|(mark, rest)| Some((mark, rest.split_once(' ')?))) {
            Some((mark, (name, rest))) if counters.contains(&name) => {
                text.extend([mark, name, "_total ", rest, "\n"]);
            }
            Some(_) => text.extend([line, "\n"]),
            None if line.starts_with('#') => {}
            None => text.extend([line, "\n"]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counters_family_is_named_as_its_samples() {
        let openmetrics = "# HELP a A.\n# TYPE a counter\na_total{x=\"# TYPE a counter\"} 1\n# HELP b_seconds B.\n\
                           # TYPE b_seconds histogram\n# UNIT b_seconds seconds\nb_seconds_sum 1.0\n# EOF\n";
        let expected = "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"# TYPE a counter\"} 1\n\
                        # HELP b_seconds B.\n# TYPE b_seconds histogram\nb_seconds_sum 1.0\n";
        assert_eq!(plain(openmetrics), expected);
    }

    #[test]
    fn openmetrics_goes_to_who_names_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        assert_eq!(TextFormat::of(Some(prometheus)), TextFormat::OpenMetrics);
        assert_eq!(TextFormat::of(Some("*/*")), TextFormat::Plain);
        assert_eq!(TextFormat::of(None), TextFormat::Plain);
    }
}
