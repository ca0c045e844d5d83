//! Spans reach a collector, in the trace that the caller names, and never hold anybody up.

use std::sync::{Arc, Mutex};

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{ServerOptions, Task, await_until, spawn};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A collector that takes everything.
struct Collector {
    address: String,
    bodies: Arc<Mutex<Vec<Value>>>,
    _task: Task,
}

impl Collector {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let taken = bodies.clone();
        let task = spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let body = take(stream).await;
                taken.lock().expect("no panic").push(body);
            }
        });
        Self { address, bodies, _task: task }
    }

    /// The span whose attribute says that it is of this request.
    fn span(&self, request_id: &str) -> Option<Value> {
        let bodies = self.bodies.lock().expect("no panic");
        let spans = bodies.iter().flat_map(|body| body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array());
        let is_of = |span: &&Value| span["attributes"].to_string().contains(&format!("\"{request_id}\""));
        spans.flatten().find(is_of).cloned()
    }
}

async fn take(mut stream: TcpStream) -> Value {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            assert!(head.starts_with("post /v1/traces http/1.1") && head.contains("application/json"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.expect("a length").parse::<usize>().expect("a number") {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.expect("it is read");
                return serde_json::from_str(body).expect("JSON");
            }
        }
        assert!(stream.read_buf(&mut bytes).await.expect("bytes") > 0, "the request is whole");
    }
}

#[tokio::test]
async fn a_request_becomes_a_span_of_its_callers_trace() {
    let collector = Collector::open().await;
    let options = ServerOptions::new().settings(&format!("otlp_endpoint = \"http://{}\"", collector.address));
    let desk = Desk::with(options).await;
    let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let traced = desk.server.guest().with_header("traceparent", &format!("00-{trace}-{parent}-01"));
    let answer = traced.get("/v1/presences/somebody").await.expect("an answer");
    let id = answer.header("x-request-id").expect("an id").to_owned();
    await_until("the span arrives", SOON, async || collector.span(&id).is_some()).await.expect("it does");
    let span = collector.span(&id).expect("it is there");
    assert_eq!((&span["traceId"], &span["parentSpanId"]), (&trace.into(), &parent.into()), "{span}");
    assert_eq!(span["name"], "GET /v1/presences/{presenceId}");
    let nanos = |key: &str| span[key].as_str().and_then(|text| text.parse::<u128>().ok()).expect("a number");
    assert!(nanos("endTimeUnixNano") >= nanos("startTimeUnixNano"), "{span}");
    assert!(span["attributes"].to_string().contains("\"401\""), "{span}");
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_counted_and_holds_nobody_up() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let options = ServerOptions::new().settings(&format!("otlp_endpoint = \"http://{gone}\""));
    let mut desk = Desk::with(options).await;
    let failed = async || {
        let text = desk.server.guest().get("/metrics").await.expect("an answer").text();
        let counted = text.lines().find_map(|line| line.strip_prefix("herenow_trace_spans_total{result=\"failed\"} "));
        counted.is_some_and(|count| count != "0")
    };
    await_until("it is counted", SOON, failed).await.expect("it is");
    assert!(desk.server.logs().contains("cannot be sent to the collector"), "{}", desk.server.logs());
    assert!(desk.server.stop().await.expect("it stops").success());
}
