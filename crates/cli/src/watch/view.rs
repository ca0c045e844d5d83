//! How the model looks on a screen. Draws only the rows that are seen; decides nothing.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Modifier, Style},
    text::Line,
    widgets::{Cell, Clear, Paragraph, Row, Table},
};

use super::model::{Column, Direction, Model};

const HELP: [&str; 7] = [
    "type        show only rows with this in user, status or id",
    "backspace   take a letter off; esc clears",
    "tab         sort by the next column",
    "shift+tab   turn the order round",
    "arrows, page up and down, home, end   move",
    "f1          this help",
    "ctrl+c      quit",
];

/// What is shown beside the model.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// The first row that is seen.
    pub(super) first: usize,
    /// The project and the server.
    pub(super) what: String,
    /// How the connection is.
    pub(super) connection: String,
    /// Whether the help lies over it.
    pub(super) help: Help,
}

/// Whether the help is shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    #[default]
    Hidden,
    Shown,
}

/// Draws; answers with how many rows there was room for.
pub(super) fn draw(frame: &mut Frame<'_>, model: &mut Model, look: &mut Look, now_ms: i64) -> usize {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)]).areas(frame.area());
    let shown = model.settle();
    let room = usize::from(body.height.saturating_sub(1));
    look.first = look.first.min(shown.saturating_sub(room));
    let pace = model.pace(now_ms);
    let left_out = if model.left_out > 0 { format!(", {} more not kept", model.left_out) } else { String::new() };
    let title = format!(
        "{}  {} here{left_out}, {shown} shown, {pace:.1} changes/s  {}",
        look.what,
        model.len(),
        look.connection
    );
    frame.render_widget(Paragraph::new(title).style(Style::new().add_modifier(Modifier::BOLD)), head);
    frame.render_widget(table(model, look.first, room, now_ms), body);
    let foot_text = match model.filter() {
        "" => "type to filter, tab to sort, F1 for help, ctrl+c to quit".to_owned(),
        filter => format!("filter: {filter}_"),
    };
    frame.render_widget(Paragraph::new(foot_text).style(Style::new().add_modifier(Modifier::DIM)), foot);
    if look.help == Help::Shown {
        help(frame, body);
    }
    room
}

fn table(model: &Model, first: usize, room: usize, now_ms: i64) -> Table<'static> {
    let (sorted_by, direction) = model.sorting();
    let heads = Column::ALL.map(|column| {
        let mark = match direction {
            _ if column != sorted_by => "",
            Direction::Up => " ^",
            Direction::Down => " v",
        };
        Cell::from(format!("{}{mark}", column.title()))
    });
    let rows = model.visible(first, room).map(|row| {
        Row::new([
            row.user.to_string(),
            row.status.to_string(),
            span(now_ms - row.since_ms),
            span(now_ms - row.changed_ms),
            span(row.expires_ms - now_ms),
            format!("{} ({})", row.id, row.source),
        ])
    });
    let rows: Vec<Row<'static>> = rows.collect();
    let widths = [
        Constraint::Fill(2),
        Constraint::Fill(2),
        Constraint::Length(10),
        Constraint::Length(10),
        Constraint::Length(10),
        Constraint::Fill(3),
    ];
    Table::new(rows, widths).header(Row::new(heads).style(Style::new().add_modifier(Modifier::REVERSED)))
}

fn help(frame: &mut Frame<'_>, over: Rect) {
    let height = u16::try_from(HELP.len()).unwrap_or(u16::MAX).min(over.height);
    let area = Rect { height, ..over };
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(HELP.map(Line::from).to_vec()), area);
}

/// A span of milliseconds as people say it, in its two largest units.
fn span(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {:02}m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};
    use serde_json::json;

    use super::*;

    fn drawn(model: &mut Model, look: &mut Look, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        let draw = |frame: &mut Frame<'_>| {
            draw(frame, model, look, 60_000);
        };
        terminal.draw(draw).expect("drawn");
        terminal.backend().to_string()
    }

    fn model(count: usize) -> Model {
        let mut model = Model::default();
        for number in 0..count {
            let at = "1970-01-01T00:00:00.000+00:00";
            let payload = json!({"$id": format!("p{number:03}"), "userId": "ada", "status": "online", "source": "rest",
                "$createdAt": at, "$updatedAt": at, "expiresAt": "1970-01-01T02:00:00.000+00:00"});
            model.apply(&json!({"events": ["presences.*.upsert"], "payload": payload}), 55_000);
        }
        model.sort_by(Column::Id);
        model
    }

    #[test]
    fn a_row_says_who_how_since_when_and_until_when() {
        let text = drawn(&mut model(1), &mut Look { what: "demo".into(), ..Look::default() }, 100, 5);
        for part in ["demo  1 here, 1 shown, 0.1 changes/s", "ID ^", "ada", "online", "1m 00s", "1h 59m", "p000 (rest)"]
        {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn only_what_is_seen_is_drawn_and_the_end_is_the_end() {
        let (mut model, mut look) = (model(100), Look { first: 1_000, ..Look::default() });
        let text = drawn(&mut model, &mut look, 80, 10);
        assert_eq!(look.first, 93);
        assert!(text.contains("p093") && text.contains("p099") && !text.contains("p092"), "{text}");
    }

    #[test]
    fn a_tiny_screen_and_the_help_do_no_harm() {
        let mut look = Look { help: Help::Shown, ..Look::default() };
        for (width, height) in [(1, 1), (3, 2), (80, 4), (80, 24)] {
            drawn(&mut model(3), &mut look, width, height);
        }
        assert!(drawn(&mut model(3), &mut look, 80, 24).contains("ctrl+c      quit"));
    }
}
