//! From the close frame of a signed-in client to the `delete` at a watcher.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::Scenario;
use crate::clock::Clock;
use crate::crowd::{Handshake, latencies, subscribe_row};
use crate::frames::client_text;
use crate::http::HttpClient;
use crate::population::{create_user, sign_in};
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit};
use crate::stage::{Stage, StageArgs};
use crate::target::Target;

/// A masked close frame with code 1000.
const CLOSE: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];

/// `herenow bench close`
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Sockets that come, write a presence and close, one after the other
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    closes: u64,
    #[command(flatten)]
    stage: StageArgs,
}

impl Scenario for CloseArgs {
    const NAME: &'static str = "close";

    fn stage(&self) -> &StageArgs {
        &self.stage
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        let (process, clock) = (stage.start(Target::Server)?, Clock::start());
        let (address, project) = (process.address, &stage.credentials.project);
        let mut client = HttpClient::open(address)?;
        client.send(&create_user(&stage.credentials, 0))?;
        let session = sign_in(&mut client, &stage.credentials, 0)?;
        let mut watcher = Handshake::open(address, 0, project)?;
        watcher.subscribe(&subscribe_row(&["presences"])?)?;
        let upsert = json!({"type": "presence", "data": {"status": "here", "permissions": ["read(\"any\")"]}});
        let upsert = client_text(&upsert.to_string());
        let mut waits_us = latencies()?;
        for number in 0..self.closes {
            progress.say(&format!("close: {number} of {}", self.closes));
            let mut socket = Handshake::open_as(address, 1, project, &session)?;
            socket.send(&upsert)?;
            await_event(&mut watcher, ".upsert\"")?;
            let closed_at = clock.now_us();
            socket.send(&CLOSE)?;
            await_event(&mut watcher, ".delete\"")?;
            waits_us.saturating_record(clock.now_us() - closed_at);
        }
        let ms = |us: u64| us as f64 / 1e3;
        let beside = format!(
            "p50 {:.2} ms, max {:.2} ms, {} closes",
            ms(waits_us.value_at_quantile(0.5)),
            ms(waits_us.max()),
            self.closes
        );
        let figure = "close frame to `delete` at a watcher, p99";
        Ok(vec![Finding::new(figure, ms(waits_us.value_at_quantile(0.99)), Unit::Milliseconds, Goal::Shown, beside)])
    }
}

fn await_event(watcher: &mut Handshake, name_end: &str) -> anyhow::Result<()> {
    let payload = watcher.next_payload()?;
    let text = String::from_utf8_lossy(&payload);
    anyhow::ensure!(text.contains(name_end), "instead of an event …{name_end} the watcher heard {text}");
    Ok(())
}
