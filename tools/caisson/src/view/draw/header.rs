//! What is shown, where the chain is, and where else to look at it.

use super::theme::Theme;
use crate::view::{
    screen::Picture,
    words::{clock, grouped, level},
};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// After so long without a block something is wrong: blocks come every second.
const LONG_SILENCE: Duration = Duration::from_secs(5);

/// Title and notes, the block, where polkadot.js Apps shows the chain.
pub fn lines(picture: &Picture, theme: Theme) -> Vec<Line<'static>> {
    let mut title = vec![Span::styled(picture.title.clone(), theme.strong())];
    for note in &picture.notes {
        title.push(Span::styled("  |  ", theme.dim()));
        title.push(Span::raw(note.clone()));
    }
    vec![
        Line::from(title),
        block(picture, theme),
        Line::from(vec![
            Span::styled("polkadot.js Apps: ", theme.dim()),
            Span::raw(picture.apps.clone()),
        ]),
    ]
}

fn block(picture: &Picture, theme: Theme) -> Line<'static> {
    let grave = theme.should_be_zero(1);
    if let Some(trouble) = &picture.trouble {
        return Line::styled(trouble.clone(), grave);
    }
    let Some(frame) = &picture.frame else {
        return Line::default();
    };
    let mut spans = vec![
        Span::styled("block ", theme.dim()),
        Span::styled(grouped(&frame.number.to_string()), theme.strong()),
    ];
    if let Some(finalised) = frame.finalised {
        spans.push(Span::styled("  final ", theme.dim()));
        let behind = frame.number.saturating_sub(finalised);
        spans.push(Span::raw(format!(
            "{} ({behind} behind)",
            grouped(&finalised.to_string())
        )));
    }
    spans.push(Span::raw(format!("  {} UTC", clock(frame.time_ms))));
    spans.push(Span::styled("  chain ", theme.dim()));
    spans.push(Span::styled(
        level(frame.chain.level),
        theme.level(frame.chain.level),
    ));
    spans.push(Span::styled("  fills ", theme.dim()));
    spans.push(Span::raw(frame.fills().to_string()));
    if picture.silence >= LONG_SILENCE {
        spans.push(Span::styled(
            format!("  no block for {} s", picture.silence.as_secs()),
            grave,
        ));
    }
    Line::from(spans)
}
