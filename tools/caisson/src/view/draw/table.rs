//! Columns of text.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

/// A cell.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

/// A cell with a style.
pub fn cell(text: impl Into<String>, style: Style) -> Cell {
    Cell {
        text: text.into(),
        style,
    }
}

impl Cell {
    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// Where text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// At the left.
    Left,
    /// At the right, as figures do.
    Right,
}

/// Rows as lines, each column as wide as its widest cell, two spaces between columns.
pub fn table(sides: &[Side], rows: Vec<Vec<Cell>>) -> Vec<Line<'static>> {
    let widths: Vec<usize> = (0..sides.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(Cell::width)
                .max()
                .unwrap_or_default()
        })
        .collect();
    rows.into_iter()
        .map(|row| {
            let mut spans = Vec::new();
            for ((cell, side), width) in row.into_iter().zip(sides).zip(&widths) {
                let gap = " ".repeat(width.saturating_sub(cell.width()));
                let text = match side {
                    Side::Left => format!("{}{gap}  ", cell.text),
                    Side::Right => format!("{gap}{}  ", cell.text),
                };
                spans.push(Span::styled(text, cell.style));
            }
            Line::from(spans)
        })
        .collect()
}

/// How wide lines are.
pub fn width(lines: &[Line<'_>]) -> usize {
    lines.iter().map(Line::width).max().unwrap_or_default()
}

/// Two blocks of lines beside each other.
pub fn beside(left: Vec<Line<'static>>, right: Vec<Line<'static>>) -> Vec<Line<'static>> {
    let edge = width(&left) + 2;
    let rows = left.len().max(right.len());
    let mut left = left.into_iter();
    let mut right = right.into_iter();
    (0..rows)
        .map(|_| {
            let mut line = left.next().unwrap_or_default();
            let gap = edge.saturating_sub(line.width());
            line.spans.push(Span::raw(" ".repeat(gap)));
            line.spans.extend(right.next().unwrap_or_default().spans);
            line
        })
        .collect()
}
