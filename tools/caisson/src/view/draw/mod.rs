//! Draws the picture: header, markets, why they are restricted, safety, oracle, and what happened.

mod header;
mod markets;
mod oracle;
mod safety;
mod spark;
mod table;
mod theme;

pub use theme::Theme;

use super::{frame::Happening, screen::Picture, words::clock};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
    Frame,
};

/// From this width on markets have one row each.
const WIDE: u16 = 132;
/// From this width on the safety of markets and of compartments stand side by side.
const VERY_WIDE: u16 = 165;
/// How many rows the log gets at least, with its rule.
const LOG_AT_LEAST: usize = 3;

/// Draws the picture on all of a terminal.
pub fn draw(canvas: &mut Frame<'_>, picture: &Picture, theme: Theme) {
    let area = canvas.area();
    let lines = lines(picture, theme, area.width, usize::from(area.height));
    canvas.render_widget(Paragraph::new(lines), Rect { ..area });
}

/// All lines, at most `height`.
fn lines(picture: &Picture, theme: Theme, width: u16, height: usize) -> Vec<Line<'static>> {
    let mut top = header::lines(picture, theme);
    let Some(frame) = &picture.frame else {
        top.push(Line::raw("waiting for the first block ..."));
        return top;
    };
    let mut below = safety::lines(frame, theme, width >= VERY_WIDE);
    below.extend(oracle::lines(frame, theme, width >= WIDE));
    top.extend(markets::lines(frame, theme, width >= WIDE, width));
    // Reasons have what room the others leave: the log tells them too.
    let mut why = markets::reasons(frame, theme);
    let room = height.saturating_sub(top.len() + below.len() + LOG_AT_LEAST);
    why.truncate(room);
    top.extend(why);
    top.extend(below);
    let left = height.saturating_sub(top.len());
    top.extend(log(picture, theme, width, left));
    top.truncate(height);
    top
}

/// The log in so many rows, its rule among them.
fn log(picture: &Picture, theme: Theme, width: u16, rows: usize) -> Vec<Line<'static>> {
    const HINT: &str = " q quits ";
    let title = "── events ";
    let fill = usize::from(width).saturating_sub(title.chars().count() + HINT.len() + 2);
    let rule = format!("{title}{}{HINT}──", "─".repeat(fill));
    std::iter::once(Line::styled(rule, theme.dim()))
        .chain(picture.log.iter().map(|one| told(one, picture, theme)))
        .take(rows)
        .collect()
}

/// A line of the log.
fn told(one: &Happening, picture: &Picture, theme: Theme) -> Line<'static> {
    // The time of older blocks isn't kept; that of the last one helps to read the others.
    let time = picture
        .frame
        .as_ref()
        .filter(|frame| frame.number == one.block)
        .map_or_else(String::new, |frame| format!("{} ", clock(frame.time_ms)));
    Line::from(vec![
        Span::styled(format!("{:>8} {time}", one.block), theme.dim()),
        Span::styled(one.text.clone(), theme.weight(one.weight)),
    ])
}

#[cfg(test)]
mod tests;
