//! The one-time code with which the first operator signs up from elsewhere than the server's own machine. Knows no
//! accounts: whether there is an operator is for others to say.
//!
//! Source: decisions, Security.

use parking_lot::Mutex;
use subtle::ConstantTimeEq;

use super::secret::fresh;

/// Random bytes of a code: nobody guesses them within the guesses that there are.
const BYTES: usize = 10;
/// Characters between two dashes.
const GROUP: usize = 5;
/// Wrong guesses, from all addresses together, after which the code is worth nothing until the next start.
const MAX_WRONG: u32 = 100;

/// The code, while there is one.
#[derive(Default)]
pub struct SignUpCode(Mutex<Option<Offer>>);

struct Offer {
    code: String,
    wrong: u32,
}

/// What a guess is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// It is the code.
    Right,
    /// It is not.
    Wrong,
    /// There were too many wrong ones: no guess is right until the next start.
    TooMany,
    /// There is no code: nothing was offered, or it was used.
    NoCode,
}

impl SignUpCode {
    /// Makes a code in place of the one that there may be.
    pub fn offer(&self) {
        *self.0.lock() = Some(Offer { code: fresh::<BYTES>(), wrong: 0 });
    }

    /// The code as people read it, where there is one.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        let code = self.0.lock().as_ref()?.code.clone();
        let groups: Vec<_> = code.as_bytes().chunks(GROUP).map(String::from_utf8_lossy).collect();
        Some(groups.join("-"))
    }

    /// Says what a guess is worth, and counts it where it is wrong. Dashes, spaces and case do not matter.
    pub fn check(&self, guess: &str) -> Guess {
        let mut offer = self.0.lock();
        let Some(offer) = offer.as_mut() else { return Guess::NoCode };
        if offer.wrong >= MAX_WRONG {
            return Guess::TooMany;
        }
        let plain: String = guess.chars().filter(char::is_ascii_alphanumeric).collect();
        if plain.to_ascii_lowercase().as_bytes().ct_eq(offer.code.as_bytes()).into() {
            return Guess::Right;
        }
        offer.wrong += 1;
        if offer.wrong == MAX_WRONG {
            tracing::warn!("too many wrong sign-up codes were sent: start the server again for a new one");
        }
        Guess::Wrong
    }

    /// The code is worth nothing from now on.
    pub fn withdraw(&self) {
        *self.0.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> (SignUpCode, String) {
        let code = SignUpCode::default();
        code.offer();
        let shown = code.shown().expect("a code");
        (code, shown)
    }

    #[test]
    fn the_code_counts_as_it_is_shown_and_as_people_type_it() {
        let (code, shown) = offered();
        assert_eq!((shown.len(), shown.matches('-').count()), (23, 3), "{shown}");
        for guess in [shown.clone(), shown.to_uppercase(), shown.replace('-', ""), format!(" {shown} ")] {
            assert_eq!(code.check(&guess), Guess::Right, "{guess}");
        }
        for guess in ["", "-", &shown[1..], &format!("{shown}0"), &SignUpCode::default().shown().unwrap_or_default()] {
            assert_eq!(code.check(guess), Guess::Wrong, "{guess}");
        }
    }

    #[test]
    fn no_guess_is_right_where_there_is_no_code() {
        let (code, shown) = offered();
        code.withdraw();
        assert_eq!((code.check(&shown), code.check(""), code.shown()), (Guess::NoCode, Guess::NoCode, None));
    }

    #[test]
    fn after_too_many_wrong_guesses_the_right_one_is_worth_nothing() {
        let (code, shown) = offered();
        for _ in 0..MAX_WRONG - 1 {
            assert_eq!(code.check("0"), Guess::Wrong);
        }
        assert_eq!(code.check(&shown), Guess::Right);
        assert_eq!(code.check("0"), Guess::Wrong);
        assert_eq!(code.check(&shown), Guess::TooMany);
        code.offer();
        assert_eq!(code.check(&shown), Guess::Wrong, "a new code");
    }
}
