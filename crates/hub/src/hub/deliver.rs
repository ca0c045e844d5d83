//! From an entry to the outboxes of those who hear it.

use std::{collections::VecDeque, sync::Arc};

use herenow_core::{
    Action, Presence, ProjectId, Timestamp, Viewer,
    order::{Mark, Notice, Sight},
    tracker::Change,
};
use herenow_wire::realtime::{EventFrame, EventKind, PresenceAction, SubscribeRow, subscribe_response};
use smallvec::SmallVec;

use super::{Connection, State, Wish, turn::Reached};
use crate::{
    Position,
    channel::{EventChannels, SNAPSHOT},
    index::{Audience, Index, Seat},
    matching::{News, listeners, notice_listeners},
    outbox::{Pushed, SharedEvent},
    page::{Completes, Page, PageItem},
    subscription::Subscription,
};

/// One moment in a project's order.
#[derive(Clone)]
struct Moment {
    at: Timestamp,
    epoch: Arc<str>,
    seq: u64,
}

impl Moment {
    fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), seq: self.seq }
    }
}

/// Which of those who hear an event it concerns.
enum Concerned<'a> {
    All,
    /// Who cannot read this one.
    Blind(&'a Presence),
}

impl Concerned<'_> {
    fn has(&self, viewer: &Viewer) -> bool {
        match self {
            Self::All => true,
            Self::Blind(presence) => !presence.allows(Action::Read, viewer),
        }
    }
}

impl State {
    /// Tells everybody whom `change` concerns, and notes that it has; where nobody listens there is nothing to do.
    pub(super) fn change(&mut self, project: &ProjectId, epoch: &Arc<str>, change: &Change) {
        if let Some(news) = News::of(change) {
            let moment = Moment { at: change.at, epoch: epoch.clone(), seq: change.seq };
            if let Some((after, action)) = news.shown {
                self.announce(project, after, action, &moment, &Concerned::All);
            }
            if let Some(before) = news.gone.filter(|_| news.may_be_lost()) {
                let concerned = news.shown.map_or(Concerned::All, |(after, _)| Concerned::Blind(after));
                self.announce(project, before, PresenceAction::Delete, &moment, &concerned);
            }
        }
        self.has_told(project, epoch, change.seq);
    }

    /// Tells those who hear and may read `presence`, and whom it concerns.
    fn announce(
        &mut self,
        project: &ProjectId,
        presence: &Arc<Presence>,
        action: PresenceAction,
        moment: &Moment,
        concerned: &Concerned<'_>,
    ) {
        let event = || {
            let frame = EventFrame::presence(presence, action, moment.at, &moment.epoch, moment.seq, EventKind::Change);
            SharedEvent::new((presence.id.clone(), presence.creation), frame).completing(moment.position())
        };
        self.tell(project, concerned, |index, look| listeners(index, presence, action, look), event);
    }

    /// Tells everybody who hears and may hear `notice`.
    pub(super) fn notice(&mut self, project: &ProjectId, at: Timestamp, notice: &Notice) {
        let event = || SharedEvent::lasting(EventFrame::notice(notice, at));
        self.tell(project, &Concerned::All, |index, look| notice_listeners(index, notice, look), event);
    }

    fn tell(
        &mut self,
        project: &ProjectId,
        concerned: &Concerned<'_>,
        audience: impl FnOnce(&Index, u64) -> Audience<'_>,
        event: impl FnOnce() -> SharedEvent,
    ) {
        let Some(index) = self.projects.get(project) else { return };
        self.look += 1;
        let audience = audience(index, self.look);
        if audience.is_empty() {
            return;
        }
        let all = matches!(concerned, Concerned::All);
        if all && self.turn.is_for(&audience) {
            drop(audience);
            return self.join(event());
        }
        let (sets, seats) = (all.then(|| audience.ids().collect()), audience.seats().collect::<Vec<_>>());
        drop(audience);
        let receivers = self.reached(&seats, concerned);
        if !receivers.is_empty() {
            self.begin(project, event(), sets, receivers);
        }
    }

