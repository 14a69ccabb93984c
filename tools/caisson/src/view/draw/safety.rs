//! Liquidation and who stands behind losses: the chain, each market, each compartment.

use super::{
    table::{beside, cell, table, Cell, Side},
    theme::Theme,
};
use crate::units::{money_short, percent};
use crate::view::{
    frame::{CompartmentFigures, Frame, MarketFigures, MarketSafety},
    plain::or_dash,
    words::{grouped, level, money_whole, two_places},
};
use ratatui::text::{Line, Span};

/// The panel; the two tables side by side on a very wide screen.
pub fn lines(frame: &Frame, theme: Theme, side_by_side: bool) -> Vec<Line<'static>> {
    let markets = markets(frame, theme);
    let compartments = compartments(frame, theme);
    let mut lines = vec![chain(frame, theme)];
    if side_by_side {
        lines.extend(beside(markets, compartments));
    } else {
        lines.extend(markets);
        lines.extend(compartments);
    }
    lines
}

fn chain(frame: &Frame, theme: Theme) -> Line<'static> {
    let chain = &frame.chain;
    let counted = |name: &'static str, count: u32| {
        [
            Span::styled(name, theme.dim()),
            Span::styled(count.to_string(), theme.should_be_zero(i128::from(count))),
        ]
    };
    let mut spans = vec![Span::styled("safety", theme.strong())];
    spans.extend(counted("  unsafe accounts ", chain.unsafe_accounts));
    spans.extend(counted("  not reached ", chain.backlog));
    if let Some(since) = chain.backlog_since {
        spans.push(Span::raw(format!(" since block {since}")));
    }
    if chain.sweep_incomplete {
        spans.push(Span::styled(
            "  not all accounts looked at",
            theme.should_be_zero(1),
        ));
    }
    Line::from(spans)
}

fn titles(titles: &[&str], theme: Theme) -> Vec<Cell> {
    titles
        .iter()
        .map(|title| cell(*title, theme.dim()))
        .collect()
}

fn markets(frame: &Frame, theme: Theme) -> Vec<Line<'static>> {
    let mut sides = [Side::Right; 8];
    sides[0] = Side::Left;
    let mut rows = vec![titles(
        &[
            "liquidation",
            "restored",
            "p50/99",
            "taken",
            "delever.",
            "haircuts",
            "holds",
            "deficit",
        ],
        theme,
    )];
    for market in &frame.markets {
        if let Some(safety) = &market.safety {
            rows.push(of_market(market, safety, theme));
        }
    }
    table(&sides, rows)
}

fn of_market(market: &MarketFigures, safety: &MarketSafety, theme: Theme) -> Vec<Cell> {
    let terms = &market.terms;
    let (latency, fund) = (&safety.latency, &safety.fund);
    let plain = |text: String| cell(text, theme.plain());
    vec![
        plain(terms.symbol.clone()),
        plain(latency.restored.to_string()),
        plain(format!("{}/{}", latency.p50, latency.p99)),
        plain(fund.taken_over.to_string()),
        plain(grouped(&terms.amount(fund.deleveraged))),
        plain(money_whole(fund.haircuts)),
        plain(grouped(&terms.signed_amount(fund.inventory))),
        cell(
            money_whole(fund.deficit),
            theme.should_be_zero(fund.deficit.0),
        ),
    ]
}

fn compartments(frame: &Frame, theme: Theme) -> Vec<Line<'static>> {
    let mut sides = [Side::Right; 7];
    sides[0] = Side::Left;
    let mut rows = vec![titles(
        &[
            "compartment",
            "fund",
            "coverage",
            "backers",
            "custody",
            "queued",
            "deficit",
        ],
        theme,
    )];
    for one in &frame.compartments {
        rows.push(of_compartment(one, theme));
    }
    table(&sides, rows)
}

fn of_compartment(one: &CompartmentFigures, theme: Theme) -> Vec<Cell> {
    let risk = &one.risk;
    let coverage = risk
        .coverage_ppm
        .map(|ppm| format!("{} %", two_places(&percent(i128::from(ppm)))));
    let queued = match one.withdrawals_queued {
        0 => "0".to_owned(),
        waiting => format!("{waiting}: {}", money_whole(risk.queued)),
    };
    let plain = |text: String| cell(text, theme.plain());
    vec![
        cell(
            format!("{} {}", risk.compartment, level(risk.level)),
            theme.level(risk.level),
        ),
        plain(grouped(&money_short(risk.insurance))),
        plain(or_dash(coverage)),
        plain(money_whole(risk.backers)),
        plain(money_whole(risk.custody)),
        plain(queued),
        cell(
            money_whole(risk.deficit),
            theme.should_be_zero(risk.deficit.0),
        ),
    ]
}
