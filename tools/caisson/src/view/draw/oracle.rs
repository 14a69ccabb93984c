//! Price feeds, and how well validators report.

use super::theme::Theme;
use crate::view::{
    frame::{Frame, Reporter},
    plain::oracle_price,
    words::{grouped, status},
};
use ratatui::text::{Line, Span};

/// Feeds and reporters: on one line if there is room.
pub fn lines(frame: &Frame, theme: Theme, one_line: bool) -> Vec<Line<'static>> {
    let mut feeds = feeds(frame, theme);
    let reporters = reporters(&frame.reporters, theme);
    if one_line {
        feeds.push(Span::raw("   "));
        feeds.extend(reporters);
        vec![Line::from(feeds)]
    } else {
        vec![Line::from(feeds), Line::from(reporters)]
    }
}

fn feeds(frame: &Frame, theme: Theme) -> Vec<Span<'static>> {
    let mut spans = vec![Span::styled("oracle", theme.strong())];
    for feed in &frame.feeds {
        let price = grouped(&oracle_price(feed.price, feed.decimals));
        let confidence = oracle_price(Some(feed.confidence), feed.decimals);
        let tenths = feed.age_ms / 100;
        spans.push(Span::raw(format!("  {} {price}", feed.symbol)));
        spans.push(Span::styled(
            format!(" ±{confidence} {}.{} s ", tenths / 10, tenths % 10),
            theme.dim(),
        ));
        spans.push(Span::styled(status(feed.status), theme.status(feed.status)));
    }
    spans
}

fn reporters(reporters: &[Reporter], theme: Theme) -> Vec<Span<'static>> {
    let sum = |of: fn(&Reporter) -> u32| reporters.iter().map(|one| u64::from(of(one))).sum();
    let expected: u64 = sum(|one| one.expected);
    let fresh: u64 = sum(|one| one.fresh);
    let accurate: u64 = sum(|one| one.accurate);
    let outliers: u64 = sum(|one| one.outliers);
    vec![
        Span::styled("reports", theme.strong()),
        Span::raw(format!(
            " of {} validator{}: {} fresh, {} of these accurate, ",
            reporters.len(),
            if reporters.len() == 1 { "" } else { "s" },
            share(fresh, expected),
            share(accurate, fresh),
        )),
        Span::styled(
            format!("{outliers} outliers"),
            theme.should_be_zero(i128::from(outliers)),
        ),
    ]
}

/// A share in percent, rounded down.
fn share(part: u64, of: u64) -> String {
    match part.saturating_mul(100).checked_div(of) {
        Some(percent) => format!("{percent} %"),
        None => "-".to_owned(),
    }
}