    /// Those of `seats` whom it concerns, each connection once.
    fn reached(&mut self, seats: &[Seat], concerned: &Concerned<'_>) -> Vec<Reached> {
        self.look += 1;
        let mut reached: Vec<Reached> = Vec::with_capacity(seats.len());
        for seat in seats {
            let Some(connection) = self.connections.get_mut(seat.connection as usize) else { continue };
            if !concerned.has(&connection.viewer) {
                continue;
            }
            if connection.last_look != self.look {
                connection.last_look = self.look;
                connection.place = u32::try_from(reached.len()).expect("fewer receivers than connections");
                reached.push(Reached { connection: seat.connection, numbers: SmallVec::new() });
            }
            let numbers = &mut reached[connection.place as usize].numbers;
            if let Err(place) = numbers.binary_search(&seat.subscription) {
                numbers.insert(place, seat.subscription);
            }
        }
        reached
    }

    /// Does what was wished for when this mark comes by.
    pub(super) fn mark(&mut self, epoch: &Arc<str>, mark: &Mark) {
        self.settle();
        let Some((id, wish)) = self.wishes.remove(&mark.ticket) else { return };
        let Some(&key) = self.keys.get(&id) else { return };
        let moment = Moment { at: mark.at, epoch: epoch.clone(), seq: mark.seq };
        match wish {
            Wish::Subscribe { rows, reply } => self.subscribe(key, &rows, reply, &mark.sight, &moment),
            Wish::Become { viewer, reply } => {
                self.become_viewer(key, viewer);
                if let Some(reply) = reply {
                    self.push(key, |connection| connection.outbox.push_text(reply));
                }
                if let Sight::Shift { came, went } = &mark.sight {
                    self.shift(key, came, went, &moment);
                }
            }
        }
    }

    fn subscribe(&mut self, key: usize, rows: &[SubscribeRow], reply: Option<String>, sight: &Sight, moment: &Moment) {
        let numbers: Vec<u32> = rows.iter().map(|row| self.add_subscription(key, row)).collect();
        self.push(key, |connection| {
            let of_id = |row: &SubscribeRow| connection.by_id(row.id.as_deref().unwrap_or_default());
            let answer = || rows.iter().filter_map(of_id).map(Subscription::answer).collect::<Vec<_>>();
            connection.outbox.push_text(reply.unwrap_or_else(|| subscribe_response(&answer())))
        });
        let sights = match sight {
            Sight::Each(sights) => &sights[..],
            _ => &[],
        };
        // One after the other goes through the same numbers: only in the last is a number the end of what came before.
        let last = sights.iter().rposition(|sight| !matches!(sight, Sight::Nothing));
        for (index, (number, sight)) in numbers.into_iter().zip(sights).enumerate() {
            let completes = if last == Some(index) { Completes::TheMoment } else { Completes::Nothing };
            match sight {
                Sight::All(presences) => self.snapshot(key, number, presences, moment, completes),
                Sight::Missed(changes) => self.replay(key, number, changes, moment, completes),
                Sight::Nothing | Sight::Shift { .. } | Sight::Each(_) => {}
            }
        }
        self.push(key, |connection| connection.outbox.push_position(moment.position()));
    }

    /// Sends the present state to one subscription, and its end.
    fn snapshot(
        &mut self,
        key: usize,
        number: u32,
        presences: &[Arc<Presence>],
        moment: &Moment,
        completes: Completes,
    ) {
        self.look += 1;
        let Some(subscription) = self.connections[key].subscription(number) else { return };
        let mut items = VecDeque::with_capacity(presences.len());
        for presence in presences {
            // Presences differ, so the memory of the last answer must not serve the next.
            self.look += 1;
            // Without the channel of snapshots it stands for what was missed: of other presences nothing was.
            if hears(subscription, presence, PresenceAction::Upsert) && subscription.wants(&**presence, self.look) {
                let reach = subscription.reach.clone();
                items.push_back(PageItem { presence: presence.clone(), action: PresenceAction::Upsert, reach });
            }
        }
        let (total, ends) = (items.len(), Some(subscription.id.clone()));
        let Moment { at, epoch, seq } = moment.clone();
        self.push_page(key, Page { items, kind: EventKind::Snapshot, at, epoch, seq, total, ends, completes });
    }

