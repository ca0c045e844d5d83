//! For random users, roles, permissions, subscriptions and commands: everybody hears exactly what they should.

use proptest::prelude::*;
use serde_json::Value;

use super::{
    steps::steps,
    world::{Appetite, Listener, World},
};
use crate::{hub::HubCounts, outbox::Scratch};

/// Whether all of `some` stand in `all`, in this order.
fn is_subsequence(some: &[Value], all: &[Value]) -> bool {
    let mut all = all.iter();
    some.iter().all(|one| all.any(|other| other == one))
}

fn everybody_leaves(mut world: World) {
    for listener in 0..4 {
        world.leave(listener);
    }
    world.flush();
    let counts = world.hub.counts();
    let (events, deliveries) = (counts.events, counts.deliveries);
    assert_eq!(counts, HubCounts { events, deliveries, ..HubCounts::default() });
    assert!(world.hub.is_blank(), "an index of nobody is left behind");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_client_that_keeps_up_gets_exactly_the_frames_that_a_naive_matcher_names(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step, Appetite::Everything);
            world.flush();
            for listener in world.listeners.values() {
                assert_eq!(listener.client.json(), listener.expected, "as {:?} after {step:?}", listener.viewer);
            }
            world.check_views();
        }
        let told: usize = world.listeners.values().map(Listener::events).sum();
        prop_assert_eq!(world.hub.counts().deliveries, (told + world.told_to_the_gone) as u64);
        everybody_leaves(world);
    }

    #[test]
    fn a_client_that_falls_behind_ends_up_with_the_same_list(
        steps in steps(),
        rooms in prop::collection::vec((0..4_u64, 0..4_000_usize), 60),
    ) {
        let mut world = World::new();
        for (step, (listener, room)) in steps.iter().zip(rooms) {
            world.step(step, Appetite::Nothing);
            world.flush();
            if let Some(listener) = world.listeners.get(&listener) {
                listener.client.set_room(room);
                listener.outbox.flush(&mut Scratch::new());
            }
        }
        for listener in world.listeners.values() {
            listener.client.set_room(usize::MAX);
            listener.outbox.flush(&mut Scratch::new());
            let received = listener.client.json();
            prop_assert!(is_subsequence(&received, &listener.expected), "nothing else, and in order");
            let dropped = listener.expected.len() - received.len();
            prop_assert_eq!(dropped as u64, listener.outbox.conflated());
        }
        world.check_views();
        everybody_leaves(world);
    }
}
