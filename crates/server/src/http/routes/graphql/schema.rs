//! The fields: each is a REST route of presences, with the same scope, the same rules for what is sent, the same
//! operation. Source: http-api, section G.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, EmptySubscription, Error, Object};
use herenow_core::{Source, query::DEFAULT_LIMIT};

use super::{
    arguments::{Arguments, limit},
    models::{Json, Nothing, Presence, PresenceList},
};
use crate::{
    auth::{Scope, scope},
    config::RateLimits,
    failure::Failure,
    http::{
        call::{Asker, Call},
        error,
        routes::presences,
    },
};

/// Levels of fields that hold others, below the first. Source: http-api, section G.
const MAX_DEPTH: usize = 3;
/// What a document may cost: each field one, a list as often as its limit says. Source: http-api, section G.
const MAX_COMPLEXITY: usize = 250;
/// The bounds where nothing is counted: enough for tools that read the whole schema, and for the longest list.
const UNLIMITED: (usize, usize) = (24, 100_000);

/// All types and fields.
pub(super) type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Makes the schema.
pub(super) fn build(rate_limits: RateLimits) -> Schema {
    let (depth, complexity) = match rate_limits {
        // The library counts the first level, and fields that hold no others.
        RateLimits::On => (MAX_DEPTH + 2, MAX_COMPLEXITY),
        RateLimits::Off => UNLIMITED,
    };
    Schema::build(Query, Mutation, EmptySubscription).limit_depth(depth).limit_complexity(complexity).finish()
}

/// Whether documents may change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutating {
    /// They may.
    Allowed,
    /// They may only read.
    Refused,
}

/// Who runs documents, and what came of it that the answer as a whole must say.
pub(super) struct Asking {
    asker: Asker,
    mutating: Mutating,
    deleted: AtomicBool,
}

impl Asking {
    /// Who calls.
    ///
    /// # Errors
    /// What is wrong with the request as a whole: its project, its origin, its credentials.
    pub(super) async fn of(call: &Call, mutating: Mutating) -> Result<Self, Failure> {
        Ok(Self { asker: call.asker().await?, mutating, deleted: AtomicBool::new(false) })
    }

    /// Whether mutations are refused.
    pub(super) fn refuses_mutations(&self) -> bool {
        self.mutating == Mutating::Refused
    }

    /// Whether a field has ended a record.
    pub(super) fn has_deleted(&self) -> bool {
        self.deleted.load(Ordering::Relaxed)
    }

    fn with(&self, scope: Scope) -> Result<&Asker, Failure> {
        self.asker.check(&[scope])?;
        Ok(&self.asker)
    }
}

/// What a field gives: null beside an error of its own, so that others still run.
type Answer<T> = Option<Result<T, Error>>;

fn answer<T>(result: Result<T, Failure>) -> Answer<T> {
    Some(result.map_err(|failure| {
        // The request as a whole succeeds: nobody else logs what went wrong in it.
        if let Some(cause) = &failure.cause {
            tracing::error!(kind = failure.kind.as_str(), "a field failed: {cause:#}");
        }
        Error::new(error::body(&failure).message)
    }))
}

fn asking<'a>(ctx: &Context<'a>) -> &'a Asking {
    ctx.data_unchecked::<Arc<Asking>>()
}

/// Fields that read.
pub(super) struct Query;

#[Object(name = "Query")]
impl Query {
    #[graphql(complexity = "1 + child_complexity")]
    async fn presences_get(&self, ctx: &Context<'_>, presence_id: String) -> Answer<Presence> {
        let arguments = Arguments::default().with("presenceId", Some(presence_id));
        answer(get(asking(ctx), &arguments).await)
    }

    #[graphql(complexity = "limit(queries.as_deref()).unwrap_or(DEFAULT_LIMIT).saturating_mul(child_complexity)")]
    async fn presences_list(
        &self,
        ctx: &Context<'_>,
        queries: Option<Vec<Option<String>>>,
        total: Option<bool>,
        ttl: Option<i32>,
    ) -> Answer<PresenceList> {
        let arguments = Arguments::default().with("queries", queries).with("total", total).with("ttl", ttl);
        answer(list(asking(ctx), &arguments).await)
    }
}

async fn get(asking: &Asking, arguments: &Arguments) -> Result<Presence, Failure> {
    let asker = asking.with(scope::PRESENCES_READ)?;
    presences::get::run(asker, arguments.params()).await.map(Presence)
}

async fn list(asking: &Asking, arguments: &Arguments) -> Result<PresenceList, Failure> {
    let asker = asking.with(scope::PRESENCES_READ)?;
    Ok(PresenceList(presences::list::run(asker, arguments.params()).await?.page))
}

/// Fields that change something. One runs after the other.
pub(super) struct Mutation;

#[Object(name = "Mutation")]
impl Mutation {
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field in the schema")]
    async fn presences_upsert(
        &self,
        ctx: &Context<'_>,
        presence_id: String,
        user_id: Option<String>,
        status: String,
        permissions: Option<Vec<Option<String>>>,
        expires_at: Option<String>,
        metadata: Option<Json>,
    ) -> Answer<Presence> {
        let arguments = Arguments::default()
            .with("presenceId", Some(presence_id))
            .with("userId", user_id)
            .with("status", Some(status))
            .with("permissions", permissions)
            .with("expiresAt", expires_at)
            .with("metadata", metadata);
        answer(upsert(asking(ctx), &arguments).await)
    }

    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field in the schema")]
    async fn presences_update(
        &self,
        ctx: &Context<'_>,
        presence_id: String,
        user_id: Option<String>,
        status: Option<String>,
        expires_at: Option<String>,
        metadata: Option<Json>,
        permissions: Option<Vec<Option<String>>>,
        purge: Option<bool>,
    ) -> Answer<Presence> {
        let arguments = Arguments::default()
            .with("presenceId", Some(presence_id))
            .with("userId", user_id)
            .with("status", status)
            .with("expiresAt", expires_at)
            .with("metadata", metadata)
            .with("permissions", permissions)
            .with("purge", purge);
        answer(update(asking(ctx), &arguments).await)
    }

    async fn presences_delete(&self, ctx: &Context<'_>, presence_id: String) -> Answer<Nothing> {
        let arguments = Arguments::default().with("presenceId", Some(presence_id));
        answer(delete(asking(ctx), &arguments).await)
    }
}

async fn upsert(asking: &Asking, arguments: &Arguments) -> Result<Presence, Failure> {
    let asker = asking.with(scope::PRESENCES_WRITE)?;
    presences::upsert::run(asker, arguments.params(), Source::Graphql).await.map(Presence)
}

async fn update(asking: &Asking, arguments: &Arguments) -> Result<Presence, Failure> {
    let asker = asking.with(scope::PRESENCES_WRITE)?;
    presences::update::run(asker, arguments.params()).await.map(Presence)
}

async fn delete(asking: &Asking, arguments: &Arguments) -> Result<Nothing, Failure> {
    let asker = asking.with(scope::PRESENCES_WRITE)?;
    presences::delete::run(asker, arguments.params()).await?;
    asking.deleted.store(true, Ordering::Relaxed);
    Ok(Nothing::default())
}