    /// Sends the changes that one subscription missed, as they would have been sent.
    fn replay(&mut self, key: usize, number: u32, changes: &[Arc<Change>], moment: &Moment, completes: Completes) {
        for change in changes.iter().filter(|change| change.seq <= moment.seq) {
            let Some(news) = News::of(change) else { continue };
            let connection = &self.connections[key];
            let Some(subscription) = connection.subscription(number) else { return };
            let reads = |presence: &Presence| presence.allows(Action::Read, &connection.viewer);
            let heard = match (news.shown, news.gone) {
                (Some((after, action)), _) if reads(after) => Some((after, action)),
                (_, Some(before)) if reads(before) => Some((before, PresenceAction::Delete)),
                _ => None,
            };
            let Some((presence, action)) = heard else { continue };
            self.look += 1;
            if !hears(subscription, presence, action) || !subscription.wants(&**presence, self.look) {
                continue;
            }
            let frame = EventFrame::presence(presence, action, change.at, &moment.epoch, change.seq, EventKind::Change);
            let event = SharedEvent::new((presence.id.clone(), presence.creation), frame);
            let event = Arc::new(match completes {
                Completes::TheMoment => event.completing(Moment { seq: change.seq, ..moment.clone() }.position()),
                Completes::Nothing => event,
            });
            let reach = subscription.reach.clone();
            self.deliveries += 1;
            self.push(key, |connection| connection.outbox.push_event(&event, reach));
        }
    }

    /// Tells a connection whose roles changed what came into its sight and what went. Source: semantics 13.
    fn shift(&mut self, key: usize, came: &[Arc<Presence>], went: &[Arc<Presence>], moment: &Moment) {
        let connection = &self.connections[key];
        let came = came.iter().map(|presence| (presence, PresenceAction::Upsert));
        let went = went.iter().map(|presence| (presence, PresenceAction::Delete));
        let mut items = VecDeque::new();
        for (presence, action) in came.chain(went) {
            let plain = |subscription: &&Subscription| {
                subscription.queries.as_ref().is_none_or(|queries| queries.is_everything())
                    && hears(subscription, presence, action)
            };
            let numbers: SmallVec<[u32; 2]> =
                connection.subscriptions.iter().filter(plain).map(|subscription| subscription.number).collect();
            if !numbers.is_empty() {
                items.push_back(PageItem { presence: presence.clone(), action, reach: connection.reach(&numbers) });
            }
        }
        if !items.is_empty() {
            let Moment { at, epoch, seq } = moment.clone();
            let completes = Completes::TheMoment;
            self.push_page(
                key,
                Page { items, kind: EventKind::Change, at, epoch, seq, total: 0, ends: None, completes },
            );
        }
    }

    fn push_page(&mut self, key: usize, page: Page) {
        self.deliveries += page.items.len() as u64;
        self.push(key, |connection| connection.outbox.push_page(page));
    }

    fn push(&mut self, key: usize, push: impl FnOnce(&Connection) -> Pushed) {
        let connection = &self.connections[key];
        if push(connection) == Pushed::First {
            self.dirty.push(connection.outbox.clone());
        }
    }
}

impl Connection {
    pub(super) fn subscription(&self, number: u32) -> Option<&Subscription> {
        let place = self.subscriptions.binary_search_by_key(&number, |subscription| subscription.number).ok()?;
        Some(&self.subscriptions[place])
    }

    fn by_id(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|subscription| &*subscription.id == id)
    }
}

/// Whether one of the subscription's channels is among the event's, or it follows a snapshot.
fn hears(subscription: &Subscription, presence: &Presence, action: PresenceAction) -> bool {
    let channels = EventChannels::new(&presence.id, action);
    subscription.channels().iter().any(|channel| channel == SNAPSHOT || channels.has(channel))
}
