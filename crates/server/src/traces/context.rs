//! The place of a span: in the trace that the client names, else in one of its own.

use http::HeaderMap;

use crate::clock::random_bytes;

/// The place of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The trace, in lower-case hexadecimal.
    pub trace: String,
    /// The span that called, if one did.
    pub parent: Option<String>,
    /// The span itself.
    pub span: String,
}

impl Context {
    /// Of a request with these headers; none where its caller has decided not to sample it.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let span = hex::encode(random_bytes::<8>());
        let named = headers.get("traceparent").and_then(|value| parse(value.to_str().ok()?));
        match named {
            Some((.., Sampled::No)) => None,
            Some((trace, parent, Sampled::Yes)) => Some(Self { trace, parent: Some(parent), span }),
            None => Some(Self { trace: hex::encode(random_bytes::<16>()), parent: None, span }),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sampled {
    Yes,
    No,
}

/// The trace, the caller's span and its decision; none where the header is not one of version 00 or later.
fn parse(header: &str) -> Option<(String, String, Sampled)> {
    let parts: Vec<&str> = header.split('-').collect();
    let [version, trace, parent, flags, ..] = parts[..] else { return None };
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |text: &str, length: usize| is_hex(text, length) && text.bytes().any(|byte| byte != b'0');
    let fits = is_hex(version, 2) && version != "ff" && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2);
    if !fits || (version == "00" && parts.len() != 4) {
        return None;
    }
    let flags = u8::from_str_radix(flags, 16).ok()?;
    Some((trace.to_owned(), parent.to_owned(), if flags & 1 == 1 { Sampled::Yes } else { Sampled::No }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "b7ad6b7169203331";

    fn of(header: &str) -> Option<Context> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", header.parse().expect("a header"));
        Context::of(&headers)
    }

    #[test]
    fn a_request_belongs_to_the_trace_that_its_caller_names() {
        let context = of(&format!("00-{TRACE}-{PARENT}-01")).expect("it is sampled");
        assert_eq!((&*context.trace, context.parent.as_deref()), (TRACE, Some(PARENT)));
        assert_ne!(context.span, PARENT);
        assert!(of(&format!("cc-{TRACE}-{PARENT}-01-what-comes-later")).expect("sampled").parent.is_some());
    }

    #[test]
    fn who_is_not_sampled_is_not_traced_and_who_makes_no_sense_begins_anew() {
        assert_eq!(of(&format!("00-{TRACE}-{PARENT}-00")), None);
        let zeros = "0".repeat(32);
        for header in [
            "nonsense".to_owned(),
            format!("00-{zeros}-{PARENT}-01"),
            format!("ff-{TRACE}-{PARENT}-01"),
            format!("00-{TRACE}-{PARENT}-01-more"),
            format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
        ] {
            let context = of(&header).expect("a trace of its own");
            assert!(context.parent.is_none() && context.trace != TRACE && context.trace.len() == 32, "{header}");
        }
    }
}
