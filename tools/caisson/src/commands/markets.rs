//! Markets and their books.

use super::{
    context::Context,
    report::{or_dash, Report, Table},
};
use crate::{
    error::Result,
    units::{decimal, money, percent, Terms},
};
use caisson_primitives::trading::{
    api::{Level, MarketView},
    Cash, ContractKind, LotPrice, Ticks,
};
use serde_json::{json, Value};

/// Decimal places of a percentage that is given in parts per 10^9.
const PPB_PERCENT_DECIMALS: u32 = 7;

/// All markets.
pub async fn all(context: &Context) -> Result<Report> {
    let views = context.chain.now().await?.markets().await?;
    let mut table = Table::new(&[
        "market",
        ">number",
        ">compartment",
        "phase",
        "price",
        ">mark",
        ">index",
        ">best bid",
        ">best ask",
        ">funding 8 h",
        ">open interest",
    ]);
    for view in &views {
        let terms = Terms::of(view);
        let prices = view.prices.as_ref();
        let of_ticks = |ticks: Option<Ticks>| or_dash(ticks.map(|ticks| on_tick(&terms, ticks)));
        let of_price = |price: Option<LotPrice>| or_dash(price.map(|price| short(&terms, price)));
        table.row([
            terms.symbol.clone(),
            view.market.to_string(),
            terms.compartment.to_string(),
            format!("{:?}", view.contract.phase),
            or_dash(prices.map(|prices| format!("{:?}", prices.status))),
            of_price(prices.map(|prices| prices.mark)),
            of_price(prices.map(|prices| prices.index)),
            of_ticks(view.call.best_bid),
            of_ticks(view.call.best_ask),
            format!("{} %", funding(view)),
            format!("{} {}", terms.amount(view.open_interest), terms.base()),
        ]);
    }
    let json = Value::Array(views.iter().map(to_json).collect());
    Ok(Report::new(table.text(), json))
}

/// One market in detail.
pub async fn one(context: &Context, name: &str) -> Result<Report> {
    let (view, terms) = context.market(name).await?;
    let (contract, base) = (&view.contract, terms.base());
    let kind = match contract.kind {
        ContractKind::Perpetual => "perpetual".to_owned(),
        ContractKind::Future { expires_at } => format!("future, ends at {expires_at} ms"),
    };
    let mut text = format!(
        "{}, market {} of compartment {}: {kind}, {:?}\n",
        terms.symbol, view.market, terms.compartment, contract.phase
    );
    match &view.prices {
        None => text.push_str("No price yet.\n"),
        Some(prices) => {
            let table = Table::of_pairs([
                ("mark", terms.price(prices.mark)),
                ("index", terms.price(prices.index)),
                ("slow price", terms.price(prices.stable)),
                ("price is", format!("{:?}", prices.status)),
                ("funding for 8 h", format!("{} %", funding(&view))),
                (
                    "open interest",
                    format!("{} {base}", terms.amount(view.open_interest)),
                ),
            ]);
            text.push_str(&table.text());
        }
    }
    if view.call.long_call {
        text.push_str("A long call is going on: orders are collected, and clear when it ends.\n");
    }
    text.push('\n');
    text.push_str(&margins(&view, &terms));
    text.push('\n');
    text.push_str(&fees(&view));
    let limits = Table::of_pairs([
        ("amounts in steps of", format!("{} {base}", terms.amount(1))),
        ("prices in steps of", terms.price_of_ticks(1)),
        (
            "one order at most",
            format!("{} {base}", terms.amount(contract.max_order_lots)),
        ),
        ("one order at least worth", money(contract.min_notional)),
        (
            "open interest at most",
            format!("{} {base}", terms.amount(contract.open_interest_cap)),
        ),
        (
            "limits at most from the mark",
            format!("{} %", percent(contract.band_ppm.into())),
        ),
        (
            "penalty of liquidation",
            format!("{} %", percent(contract.liquidation_penalty_ppm.into())),
        ),
        ("blocks of a call", contract.call_blocks.to_string()),
    ]);
    text.push('\n');
    text.push_str(&limits.text());
    Ok(Report::new(text, to_json(&view)))
}

/// Margins by the size of a position, as shares of the mark.
fn margins(view: &MarketView, terms: &Terms) -> String {
    let mut table = Table::new(&["position up to", ">maintenance", ">initial"]);
    let Some(prices) = &view.prices else {
        return table.text();
    };
    let tiers = prices.maintenance.iter().zip(&prices.initial);
    for (bound, (maintenance, initial)) in view.contract.tier_bounds.iter().zip(tiers) {
        table.row([
            format!("{} {}", terms.signed_amount(*bound), terms.base()),
            format!("{} %", share(*maintenance, prices.mark)),
            format!("{} %", share(*initial, prices.mark)),
        ]);
    }
    table.text()
}

/// Fees by volume.
fn fees(view: &MarketView) -> String {
    let mut table = Table::new(&["volume from", ">taker", ">maker"]);
    for tier in &view.contract.fees {
        table.row([
            money(tier.min_volume),
            format!("{} %", percent(tier.taker_ppm.into())),
            format!("{} %", percent(tier.maker_ppm.into())),
        ]);
    }
    table.text()
}

/// A part of a price in percent, rounded down to four places.
fn share(part: LotPrice, whole: LotPrice) -> String {
    let ppm = part
        .0
        .saturating_mul(1_000_000)
        .checked_div(whole.0)
        .unwrap_or_default();
    percent(ppm)
}

/// The rate of funding for eight hours, in percent.
fn funding(view: &MarketView) -> String {
    decimal(view.funding_rate_ppb.into(), PPB_PERCENT_DECIMALS)
}

