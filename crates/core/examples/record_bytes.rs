//! What a live presence costs: makes records as clients would and reads this process's resident memory around it.
//!
//! `cargo run --release -p herenow-core --example record_bytes [RECORDS]`

use std::time::Duration;

use herenow_core::{
    ConnectionId, Metadata, Permissions, PresenceId, SessionId, Source, Timestamp, UserId,
    tracker::{Command, Decision, HolderKey, Tracker, Upsert},
};

/// The allocator of the server's binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const STATUSES: [&str; 4] = ["online", "away", "busy", "typing"];

fn main() {
    let records = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of records"));
    for (name, permissions, sockets) in [
        ("read(\"users\")", true, false),
        ("the default permissions", false, false),
        ("read(\"users\"), each held by a socket,", true, true),
    ] {
        let before = resident_bytes();
        let tracker = filled(records, sockets, || permissions.then(shared));
        let bytes = resident_bytes().saturating_sub(before);
        println!("{records} records with {name}: {} bytes each", bytes / tracker.len());
        std::hint::black_box(&tracker);
        // Kept: what was given back to the allocator would be counted for the next.
        std::mem::forget(tracker);
    }
}

fn shared() -> Permissions {
    Permissions::parse(["read(\"users\")"]).expect("permissions")
}

/// Everybody writes once, with metadata of 100 bytes.
fn filled(records: usize, sockets: bool, permissions: impl Fn() -> Option<Permissions>) -> Tracker {
    let mut tracker = Tracker::new(0);
    let start = Timestamp::from_millis(1_785_578_400_000);
    let metadata = Metadata::parse(&format!("{{\"a\":\"{}\"}}", "x".repeat(92))).expect("an object");
    for number in 0..records {
        let now = start.plus(Duration::from_millis(number as u64 / 10));
        let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let upsert = Upsert {
            id: PresenceId::generate(now, mixed),
            user: UserId::parse(&format!("{number:020x}")).expect("an id"),
            holder: if sockets { HolderKey::Socket(ConnectionId(number as u64)) } else { HolderKey::Rest },
            session: sockets.then(|| SessionId::generate(now, mixed >> 7)),
            status: STATUSES[number % STATUSES.len()].into(),
            metadata: Some(Metadata::parse(metadata.as_str()).expect("an object")),
            permissions: permissions(),
            expires_at: None,
            default_expiry: Duration::from_secs(900),
            source: Source::Rest,
        };
        if let Ok(Decision::Change(change)) = tracker.decide(&Command::Upsert(upsert), now) {
            tracker.fold(&change);
        }
    }
    tracker
}

fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it says its size");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok()).expect("a number");
    kib * 1024
}
