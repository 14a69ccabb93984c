//! Frames as lines: the first word says what a line is about, the second is the block, so that `grep` and `awk` find their way.
//!
//! ```text
//! block 120 time 2026-01-01T00:02:00Z hash 0x… final 118 level Open unsafe 0 backlog 0 fills 12
//! market 120 BTC-PERP mark 60012.4 index 60010.2 change_1m 0.02% funding_8h 0.01% oi 12.5 notional 750155.00 …
//! fund 120 compartment 0 insurance 1000.00 target 800.00 coverage 125% backers 0.00 queued 0.00 waiting 0 deficit 0.00
//! oracle 120 BTC/USD 60010.25 age 1.2s Live
//! event 119 exchange.CallExtended the call of BTC-PERP goes on until block 149; …
//! ```

use super::{
    apps_address,
    frame::{CompartmentFigures, Frame, MarketFigures},
    words, Options,
};
use crate::units::{decimal, money_short, percent};
use std::fmt::Write;

/// What stands before the first block.
pub fn opening(options: &Options, url: &str) -> String {
    let mut out = format!("title {}\n", options.title);
    for note in &options.notes {
        line(&mut out, format_args!("note {note}"));
    }
    line(&mut out, format_args!("node {url}"));
    line(&mut out, format_args!("apps {}", apps_address(url)));
    out
}

/// The lines of a frame.
pub fn lines(frame: &Frame) -> String {
    let mut out = String::new();
    for news in frame.news() {
        line(
            &mut out,
            format_args!("event {} {} {}", news.block, news.kind, news.text),
        );
    }
    block(&mut out, frame);
    for one in &frame.markets {
        market(&mut out, frame, one);
    }
    for one in &frame.compartments {
        compartment(&mut out, frame, one);
    }
    for feed in &frame.feeds {
        line(
            &mut out,
            format_args!(
                "oracle {} {} {} age {} {}",
                frame.number,
                feed.symbol,
                oracle_price(feed.price, feed.decimals),
                words::duration(i128::from(feed.age_ms)).replace(' ', ""),
                words::status(feed.status)
            ),
        );
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string doesn't fail.
    let _ = writeln!(out, "{text}");
}

fn block(out: &mut String, frame: &Frame) {
    let chain = &frame.chain;
    line(
        out,
        format_args!(
            "block {} time {} hash {:?} final {} level {} unsafe {} backlog {} fills {}",
            frame.number,
            words::date_time(frame.time_ms),
            frame.hash,
            or_dash(frame.finalised),
            words::level(chain.level),
            chain.unsafe_accounts,
            chain.backlog,
            frame.fills(),
        ),
    );
}

fn market(out: &mut String, frame: &Frame, market: &MarketFigures) {
    let terms = &market.terms;
    let prices = market.prices;
    let change = market.minute.change_ppm.map(percent);
    let mut text = format!(
        "market {} {} mark {} index {} change_1m {} funding_8h {}% oi {} bid {} ask {} fills {} size {} \
         fills_1m {} blocks_1m {} level {}",
        frame.number,
        terms.symbol,
        or_dash(prices.map(|one| words::two_places(&terms.price(one.mark)))),
        or_dash(prices.map(|one| words::two_places(&terms.price(one.index)))),
        or_dash(change.map(|change| format!("{change}%"))),
        decimal(i128::from(market.funding_rate_ppb), 7),
        terms.amount(market.open_interest),
        or_dash(market.best_bid.map(|one| terms.price_of_ticks(one))),
        or_dash(market.best_ask.map(|one| terms.price_of_ticks(one))),
        market.traded.fills,
        terms.amount(market.traded.lots),
        market.minute.traded.fills,
        market.minute.blocks,
        words::level(market.level()),
    );
    if let Some(safety) = &market.safety {
        let fund = &safety.fund;
        let _ = write!(
            text,
            " notional {} restored {} latency_p50 {} latency_p99 {} taken_over {} deleveraged {} haircuts {} deficit {}",
            money_short(safety.open_interest_notional),
            safety.latency.restored,
            safety.latency.p50,
            safety.latency.p99,
            fund.taken_over,
            terms.amount(fund.deleveraged),
            money_short(fund.haircuts),
            money_short(fund.deficit),
        );
    }
    if let Some(call) = market.long_call {
        let _ = write!(text, " call_ends {}", or_dash(call.ends));
    }
    if let Some(reason) = market.main_reason() {
        let _ = write!(text, " why {}", words::reason(reason));
    }
    line(out, format_args!("{text}"));
}

fn compartment(out: &mut String, frame: &Frame, one: &CompartmentFigures) {
    let risk = &one.risk;
    let coverage = risk.coverage_ppm.map(|ppm| percent(i128::from(ppm)));
    line(
        out,
        format_args!(
            "fund {} compartment {} insurance {} target {} coverage {} backers {} custody {} queued {} waiting {} \
             deficit {} level {}",
            frame.number,
            risk.compartment,
            money_short(risk.insurance),
            money_short(risk.target),
            or_dash(coverage.map(|coverage| format!("{coverage}%"))),
            money_short(risk.backers),
            money_short(risk.custody),
            money_short(risk.queued),
            one.withdrawals_queued,
            money_short(risk.deficit),
            words::level(risk.level),
        ),
    );
}

/// A price of the oracle with the decimal places of its feed.
pub fn oracle_price(price: Option<u128>, decimals: u8) -> String {
    let Some(price) = price else {
        return "-".to_owned();
    };
    let places = u32::from(decimals).min(18);
    let cut = price / 10u128.pow(18 - places);
    let text = decimal(i128::try_from(cut).unwrap_or(i128::MAX), places);
    if places == 2 {
        words::two_places(&text)
    } else {
        text
    }
}

/// A value, or a dash.
pub fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::test_frames;
    use super::*;

    #[test]
    fn lines_should_have_the_figures_and_begin_with_what_they_are_about() {
        let frame = test_frames::crash();
        let text = lines(&frame);
        let market = text
            .lines()
            .find(|line| line.starts_with("market 1234 BTC-PERP "))
            .expect("a line for the market");
        for part in [
            " mark 57000.50 ",
            " index 56990.00 ",
            " change_1m -3.4512%",
            " oi 12.5 ",
            " bid 57000 ",
            " ask 57001 ",
            " fills 14 size 0.7 ",
            " latency_p99 2 ",
            " level ReduceOnly ",
            " call_ends 1260 ",
            " why ReduceOnly since 12:00:00: ",
        ] {
            assert!(format!("{market} ").contains(part), "{part} in {market}");
        }
        assert!(
            text.starts_with("event 1233 liquidation.Restored "),
            "{text}"
        );
        assert!(
            text.contains("\nfund 1234 compartment 0 insurance 1000.25 "),
            "{text}"
        );
        assert!(
            text.contains("\noracle 1234 BTC/USD 56990.00 age 1s Guarded\n"),
            "{text}"
        );
    }
}
