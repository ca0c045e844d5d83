//! Waiting for what cannot announce itself. The one place in the tests that polls.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{sleep, timeout};

/// Between two looks. Short, so that a fast condition costs little; a look must be cheap.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Looks at `condition` until it holds; an error that names `what` after `within`.
///
/// # Errors
/// When the condition does not hold in time.
pub async fn await_until(what: &str, within: Duration, mut condition: impl AsyncFnMut() -> bool) -> Result<()> {
    let looking = async {
        while !condition().await {
            sleep(POLL_INTERVAL).await;
        }
    };
    if timeout(within, looking).await.is_err() {
        bail!("waited {within:?} in vain: {what}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_comes_true_ends_the_wait() {
        let mut looks = 0;
        await_until("three looks", Duration::from_secs(5), async || {
            looks += 1;
            looks == 3
        })
        .await
        .expect("it holds at the third look");
        assert_eq!(looks, 3);
    }

    #[tokio::test]
    async fn a_condition_that_never_holds_is_named_in_the_error() {
        let error = await_until("the moon", Duration::from_millis(20), async || false).await.expect_err("never");
        assert!(error.to_string().contains("the moon"), "{error}");
    }
}
