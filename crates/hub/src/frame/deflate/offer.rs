//! Which of a client's offers is accepted, and how that is said. Source: RFC 7692, sections 5 and 7.1.

use super::{Compression, Window};

const NAME: &str = "permessage-deflate";

/// What was agreed on, and the answer that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// How messages may travel.
    pub compression: Compression,
    /// The value of `Sec-WebSocket-Extensions` in the answer.
    pub answer: String,
}

/// Chooses the first offer that can be kept among the values of `Sec-WebSocket-Extensions`, if there is one.
///
/// Both sides start every message anew. Where a client asks for a smaller window, longer messages go to it as they are.
#[must_use]
pub fn negotiate(extensions: &[&str]) -> Option<Agreement> {
    let offers = extensions.iter().flat_map(|list| split(list, ','));
    let window = offers.filter_map(|offer| accept(&offer)).next()?;
    let mut answer = format!("{NAME}; server_no_context_takeover; client_no_context_takeover");
    if let Asked::For(window) = window {
        answer.push_str(&format!("; server_max_window_bits={}", window.bits));
    }
    let compression = Compression::Deflate(match window {
        Asked::For(window) => window,
        Asked::ForNothing => Window::FULL,
    });
    Some(Agreement { compression, answer })
}

/// What an offer demands of our window: what is asked for has to be answered.
enum Asked {
    ForNothing,
    For(Window),
}

/// What a valid offer of the extension asks for; an offer with anything unknown, doubled or malformed is passed over.
fn accept(offer: &str) -> Option<Asked> {
    let mut parts = split(offer, ';');
    if !parts.next()?.trim().eq_ignore_ascii_case(NAME) {
        return None;
    }
    let mut asked = Asked::ForNothing;
    let mut seen: Vec<String> = Vec::new();
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquoted(value.trim()))),
            None => (part.trim(), None),
        };
        if seen.iter().any(|other| other == name) {
            return None;
        }
        seen.push(name.to_owned());
        match (name, value) {
            ("server_no_context_takeover" | "client_no_context_takeover" | "client_max_window_bits", None) => {}
            // Ours can inflate any window: what the client says of its own needs no answer.
            ("client_max_window_bits", Some(bits)) => drop(window(bits)?),
            ("server_max_window_bits", Some(bits)) => asked = Asked::For(window(bits)?),
            _ => return None,
        }
    }
    Some(asked)
}

/// 8 to 15, without leading zeros.
fn window(bits: &str) -> Option<Window> {
    let bits = ["8", "9", "10", "11", "12", "13", "14", "15"].iter().position(|known| *known == bits)?;
    Some(Window { bits: u8::try_from(bits).ok()? + 8 })
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// The parts of a list, where a separator in quotes separates nothing.
fn split(list: &str, separator: char) -> impl Iterator<Item = String> {
    let mut quoted = false;
    let mut parts = vec![String::new()];
    for character in list.chars() {
        quoted ^= character == '"';
        match parts.last_mut() {
            Some(part) if character != separator || quoted => part.push(character),
            _ => parts.push(String::new()),
        }
    }
    parts.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    fn answer(extensions: &[&str]) -> Option<String> {
        negotiate(extensions).map(|agreement| agreement.answer)
    }

    #[test]
    fn what_browsers_and_libraries_offer_is_accepted() {
        for offer in [
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "PerMessage-Deflate ;client_no_context_takeover;  server_no_context_takeover",
            "permessage-deflate; client_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=\"15\"",
        ] {
            assert_eq!(answer(&[offer]).as_deref(), Some(PLAIN), "{offer}");
            assert_eq!(negotiate(&[offer]).map(|it| it.compression), Some(Compression::Deflate(Window::FULL)));
        }
    }

    #[test]
    fn a_window_that_is_asked_for_is_granted_and_answered() {
        for bits in 8..=15 {
            for offer in [
                format!("permessage-deflate; server_max_window_bits={bits}"),
                format!("permessage-deflate; server_max_window_bits=\"{bits}\"; client_max_window_bits"),
            ] {
                let agreement = negotiate(&[&offer]).expect("it is valid");
                assert_eq!(agreement.answer, format!("{PLAIN}; server_max_window_bits={bits}"));
                assert_eq!(agreement.compression, Compression::Deflate(Window { bits }));
            }
        }
    }

    #[test]
    fn an_offer_that_cannot_be_kept_is_passed_over() {
        for offer in [
            "",
            ";",
            "permessage-bzip2",
            "x-webkit-deflate-frame",
            "permessage-deflate-2",
            "permessage-deflate; unknown",
            "permessage-deflate;",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover=true",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_max_window_bits=x",
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ] {
            assert_eq!(answer(&[offer]), None, "{offer}");
        }
    }

    #[test]
    fn the_first_offer_that_can_be_kept_wins_on_whichever_line_it_stands() {
        let small = "permessage-deflate; server_max_window_bits=9";
        for extensions in [
            &["permessage-deflate; server_max_window_bits=9, permessage-deflate"][..],
            &["foo; bar=\"a, permessage-deflate\", permessage-deflate; server_max_window_bits=9"][..],
            &["permessage-deflate; unknown=\";\"", small, "permessage-deflate"][..],
        ] {
            assert_eq!(answer(extensions), Some(format!("{PLAIN}; server_max_window_bits=9")), "{extensions:?}");
        }
    }

    #[test]
    fn nothing_offered_is_nothing_agreed() {
        assert_eq!(negotiate(&[]), None);
    }
}
