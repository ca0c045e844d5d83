//! The benchmark: owns the load generator, the reference broadcasters and their report.
//!
//! It meets the server only through its public surface (a process, its ready line, HTTP and
//! WebSocket) and must not know any of its crates. One thread drives everything, so that the
//! generator never needs more than the one core that it is pinned to.

mod affinity;
mod broadcaster;
mod clock;
mod connect;
mod constant;
mod crowd;
mod engine;
mod frames;
mod http;
mod launch;
mod machine;
mod pace;
mod poller;
mod population;
mod prober;
mod procfs;
mod progress;
mod pump;
mod report;
mod scenario;
mod stage;
mod stamp;
mod statistics;
mod target;
mod template;
mod wall;
mod writer;

use clap::Subcommand;

/// What `herenow bench` can measure.
#[derive(Debug, Subcommand)]
pub enum BenchArgs {
    /// One writer, many subscribers who all hear every event, beside two reference broadcasters
    Fan(scenario::fan::FanArgs),
    /// Memory of connections that are subscribed and hear nothing
    Idle(scenario::idle::IdleArgs),
    /// How late what expires in one second is announced, and what requests notice of it
    Expiry(scenario::expiry::ExpiryArgs),
    /// How long a watcher waits for the `delete` of a socket that was closed
    Close(scenario::close::CloseArgs),
    /// Latency of events at a part of the joined reference's own maximum
    Latency(scenario::latency::LatencyArgs),
    /// Lists of 25 among many records against among a few, beside writes; memory of the records
    List(scenario::list::ListArgs),
    /// Cost of an event that one of many subscriptions hears, against one of a few
    Narrow(scenario::narrow::NarrowArgs),
    /// Users spread over teams, and presences that one team each may read, beside the references
    Roles(scenario::roles::RolesArgs),
    /// Subscriptions with queries: few that many share, and as many as subscriptions, beside the references
    Filters(scenario::filters::FiltersArgs),
    /// What readers that never read cost those that do
    Slow(scenario::slow::SlowArgs),
    /// Upserts over HTTP beside the same HTTP server answering a constant, and over sockets
    Writes(scenario::writes::WritesArgs),
    /// Users who are signed in, connect, subscribe and all come online at once
    Join(scenario::join::JoinArgs),
    /// Every scenario, as one table of what was measured and what must be reached
    Limits(scenario::limits::LimitsArgs),
    /// One scenario of `limits`
    #[command(hide = true)]
    Part(scenario::limits::part::PartArgs),
    /// The reference that the other scenarios start as a process of their own
    #[command(hide = true)]
    Broadcaster(broadcaster::BroadcasterArgs),
    /// The same HTTP server as the product's, answering a constant
    #[command(hide = true)]
    Constant,
    /// Becomes another program that ends with this one's parent
    #[command(hide = true)]
    Launch(launch::LaunchArgs),
}

/// Runs one benchmark to its end and prints its report on standard output.
///
/// # Errors
/// Fails where a process cannot be started, a connection is refused or a write is not answered
/// with success: figures from such a run would mean nothing.
pub fn run(args: BenchArgs) -> anyhow::Result<()> {
    match args {
        BenchArgs::Fan(args) => scenario::fan::run(&args),
        BenchArgs::Idle(args) => scenario::idle::run(&args),
        BenchArgs::Expiry(args) => scenario::run(&args),
        BenchArgs::Close(args) => scenario::run(&args),
        BenchArgs::Latency(args) => scenario::run(&args),
        BenchArgs::List(args) => scenario::run(&args),
        BenchArgs::Narrow(args) => scenario::run(&args),
        BenchArgs::Roles(args) => scenario::run(&args),
        BenchArgs::Filters(args) => scenario::run(&args),
        BenchArgs::Slow(args) => scenario::run(&args),
        BenchArgs::Writes(args) => scenario::run(&args),
        BenchArgs::Constant => constant::run(),
        BenchArgs::Join(args) => scenario::run(&args),
        BenchArgs::Limits(args) => scenario::limits::run(&args),
        BenchArgs::Part(args) => scenario::limits::part::run(&args),
        BenchArgs::Broadcaster(args) => broadcaster::run(&args),
        BenchArgs::Launch(args) => launch::run(&args),
    }
}