/// A price in ticks with all the decimal places that ticks have, so that columns line up.
pub fn on_tick(terms: &Terms, ticks: Ticks) -> String {
    let places = |text: &str| text.split_once('.').map_or(0, |(_, places)| places.len());
    let mut text = terms.price_of_ticks(ticks);
    let missing = places(&terms.price_of_ticks(1)).saturating_sub(places(&text));
    if missing > 0 && !text.contains('.') {
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', missing));
    text
}

/// A price rounded down to the tick: for tables.
pub fn short(terms: &Terms, price: LotPrice) -> String {
    let ticks = price.0.div_euclid(i128::from(terms.tick.max(1)));
    match Ticks::try_from(ticks) {
        Ok(ticks) => on_tick(terms, ticks),
        Err(_) => terms.price(price),
    }
}

fn to_json(view: &MarketView) -> Value {
    let terms = Terms::of(view);
    let contract = &view.contract;
    let lot_prices = |prices: &[LotPrice]| -> Vec<String> {
        prices.iter().map(|price| money(Cash(price.0))).collect()
    };
    let prices = view.prices.as_ref().map(|prices| {
        json!({
            "at": prices.at,
            "status": format!("{:?}", prices.status),
            "mark": terms.price(prices.mark),
            "index": terms.price(prices.index),
            "slow": terms.price(prices.stable),
            "mark_quanta_per_lot": prices.mark.0.to_string(),
            "maintenance_per_lot": lot_prices(&prices.maintenance),
            "initial_per_lot": lot_prices(&prices.initial),
        })
    });
    let fees: Vec<Value> = contract
        .fees
        .iter()
        .map(|tier| {
            json!({
                "from_volume": money(tier.min_volume),
                "taker_percent": percent(tier.taker_ppm.into()),
                "maker_percent": percent(tier.maker_ppm.into()),
            })
        })
        .collect();
    let of_ticks = |ticks: Option<Ticks>| ticks.map(|ticks| terms.price_of_ticks(ticks));
    json!({
        "market": view.market,
        "symbol": terms.symbol,
        "compartment": terms.compartment,
        "phase": format!("{:?}", contract.phase),
        "prices": prices,
        "best_bid": of_ticks(view.call.best_bid),
        "best_ask": of_ticks(view.call.best_ask),
        "last_price": of_ticks(view.call.cleared.map(|(ticks, _)| ticks)),
        "long_call": view.call.long_call,
        "funding_8h_percent": funding(view),
        "open_interest": terms.amount(view.open_interest),
        "open_interest_cap": terms.amount(contract.open_interest_cap),
        "lot": terms.amount(1),
        "tick": terms.price_of_ticks(1),
        "max_order": terms.amount(contract.max_order_lots),
        "min_notional": money(contract.min_notional),
        "band_percent": percent(contract.band_ppm.into()),
        "liquidation_penalty_percent": percent(contract.liquidation_penalty_ppm.into()),
        "position_tiers": contract.tier_bounds.iter().map(|bound| terms.signed_amount(*bound)).collect::<Vec<_>>(),
        "fees": fees,
    })
}

/// The best prices of a book.
pub async fn depth(context: &Context, name: &str, levels: u32) -> Result<Report> {
    let (view, terms) = context.market(name).await?;
    let state = context.chain.now().await?;
    let depth = state.depth(view.market, levels).await?;
    let indicative = state.indicative(view.market).await?;
    let base = terms.base();

    let mut table = Table::new(&["", ">price", &format!(">{base}"), ">orders"]);
    let sides = [
        ("ask", depth.asks.iter().rev().collect::<Vec<_>>()),
        ("bid", depth.bids.iter().collect()),
    ];
    for (side, levels) in &sides {
        for level in levels {
            table.row([
                (*side).to_owned(),
                on_tick(&terms, level.price),
                terms.amount(level.lots),
                level.orders.to_string(),
            ]);
        }
    }
    let mut text = if table.is_empty() {
        format!("The book of {} is empty.\n", terms.symbol)
    } else {
        table.text()
    };
    if let Some((ticks, lots)) = indicative {
        text.push_str(&format!(
            "Now {} {base} would trade at {}.\n",
            terms.amount(lots),
            on_tick(&terms, ticks)
        ));
    }
    let to_json = |levels: &[Level]| -> Vec<Value> {
        let level = |level: &Level| {
            json!({
                "price": terms.price_of_ticks(level.price),
                "amount": terms.amount(level.lots),
                "orders": level.orders,
                "ticks": level.price.to_string(),
                "lots": level.lots.to_string(),
            })
        };
        levels.iter().map(level).collect()
    };
    let json = json!({
        "market": view.market,
        "symbol": terms.symbol,
        "bids": to_json(&depth.bids),
        "asks": to_json(&depth.asks),
        "indicative": indicative.map(|(ticks, lots)| json!({
            "price": terms.price_of_ticks(ticks),
            "amount": terms.amount(lots),
        })),
    });
    Ok(Report::new(text, json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn price_should_have_the_places_of_the_tick_when_it_stands_in_a_column() {
        let terms = Terms {
            market: 0,
            symbol: "BTC-PERP".into(),
            compartment: 0,
            lot_size: 100_000_000_000_000,
            tick: 10_000_000,
        };
        assert_eq!(on_tick(&terms, 600_000), "60000.0");
        assert_eq!(on_tick(&terms, 600_001), "60000.1");
        assert_eq!(short(&terms, LotPrice(6_000_019_999_999)), "60000.1");
    }

    #[test]
    fn share_should_be_in_percent() {
        assert_eq!(share(LotPrice(192), LotPrice(6_000)), "3.2");
        assert_eq!(share(LotPrice(1), LotPrice(0)), "0");
    }
}
