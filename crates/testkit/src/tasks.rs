//! Background tasks of the testkit: each ends when its handle is dropped, so that none outlives its test.

use std::future::Future;

use tokio::task::JoinHandle;

/// A running task; dropping it ends the task.
#[derive(Debug)]
pub struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs `work` beside the test until it is done or the handle is dropped.
#[must_use = "dropping the handle ends the task"]
#[expect(
    clippy::disallowed_methods,
    reason = "the server's task registry lives in another process; this is the one place"
)]
pub fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Task {
    Task(tokio::spawn(work))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_dropped_handle_ends_its_task() {
        let (held, ended) = oneshot::channel::<()>();
        let task = spawn(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        drop(task);
        ended.await.expect_err("the task's future is dropped, with what it held");
    }
}
