//! What a server process says, gathered by threads: they do not depend on a runtime, so that a server may be shared
//! by tests that each have one, and a chatty server never blocks on a full pipe.

use std::{
    io::{BufRead, BufReader, Read},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use parking_lot::Mutex;
use tokio::{sync::watch, time::timeout};

/// The end of the pipe follows the end of the process, unless a child of its own still holds it.
const END_DEADLINE: Duration = Duration::from_secs(2);

/// The gathered text, shared by all processes of one server.
#[derive(Debug, Clone, Default)]
pub(super) struct Output {
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

/// The last line that began as asked for, and the end of the stream: then the sender is gone.
pub(super) type Found = watch::Receiver<Option<String>>;

impl Output {
    pub(super) fn stdout(&self) -> String {
        self.stdout.lock().clone()
    }

    pub(super) fn stderr(&self) -> String {
        self.stderr.lock().clone()
    }

    /// Gathers a standard output and reports the line that begins with `prefix`.
    pub(super) fn follow_stdout(&self, pipe: impl Read + Send + 'static, prefix: &'static str) -> Result<Found> {
        follow(pipe, Arc::clone(&self.stdout), Some(prefix))
    }

    /// Gathers a standard error.
    pub(super) fn follow_stderr(&self, pipe: impl Read + Send + 'static) -> Result<Found> {
        follow(pipe, Arc::clone(&self.stderr), None)
    }
}

/// Waits until the stream has been read to its end, so that the text is whole.
pub(super) async fn ended(found: &mut Found) {
    let end = async { while found.changed().await.is_ok() {} };
    // Where somebody still holds the pipe, what has come so far must do.
    let _ = timeout(END_DEADLINE, end).await;
}

fn follow(pipe: impl Read + Send + 'static, text: Arc<Mutex<String>>, prefix: Option<&'static str>) -> Result<Found> {
    let (report, found) = watch::channel(None);
    let read = move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let line = String::from_utf8_lossy(&bytes);
            text.lock().push_str(&line);
            if prefix.is_some_and(|prefix| line.starts_with(prefix)) {
                report.send_replace(Some(line.trim_end().to_owned()));
            }
            bytes.clear();
        }
    };
    thread::Builder::new().name("herenow-output".to_owned()).spawn(read).context("a thread for the server's output")?;
    Ok(found)
}
