//! The terminal: keys in, the picture out, and everything as it was before at whatever end.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
};
use tokio::sync::mpsc::{Receiver, error::TryRecvError};

use super::{
    feed::Update,
    model::{Column, Model, cell},
    view::{Help, Look, draw},
};

/// So often the picture is drawn at most; keys are heard in between.
const FRAME: Duration = Duration::from_millis(200);
/// At most so many updates are taken between two pictures.
const MAX_TURN: usize = 20_000;
/// Longest filter, in characters.
const MAX_FILTER_CHARS: usize = 64;

#[derive(Debug, PartialEq, Eq)]
enum Next {
    GoesOn,
    Quit,
}

/// Shows who is here until told to stop.
pub(super) fn run(updates: Receiver<Update>, what: &str) -> Result<()> {
    // It also restores the terminal where something panics.
    let mut terminal = ratatui::try_init().context("cannot use the terminal; --plain needs none")?;
    let outcome = watch(&mut terminal, updates, what);
    ratatui::restore();
    outcome
}

fn watch(terminal: &mut DefaultTerminal, mut updates: Receiver<Update>, what: &str) -> Result<()> {
    let mut model = Model::default();
    let connection = "connecting".to_owned();
    let mut look = Look { what: what.to_owned(), connection, ..Look::default() };
    loop {
        for _ in 0..MAX_TURN {
            match updates.try_recv() {
                Ok(Update::Connected) => {
                    model.begin();
                    look.connection = "live".to_owned();
                }
                Ok(Update::Event(event)) => model.apply(&event, now_ms()),
                Ok(Update::Lost(reason, pause)) => {
                    look.connection = format!("LOST ({}), again in {} s", cell(&reason), pause.as_secs());
                }
                Ok(Update::Refused(text)) => bail!("{}", cell(&text)),
                Ok(Update::Stop) | Err(TryRecvError::Disconnected) => return Ok(()),
                Err(TryRecvError::Empty) => break,
            }
        }
        let mut room = 0;
        terminal.draw(|frame| room = draw(frame, &mut model, &mut look, now_ms())).context("cannot draw")?;
        if event::poll(FRAME).context("cannot read keys")? {
            // What was typed meanwhile is taken before the next picture.
            while event::poll(Duration::ZERO).context("cannot read keys")? {
                if let Event::Key(key) = event::read().context("cannot read keys")?
                    && key.kind != KeyEventKind::Release
                    && press(key, &mut model, &mut look, room) == Next::Quit
                {
                    return Ok(());
                }
            }
        }
    }
}

fn press(key: KeyEvent, model: &mut Model, look: &mut Look, room: usize) -> Next {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let mut filter = model.filter().to_owned();
    match key.code {
        KeyCode::Char('c' | 'd' | 'q') if control => return Next::Quit,
        // While nothing is typed yet these are what they are everywhere.
        KeyCode::Char('q') if filter.is_empty() => return Next::Quit,
        KeyCode::Char('?') | KeyCode::F(1) => {
            look.help = if look.help == Help::Shown { Help::Hidden } else { Help::Shown };
        }
        KeyCode::Esc if look.help == Help::Shown => look.help = Help::Hidden,
        KeyCode::Esc => model.set_filter(String::new()),
        KeyCode::Backspace => {
            filter.pop();
            model.set_filter(filter);
        }
        KeyCode::Char(letter) if !control && filter.chars().count() < MAX_FILTER_CHARS => {
            filter.push(letter);
            model.set_filter(filter);
        }
        KeyCode::Tab => {
            let place = Column::ALL.iter().position(|column| *column == model.sorting().0).unwrap_or_default();
            model.sort_by(Column::ALL[(place + 1) % Column::ALL.len()]);
        }
        KeyCode::BackTab => model.sort_by(model.sorting().0),
        KeyCode::Up => look.first = look.first.saturating_sub(1),
        KeyCode::Down => look.first = look.first.saturating_add(1),
        KeyCode::PageUp => look.first = look.first.saturating_sub(room),
        KeyCode::PageDown => look.first = look.first.saturating_add(room),
        KeyCode::Home => look.first = 0,
        KeyCode::End => look.first = usize::MAX,
        _ => {}
    }
    Next::GoesOn
}

/// The one place that asks for the time.
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(keys: &[KeyCode]) -> (Model, Look, Next) {
        let (mut model, mut look, mut next) = (Model::default(), Look::default(), Next::GoesOn);
        for key in keys {
            next = press(KeyEvent::new(*key, KeyModifiers::NONE), &mut model, &mut look, 10);
        }
        (model, look, next)
    }

    #[test]
    fn letters_filter_and_q_quits_only_where_it_is_no_letter_of_a_filter() {
        let (model, _, next) =
            pressed(&[KeyCode::Char('a'), KeyCode::Char('q'), KeyCode::Char('x'), KeyCode::Backspace]);
        assert_eq!((model.filter(), next), ("aq", Next::GoesOn));
        assert_eq!(pressed(&[KeyCode::Char('q')]).2, Next::Quit);
        let quit = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(press(quit, &mut Model::default(), &mut Look::default(), 1), Next::Quit);
        assert_eq!(pressed(&[KeyCode::Char('a'), KeyCode::Esc]).0.filter(), "");
    }

    #[test]
    fn tab_goes_through_the_columns_and_back_to_the_first() {
        let tabs = [KeyCode::Tab; Column::ALL.len()];
        assert_eq!(pressed(&tabs).0.sorting().0, Column::Changed);
        assert_eq!(pressed(&tabs[..1]).0.sorting().0, Column::Expires);
    }

    #[test]
    fn the_help_comes_and_goes() {
        assert_eq!(pressed(&[KeyCode::F(1)]).1.help, Help::Shown);
        assert_eq!(pressed(&[KeyCode::F(1), KeyCode::Esc]).1.help, Help::Hidden);
    }
}
