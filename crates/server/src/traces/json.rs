//! Spans as OTLP's JSON: ids in hexadecimal, 64-bit numbers as texts.

use serde_json::{Value, json};

use super::Span;

/// The kind of a span that answers a caller.
const SERVER: u8 = 2;
/// The status of a span whose request failed through our fault.
const ERROR: u8 = 2;

/// The body of one export.
pub(super) fn body(spans: &[Span]) -> String {
    let resource =
        attributes([("service.name", text("herenow")), ("service.version", text(env!("CARGO_PKG_VERSION")))]);
    let spans: Vec<Value> = spans.iter().map(span).collect();
    let scope = json!({"scope": {"name": "herenow.http"}, "spans": spans});
    json!({"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [scope]}]}).to_string()
}

fn span(span: &Span) -> Value {
    let started = i128::from(span.started.millis()) * 1_000_000;
    let ended = started + i128::try_from(span.took.as_nanos()).unwrap_or(0);
    let mut value = json!({
        "traceId": span.context.trace,
        "spanId": span.context.span,
        "name": format!("{} {}", span.method, span.route),
        "kind": SERVER,
        "startTimeUnixNano": started.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": attributes([
            ("http.request.method", text(span.method.as_str())),
            ("http.route", text(&span.route)),
            ("http.response.status_code", json!({"intValue": span.status.as_u16().to_string()})),
            ("herenow.request_id", text(&span.request_id)),
        ]),
        "status": if span.status.is_server_error() { json!({"code": ERROR}) } else { json!({}) },
    });
    if let Some(parent) = &span.context.parent {
        value["parentSpanId"] = json!(parent);
    }
    value
}

fn text(text: &str) -> Value {
    json!({"stringValue": text})
}

fn attributes<const N: usize>(all: [(&str, Value); N]) -> Vec<Value> {
    all.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}
