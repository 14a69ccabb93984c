//! A frame as JSON: one object, whose shape [`frame`] gives.
//!
//! Sizes, prices and money are strings of decimals in whole units. Beside each stands the whole number that the chain counts in,
//! as a string too, since it may be larger than what programs read exactly: `mark` and `mark_quanta` (10^-12 of the settlement
//! asset, for one lot), `open_interest` and `open_interest_lots`, `best_bid` and `best_bid_ticks`.

use super::{
    frame::{
        ChainFigures, CompartmentFigures, FeedFigures, Frame, Happening, LongCall, MarketFigures,
        MarketSafety, Minute, Reporter, Skipped, Traded, Weight,
    },
    words,
};
use crate::units::{decimal, money, percent, Terms};
use caisson_primitives::trading::{
    risk_api::{FundView, LevelReason},
    Cash, LotPrice, Ticks,
};
use serde::{Serialize, Serializer};
use serde_json::{json, Map, Value};

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        frame(self).serialize(serializer)
    }
}

/// Fields of an object.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    fn money(self, name: &str, cash: Cash) -> Self {
        self.set(name, money(cash))
            .set(&format!("{name}_quanta"), cash.0.to_string())
    }

    fn price(self, name: &str, terms: &Terms, price: Option<LotPrice>) -> Self {
        self.set(name, price.map(|price| terms.price(price))).set(
            &format!("{name}_quanta"),
            price.map(|price| price.0.to_string()),
        )
    }

    fn ticks(self, name: &str, terms: &Terms, ticks: Option<Ticks>) -> Self {
        self.set(name, ticks.map(|ticks| terms.price_of_ticks(ticks)))
            .set(&format!("{name}_ticks"), ticks.map(|one| one.to_string()))
    }

    fn size(self, name: &str, terms: &Terms, lots: u64) -> Self {
        self.set(name, terms.amount(lots))
            .set(&format!("{name}_lots"), lots.to_string())
    }

    fn list<T>(self, name: &str, items: &[T], each: impl Fn(&T) -> Value) -> Self {
        let list: Vec<Value> = items.iter().map(each).collect();
        self.set(name, list)
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// The shape of a frame.
pub fn frame(frame: &Frame) -> Value {
    Fields::default()
        .set("block", frame.number)
        .set("hash", format!("{:?}", frame.hash))
        .set("time_ms", frame.time_ms)
        .set("finalised", frame.finalised)
        .set("fills", frame.fills())
        .set("chain", chain(&frame.chain))
        .list("markets", &frame.markets, market)
        .list("compartments", &frame.compartments, compartment)
        .list("feeds", &frame.feeds, feed)
        .list("reporters", &frame.reporters, reporter)
        .list("events", &frame.events, happening)
        .list("skipped", &frame.skipped, skipped)
        .done()
}

fn chain(chain: &ChainFigures) -> Value {
    Fields::default()
        .set("level", words::level(chain.level))
        .list("reasons", &chain.reasons, reason)
        .set("unsafe_accounts", chain.unsafe_accounts)
        .set("backlog", chain.backlog)
        .set("backlog_since", chain.backlog_since)
        .set("sweep_incomplete", chain.sweep_incomplete)
        .done()
}

fn reason(reason: &LevelReason) -> Value {
    json!({
        "cause": String::from_utf8_lossy(&reason.cause),
        "level": words::level(reason.level),
        "raised_at_ms": reason.raised_at,
        "figure": reason.figure.to_string(),
        "limit": reason.limit.to_string(),
    })
}

fn market(market: &MarketFigures) -> Value {
    let terms = &market.terms;
    let prices = market.prices;
    Fields::default()
        .set("market", terms.market)
        .set("symbol", terms.symbol.clone())
        .set("compartment", terms.compartment)
        .set("phase", words::phase(market.phase))
        .price("index", terms, prices.map(|prices| prices.index))
        .price("mark", terms, prices.map(|prices| prices.mark))
        .set(
            "index_status",
            prices.map(|prices| words::status(prices.status)),
        )
        .set(
            "funding_8h_percent",
            decimal(i128::from(market.funding_rate_ppb), 7),
        )
        .set("funding_8h_ppb", market.funding_rate_ppb.to_string())
        .size("open_interest", terms, market.open_interest)
        .ticks("best_bid", terms, market.best_bid)
        .ticks("best_ask", terms, market.best_ask)
        .set(
            "long_call",
            market.long_call.map(|call| long_call(terms, call)),
        )
        .set("traded", traded(terms, market.traded))
        .set("minute", minute(terms, &market.minute))
        .set(
            "safety",
            market
                .safety
                .as_ref()
                .map(|safety| self::safety(terms, safety)),
        )
        .done()
}

fn long_call(terms: &Terms, call: LongCall) -> Value {
    let (ticks, lots) = call.indicative.unzip();
    Fields::default()
        .set("since", call.since)
        .set("ends", call.ends)
        .ticks("indicative", terms, ticks)
        .size("indicative_size", terms, lots.unwrap_or_default())
        .done()
}

fn traded(terms: &Terms, traded: Traded) -> Value {
    Fields::default()
        .set("fills", traded.fills)
        .set("forced_fills", traded.forced)
        .size("size", terms, traded.lots)
        .done()
}

fn minute(terms: &Terms, minute: &Minute) -> Value {
    Fields::default()
        .set("blocks", minute.blocks)
        .set("fills", minute.traded.fills)
        .set("forced_fills", minute.traded.forced)
        .size("size", terms, minute.traded.lots)
        .set("mark_change_percent", minute.change_ppm.map(percent))
        .set(
            "mark_change_ppm",
            minute.change_ppm.map(|ppm| ppm.to_string()),
        )
        .done()
}

fn safety(terms: &Terms, safety: &MarketSafety) -> Value {
    let latency = safety.latency;
    Fields::default()
        .set("level", words::level(safety.level))
        .list("reasons", &safety.reasons, reason)
        .money("open_interest_notional", safety.open_interest_notional)
        .set(
            "latency",
            json!({
                "restored": latency.restored,
                "p50_blocks": latency.p50,
                "p99_blocks": latency.p99,
            }),
        )
        .set("fund", fund(terms, &safety.fund))
        .done()
}

fn fund(terms: &Terms, fund: &FundView) -> Value {
    Fields::default()
        .set("inventory", terms.signed_amount(fund.inventory))
        .set("inventory_lots", fund.inventory.0.to_string())
        .money("unrealised", fund.unrealised)
        .money("deficit", fund.deficit)
        .set("given_up", fund.given_up)
        .set("taken_over", fund.taken_over)
        .money("losses", fund.losses)
        .money("covered", fund.covered)
        .size("deleveraged", terms, fund.deleveraged)
        .money("haircuts", fund.haircuts)
        .money("drawdown_left", fund.drawdown_left)
        .done()
}

fn compartment(one: &CompartmentFigures) -> Value {
    let risk = &one.risk;
    let coverage = risk.coverage_ppm.map(i128::from);
    Fields::default()
        .set("compartment", risk.compartment)
        .set("level", words::level(risk.level))
        .money("custody", risk.custody)
        .money("insurance", risk.insurance)
        .money("backers", risk.backers)
        .set("shares", risk.shares.to_string())
        .money("target", risk.target)
        .set("coverage_percent", coverage.map(percent))
        .set("coverage_ppm", coverage.map(|ppm| ppm.to_string()))
        .money("withdrawals_left_hour", risk.withdrawals_left_hour)
        .money("withdrawals_left_day", risk.withdrawals_left_day)
        .money("queued", risk.queued)
        .set("withdrawals_queued", one.withdrawals_queued)
        .money("deficit", risk.deficit)
        .done()
}

/// Decimal places of the oracle's prices.
const ORACLE_DECIMALS: u32 = 18;

fn feed(feed: &FeedFigures) -> Value {
    let text = |price: u128| decimal(i128::try_from(price).unwrap_or(i128::MAX), ORACLE_DECIMALS);
    Fields::default()
        .set("feed", feed.feed)
        .set("symbol", feed.symbol.clone())
        .set("price", feed.price.map(text))
        .set("confidence", text(feed.confidence))
        .set("age_ms", feed.age_ms)
        .set("status", words::status(feed.status))
        .done()
}

fn reporter(one: &Reporter) -> Value {
    json!({
        "validator": one.validator.to_string(),
        "expected": one.expected,
        "fresh": one.fresh,
        "accurate": one.accurate,
        "outliers": one.outliers,
    })
}

fn happening(one: &Happening) -> Value {
    json!({
        "block": one.block,
        "kind": one.kind,
        "weight": weight(one.weight),
        "market": one.market,
        "text": one.text,
    })
}

const fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Calm => "calm",
        Weight::Notable => "notable",
        Weight::Grave => "grave",
    }
}

fn skipped(one: &Skipped) -> Value {
    Fields::default()
        .set("block", one.number)
        .set("hash", format!("{:?}", one.hash))
        .set("fills", one.fills)
        .list("events", &one.events, happening)
        .done()
}
