//! The markets: prices, funding, open interest, trading, level; and why a level holds.

use super::{
    spark::spark,
    table::{cell, table, width as width_of, Cell, Side},
    theme::Theme,
};
use crate::units::{decimal, percent};
use crate::view::{
    frame::{Frame, LongCall, MarketFigures},
    plain::or_dash,
    words::{self, grouped, money_whole, two_places},
};
use ratatui::text::{Line, Span};

/// The widest that a drawing of marks gets.
const SPARK_AT_MOST: usize = 60;

/// A market's figures as text.
struct Texts {
    name: Cell,
    level: Cell,
    mark: Cell,
    index: Cell,
    change: Cell,
    funding: Cell,
    interest: Cell,
    notional: Cell,
    bid: Cell,
    ask: Cell,
    fills: Cell,
    size: Cell,
    rate: Cell,
}

/// The table of markets: a row each on a wide screen, else two.
pub fn lines(frame: &Frame, theme: Theme, wide: bool, width: u16) -> Vec<Line<'static>> {
    let texts: Vec<Texts> = frame.markets.iter().map(|one| texts(one, theme)).collect();
    let rows = if wide {
        one_row_each(texts, theme)
    } else {
        two_rows_each(texts, theme)
    };
    with_sparks(rows, frame, if wide { 1 } else { 2 }, width)
}

fn one_row_each(texts: Vec<Texts>, theme: Theme) -> Vec<Line<'static>> {
    const TITLES: [&str; 13] = [
        "market",
        "mark",
        "1 min",
        "index",
        "funding 8 h",
        "open interest",
        "notional",
        "bid",
        "ask",
        "fills",
        "size",
        "fills/block",
        "level",
    ];
    let mut sides = [Side::Right; 13];
    sides[0] = Side::Left;
    sides[12] = Side::Left;
    let mut rows = vec![titles(&TITLES, theme)];
    for one in texts {
        rows.push(vec![
            one.name,
            one.mark,
            one.change,
            one.index,
            one.funding,
            one.interest,
            one.notional,
            one.bid,
            one.ask,
            one.fills,
            one.size,
            one.rate,
            one.level,
        ]);
    }
    table(&sides, rows)
}

fn two_rows_each(texts: Vec<Texts>, theme: Theme) -> Vec<Line<'static>> {
    let mut sides = [Side::Right; 6];
    sides[0] = Side::Left;
    let mut rows = vec![
        titles(
            &["market", "mark", "1 min", "open int.", "bid", "fills"],
            theme,
        ),
        titles(
            &["level", "index", "fund 8h", "notional", "ask", "/block"],
            theme,
        ),
    ];
    for one in texts {
        rows.push(vec![
            one.name,
            one.mark,
            one.change,
            one.interest,
            one.bid,
            one.fills,
        ]);
        rows.push(vec![
            one.level,
            one.index,
            one.funding,
            one.notional,
            one.ask,
            one.rate,
        ]);
    }
    table(&sides, rows)
}

fn titles(titles: &[&str], theme: Theme) -> Vec<Cell> {
    titles
        .iter()
        .map(|title| cell(*title, theme.dim()))
        .collect()
}

/// Draws each market's marks at the end of its first row, if there is room.
fn with_sparks(
    mut lines: Vec<Line<'static>>,
    frame: &Frame,
    rows_each: usize,
    width: u16,
) -> Vec<Line<'static>> {
    let edge = width_of(&lines);
    let room = usize::from(width).saturating_sub(edge).min(SPARK_AT_MOST);
    // As many title rows as rows for each market.
    let firsts = lines.iter_mut().skip(rows_each).step_by(rows_each);
    for (line, market) in firsts.zip(&frame.markets) {
        let gap = edge.saturating_sub(line.width());
        line.spans.push(Span::raw(" ".repeat(gap)));
        line.spans.push(Span::raw(spark(&market.trail, room)));
    }
    lines
}

fn texts(market: &MarketFigures, theme: Theme) -> Texts {
    let terms = &market.terms;
    let plain = |text: String| cell(text, theme.plain());
    let price = |price| grouped(&two_places(&terms.price(price)));
    let change = market.minute.change_ppm;
    let minute = &market.minute;
    Texts {
        name: cell(terms.symbol.clone(), theme.strong()),
        level: match market.safety {
            Some(_) => cell(words::level(market.level()), theme.level(market.level())),
            None => cell(words::phase(market.phase), theme.dim()),
        },
        mark: cell(
            or_dash(market.prices.map(|one| price(one.mark))),
            theme.strong(),
        ),
        index: plain(or_dash(market.prices.map(|one| price(one.index)))),
        change: cell(
            or_dash(change.map(|ppm| format!("{} %", two_places(&percent(ppm))))),
            theme.change(change.unwrap_or_default()),
        ),
        funding: plain(format!(
            "{} %",
            four_places(&decimal(i128::from(market.funding_rate_ppb), 7))
        )),
        interest: plain(grouped(&terms.amount(market.open_interest))),
        notional: plain(or_dash(
            market
                .safety
                .as_ref()
                .map(|safety| money_whole(safety.open_interest_notional)),
        )),
        bid: plain(or_dash(
            market
                .best_bid
                .map(|one| grouped(&terms.price_of_ticks(one))),
        )),
        ask: plain(or_dash(
            market
                .best_ask
                .map(|one| grouped(&terms.price_of_ticks(one))),
        )),
        fills: plain(market.traded.fills.to_string()),
        size: plain(grouped(&terms.amount(market.traded.lots))),
        rate: plain(rate(minute.traded.fills, minute.blocks)),
    }
}

/// Fills for each block, with one decimal place.
fn rate(fills: u64, blocks: u32) -> String {
    let tenths = fills
        .saturating_mul(10)
        .checked_div(u64::from(blocks))
        .unwrap_or_default();
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A decimal cut to four places.
fn four_places(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) => {
            let fraction: String = fraction.chars().chain("0000".chars()).take(4).collect();
            format!("{whole}.{fraction}")
        }
        None => text.to_owned(),
    }
}

/// Why markets are restricted, and how long their calls go on.
pub fn reasons(frame: &Frame, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for market in &frame.markets {
        let mut parts = Vec::new();
        if let Some(reason) = market.main_reason() {
            parts.push(words::reason(reason));
        }
        if let Some(call) = market.long_call {
            parts.push(call_text(market, call));
        }
        if !parts.is_empty() {
            lines.push(Line::from(vec![
                Span::styled(format!("{}: ", market.terms.symbol), theme.strong()),
                Span::styled(parts.join("; "), theme.level(market.level())),
            ]));
        }
    }
    lines
}

fn call_text(market: &MarketFigures, call: LongCall) -> String {
    let terms = &market.terms;
    let ends = match call.ends {
        Some(ends) => format!("call until block {ends}"),
        None => "opening call".to_owned(),
    };
    match call.indicative {
        Some((ticks, lots)) => format!(
            "{ends}, would clear {} at {}",
            terms.amount(lots),
            terms.price_of_ticks(ticks)
        ),
        None => ends,
    }
}
