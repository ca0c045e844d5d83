//! The names of events and channels.

use herenow_core::UserId;

use super::Deed;

type Part<'a> = (&'static str, &'a str);

/// What something happened to: a thing, or a thing that belongs to another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    One(&'static str, &'a str),
    Two(Part<'a>, Part<'a>),
}

impl Subject<'_> {
    /// All names of the event.
    pub(super) fn events(self, deed: Deed) -> Vec<String> {
        let (verb, attribute) = (deed.verb(), deed.attribute());
        let precise = attribute.map(|attribute| format!(".{verb}.{attribute}"));
        let plain = format!(".{verb}");
        let mut events = Vec::new();
        match self {
            Self::One(..) => {
                // Here the plain verb comes first, as in the original.
                let suffixes = [Some(plain.as_str()), precise.as_deref(), Some("")];
                suffixes.into_iter().flatten().for_each(|suffix| self.put(suffix, &mut events));
            }
            Self::Two((parent, id), _) => {
                let suffixes = [precise.as_deref(), Some(plain.as_str()), Some("")];
                suffixes.into_iter().flatten().for_each(|suffix| self.put(suffix, &mut events));
                let parent = Subject::One(parent, id);
                let suffixes = [precise.as_deref(), Some("")];
                suffixes.into_iter().flatten().for_each(|suffix| parent.put(suffix, &mut events));
            }
        }
        events
    }

    /// The names with and without ids, with this behind them.
    fn put(self, suffix: &str, events: &mut Vec<String>) {
        match self {
            Self::One(kind, id) => {
                events.extend([id, "*"].map(|id| format!("{kind}.{id}{suffix}")));
            }
            Self::Two((parent, of), (kind, id)) => {
                let pairs = [(of, id), ("*", "*"), (of, "*"), ("*", id)];
                events.extend(pairs.map(|(of, id)| format!("{parent}.{of}.{kind}.{id}{suffix}")));
            }
        }
    }
}

/// The channels of a thing of this kind.
pub(super) fn channels(kind: &str, id: &str, deed: Deed) -> Vec<String> {
    let verb = deed.verb();
    vec![kind.to_owned(), format!("{kind}.{id}"), format!("{kind}.{verb}"), format!("{kind}.{id}.{verb}")]
}

/// The channels of a user's account; what belongs to the account has no channels of its own.
pub(super) fn account_channels(user: &UserId, deed: Option<Deed>) -> Vec<String> {
    match deed {
        Some(deed) => channels("account", user.as_str(), deed),
        None => vec!["account".to_owned(), format!("account.{user}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Subject<'static> = Subject::One("users", "U");
    const SESSION: Subject<'static> = Subject::Two(("users", "U"), ("sessions", "S"));
    const MEMBERSHIP: Subject<'static> = Subject::Two(("teams", "T"), ("memberships", "M"));

    #[test]
    fn a_thing_is_named_with_and_without_its_id() {
        assert_eq!(
            Subject::One("teams", "T").events(Deed::Create),
            ["teams.T.create", "teams.*.create", "teams.T", "teams.*"]
        );
        assert_eq!(
            USER.events(Deed::Update(Some("name"))),
            ["users.U.update", "users.*.update", "users.U.update.name", "users.*.update.name", "users.U", "users.*"]
        );
    }

    #[test]
    fn what_belongs_to_another_is_named_in_every_combination_and_then_the_other() {
        let events = SESSION.events(Deed::Create);
        assert_eq!(events[0], "users.U.sessions.S.create");
        let mut expected: Vec<String> = ["U", "*"]
            .iter()
            .flat_map(|user| ["S", "*"].map(|session| format!("users.{user}.sessions.{session}")))
            .flat_map(|name| [format!("{name}.create"), name])
            .chain(["users.U".to_owned(), "users.*".to_owned()])
            .collect();
        assert_eq!(events[8..], ["users.U", "users.*"]);
        let mut sorted = events;
        sorted.sort();
        expected.sort();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn a_part_of_a_change_is_named_before_the_whole() {
        let events = MEMBERSHIP.events(Deed::Update(Some("status")));
        assert_eq!(events[0], "teams.T.memberships.M.update.status");
        assert_eq!(events[4], "teams.T.memberships.M.update");
        assert_eq!(events[8], "teams.T.memberships.M");
        assert_eq!(events[12..], ["teams.T.update.status", "teams.*.update.status", "teams.T", "teams.*"]);
    }

    #[test]
    fn channels_name_the_kind_the_id_and_the_verb() {
        let user = UserId::parse("U").expect("an id");
        let deed = Deed::Update(Some("name"));
        assert_eq!(account_channels(&user, Some(deed)), ["account", "account.U", "account.update", "account.U.update"]);
        assert_eq!(account_channels(&user, None), ["account", "account.U"]);
    }
}
