//! By what things are counted.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;

macro_rules! labels {
    ($($(#[$doc:meta])* $set:ident { $($label:ident: $kind:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $set {
            $(pub(super) $label: $kind,)*
        }
    )*};
}

labels! {
    /// A request.
    RequestLabels { method: &'static str, route: Arc<str>, status: u16 }
    /// A route.
    RouteLabels { route: Arc<str> }
    /// A refused socket, or the end of one.
    ReasonLabels { reason: &'static str }
    /// The type of an error.
    TypeLabels { r#type: &'static str }
    /// The setting of a rate limit.
    LimitLabels { limit: &'static str }
    /// A question to a cache.
    CacheLabels { cache: &'static str, result: &'static str }
    /// How something ended.
    ResultLabels { result: &'static str }
    /// A queue.
    QueueLabels { queue: &'static str }
    /// The name of tasks.
    TaskLabels { task: &'static str }
    /// A version.
    VersionLabels { version: &'static str }
}
