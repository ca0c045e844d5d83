//! Limited routes: a handler names its rate right after it knows who calls; the pipeline adds the headers.
//!
//! Source: auth-and-permissions, sections 1 (step 13) and 10.

use std::{net::IpAddr, sync::Arc};

use axum::response::Response;
use herenow_core::Timestamp;
use herenow_wire::ErrorType;
use http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER};
use parking_lot::Mutex;

use super::call::Call;
use crate::{
    App,
    auth::Caller,
    config::RateLimits,
    failure::Failure,
    rates::{Bucket, By, Emptied, Rate, Standing, Verdict},
};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What a handler found about its rate, for the pipeline to tell.
#[derive(Clone, Default)]
pub(super) struct Noted(Arc<Mutex<Option<(Rate, Bucket, Standing)>>>);

impl Call {
    /// Counts the call toward `rate`. Keys and operators are told how the bucket stands and are not counted.
    ///
    /// # Errors
    /// 429 `general_rate_limit_exceeded`.
    pub(super) fn limit(&self, caller: &Caller, rate: Rate) -> Result<(), Failure> {
        let limit = self.app.config.limits.rates.limit(rate);
        if limit == 0 {
            return Ok(());
        }
        let (bucket, window) = (self.bucket(caller, rate), rate.rule().window);
        let counted = self.app.config.rate_limits == RateLimits::On && !caller.viewer().is_privileged();
        let counters = &self.app.rates;
        let standing = if counted {
            counters.count(bucket, limit, window, self.now)
        } else {
            Standing { verdict: Verdict::Within, ..counters.look(bucket, limit, window, self.now) }
        };
        *self.noted.0.lock() = Some((rate, bucket, standing));
        match standing.verdict {
            Verdict::Within => Ok(()),
            Verdict::Over => {
                self.app.metrics.limited(rate.rule().setting);
                Err(ErrorType::GeneralRateLimitExceeded.into())
            }
        }
    }

    /// Whose calls this one is counted with. The host that a client names has no part in it: it could name another
    /// for every guess. Parameters count as they were sent, since nothing has checked them yet.
    fn bucket(&self, caller: &Caller, rate: Rate) -> Bucket {
        let (project, address) = (caller.project.as_str(), network(self.peer.ip));
        match rate.rule().by {
            By::Address => Bucket::of(rate, &[&address]),
            By::Email => Bucket::of(rate, &[project, &self.sent("email").to_lowercase()]),
            By::AddressAndUser => Bucket::of(rate, &[project, &address, &self.sent("userId")]),
            By::Caller => Bucket::of(rate, &[project, caller.user_id().map_or("", |user| user.as_str())]),
        }
    }
}

/// Where a client is counted: an address, or the /64 that a client of IPv6 has to itself.
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("{:x?}", &ip.segments()[..4]),
    }
}

impl Noted {
    /// Adds the headers to the answer, and empties the bucket where the call succeeded.
    pub(super) fn tell(&self, app: &App, now: Timestamp, response: &mut Response) {
        let Some((rate, bucket, standing)) = self.0.lock().take() else { return };
        let status = response.status();
        if rate.rule().emptied == Emptied::OnSuccess && status == StatusCode::CREATED {
            app.rates.empty(bucket);
        }
        let headers = response.headers_mut();
        headers.insert(LIMIT, standing.limit.into());
        headers.insert(REMAINING, standing.remaining.into());
        headers.insert(RESET, standing.reset_at.into());
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = standing.reset_at - now.millis().div_euclid(1000);
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.max(1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_counted_by_what_it_has_to_itself() {
        let network = |ip: &str| network(ip.parse().expect("an address"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }
}
