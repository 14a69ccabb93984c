//! What a frame must be, from raw answers at its block.

use crate::{
    decimals::{money, price, shifted, size},
    raw::Raw,
};
use caisson_primitives::{
    oracle::api::{FeedView, Participation},
    trading::{
        api::MarketView,
        risk_api::{ChainRisk, CompartmentRisk, FundView, LevelReason, MarketRisk},
    },
    AccountId, Balance, Hash,
};
use caisson_runtime::RuntimeEvent;
use frame_support::{StorageHasher, Twox64Concat};
use frame_system::EventRecord;
use pallet_exchange::{types::BookSummary, Event};
use serde_json::{json, Value};

/// Fills, forced fills and lots.
type Trades = (u64, u64, u64);

/// A frame.
pub async fn frame(raw: &Raw, hash: &str) -> Value {
    let views: Vec<MarketView> = raw.call(hash, "MarketsApi_markets", ()).await;
    let risks: Vec<MarketRisk> = raw.call(hash, "RiskApi_market_risks", ()).await;
    let chain: ChainRisk = raw.call(hash, "RiskApi_chain_risk", ()).await;
    let minute = minute(raw, hash).await;
    let mut markets = Vec::new();
    for view in &views {
        let risk = risks.iter().find(|risk| risk.market == view.market);
        markets.push(market(raw, hash, view, risk, &minute).await);
    }
    let compartments: Vec<CompartmentRisk> = raw.call(hash, "RiskApi_compartment_risks", ()).await;
    let mut shown_compartments = Vec::new();
    for risk in &compartments {
        shown_compartments.push(compartment(raw, hash, risk).await);
    }
    let feeds: Vec<FeedView> = raw.call(hash, "OracleApi_feeds", ()).await;
    let reporters: Vec<Participation<AccountId, Balance>> =
        raw.call(hash, "OracleApi_participation", ()).await;
    json!({
        "block": raw.number(hash).await,
        "hash": hash,
        "time_ms": time(raw, hash).await,
        "fills": fills(raw, hash).await,
        "chain": {
            "level": format!("{:?}", chain.level),
            "reasons": reasons(&chain.reasons),
            "unsafe_accounts": chain.unsafe_accounts,
            "backlog": chain.backlog,
            "backlog_since": chain.backlog_since,
            "sweep_incomplete": chain.sweep_incomplete,
        },
        "markets": markets,
        "compartments": shown_compartments,
        "feeds": feeds.iter().map(feed).collect::<Vec<_>>(),
        "reporters": reporters.iter().map(reporter).collect::<Vec<_>>(),
    })
}

/// How many orders were filled in a block.
pub async fn fills(raw: &Raw, hash: &str) -> u64 {
    let filled = |record: &&EventRecord<RuntimeEvent, Hash>| {
        matches!(record.event, RuntimeEvent::Exchange(Event::Filled { .. }))
    };
    events(raw, hash).await.iter().filter(filled).count() as u64
}

async fn events(raw: &Raw, hash: &str) -> Vec<EventRecord<RuntimeEvent, Hash>> {
    raw.stored(hash, "System", "Events", &[])
        .await
        .unwrap_or_default()
}

async fn time(raw: &Raw, hash: &str) -> u64 {
    raw.stored(hash, "Timestamp", "Now", &[])
        .await
        .expect("a time")
}

/// What traded in a market in a block.
async fn trades(raw: &Raw, hash: &str, wanted: u16) -> Trades {
    let mut sum = (0, 0, 0);
    for record in events(raw, hash).await {
        match record.event {
            RuntimeEvent::Exchange(Event::Filled { market, forced, .. }) if market == wanted => {
                sum.0 += 1;
                sum.1 += u64::from(forced);
            }
            RuntimeEvent::Exchange(Event::Cleared { market, lots, .. }) if market == wanted => {
                sum.2 += lots;
            }
            _ => {}
        }
    }
    sum
}

/// The hashes of the blocks of the minute that ends with this one, and of the block before them, if there is one.
async fn minute(raw: &Raw, hash: &str) -> (Vec<String>, Option<String>) {
    let begins = time(raw, hash).await - 60_000;
    let mut blocks = vec![hash.to_owned()];
    let mut at = hash.to_owned();
    while raw.number(&at).await > 1 {
        at = raw.parent(&at).await;
        if time(raw, &at).await <= begins {
            return (blocks, Some(at));
        }
        blocks.push(at.clone());
    }
    (blocks, None)
}

async fn mark(raw: &Raw, hash: &str, market: u16) -> Option<i128> {
    let view: Option<MarketView> = raw.call(hash, "MarketsApi_market", market).await;
    Some(view?.prices?.mark.0)
}

async fn market(
    raw: &Raw,
    hash: &str,
    view: &MarketView,
    risk: Option<&MarketRisk>,
    (blocks, before): &(Vec<String>, Option<String>),
) -> Value {
    let contract = &view.contract;
    let whole = (10u128.pow(18) / contract.lot_size) as i128;
    let tick = |ticks: Option<u32>| {
        ticks.map(|ticks| price(i128::from(ticks) * i128::from(contract.tick), whole))
    };
    let text = |ticks: Option<u32>| ticks.map(|ticks| ticks.to_string());
    let prices = view.prices.as_ref();
    let traded = trades(raw, hash, view.market).await;
    let mut sum: Trades = (0, 0, 0);
    for block in blocks {
        let one = trades(raw, block, view.market).await;
        sum = (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2);
    }
    let old = match before {
        Some(before) => mark(raw, before, view.market).await,
        None => None,
    };
    let change = old
        .zip(prices)
        .map(|(old, now)| (now.mark.0 - old) * 1_000_000 / old);
    json!({
        "market": view.market,
        "symbol": String::from_utf8(view.symbol.clone()).expect("ASCII"),
        "compartment": contract.compartment,
        "phase": format!("{:?}", contract.phase),
        "index": prices.map(|one| price(one.index.0, whole)),
        "index_quanta": prices.map(|one| one.index.0.to_string()),
        "mark": prices.map(|one| price(one.mark.0, whole)),
        "mark_quanta": prices.map(|one| one.mark.0.to_string()),
        "index_status": prices.map(|one| format!("{:?}", one.status)),
        "funding_8h_percent": shifted(view.funding_rate_ppb.into(), 7),
        "funding_8h_ppb": view.funding_rate_ppb.to_string(),
        "open_interest": size(view.open_interest.into(), whole),
        "open_interest_lots": view.open_interest.to_string(),
        "best_bid": tick(view.call.best_bid),
        "best_bid_ticks": text(view.call.best_bid),
        "best_ask": tick(view.call.best_ask),
        "best_ask_ticks": text(view.call.best_ask),
        "long_call": long_call(raw, hash, view, whole).await,
        "traded": {
            "fills": traded.0,
            "forced_fills": traded.1,
            "size": size(traded.2.into(), whole),
            "size_lots": traded.2.to_string(),
        },
        "minute": {
            "blocks": blocks.len(),
            "fills": sum.0,
            "forced_fills": sum.1,
            "size": size(sum.2.into(), whole),
            "size_lots": sum.2.to_string(),
            "mark_change_percent": change.map(|ppm| shifted(ppm, 4)),
            "mark_change_ppm": change.map(|ppm| ppm.to_string()),
        },
        "safety": risk.map(|risk| safety(risk, whole)),
    })
}

async fn long_call(raw: &Raw, hash: &str, view: &MarketView, whole: i128) -> Option<Value> {
    // The key of the map is the market itself, little-endian.
    let key = view.market.to_le_bytes();
    let book: Option<BookSummary> = raw.stored(hash, "Exchange", "Books", &key).await;
    let call = book?.call;
    assert_eq!(call.is_some(), view.call.long_call);
    let call = call?;
    let (ticks, lots) = match book?.indicative {
        Some((ticks, lots)) => (Some(ticks), lots),
        None => (None, 0),
    };
    let tick = i128::from(view.contract.tick);
    Some(json!({
        "since": call.since,
        "ends": call.ends,
        "indicative": ticks.map(|ticks| price(i128::from(ticks) * tick, whole)),
        "indicative_ticks": ticks.map(|ticks| ticks.to_string()),
        "indicative_size": size(lots.into(), whole),
        "indicative_size_lots": lots.to_string(),
    }))
}

fn safety(risk: &MarketRisk, whole: i128) -> Value {
    json!({
        "level": format!("{:?}", risk.level),
        "reasons": reasons(&risk.reasons),
        "open_interest_notional": money(risk.open_interest_notional.0),
        "open_interest_notional_quanta": risk.open_interest_notional.0.to_string(),
        "latency": {
            "restored": risk.latency.restored,
            "p50_blocks": risk.latency.p50,
            "p99_blocks": risk.latency.p99,
        },
        "fund": fund(&risk.fund, whole),
    })
}

fn fund(fund: &FundView, whole: i128) -> Value {
    json!({
        "inventory": size(fund.inventory.0.into(), whole),
        "inventory_lots": fund.inventory.0.to_string(),
        "unrealised": money(fund.unrealised.0),
        "unrealised_quanta": fund.unrealised.0.to_string(),
        "deficit": money(fund.deficit.0),
        "deficit_quanta": fund.deficit.0.to_string(),
        "given_up": fund.given_up,
        "taken_over": fund.taken_over,
        "losses": money(fund.losses.0),
        "losses_quanta": fund.losses.0.to_string(),
        "covered": money(fund.covered.0),
        "covered_quanta": fund.covered.0.to_string(),
        "deleveraged": size(fund.deleveraged.into(), whole),
        "deleveraged_lots": fund.deleveraged.to_string(),
        "haircuts": money(fund.haircuts.0),
        "haircuts_quanta": fund.haircuts.0.to_string(),
        "drawdown_left": money(fund.drawdown_left.0),
        "drawdown_left_quanta": fund.drawdown_left.0.to_string(),
    })
}

async fn compartment(raw: &Raw, hash: &str, risk: &CompartmentRisk) -> Value {
    let key = Twox64Concat::hash(&risk.compartment.to_le_bytes());
    let waiting: Option<u32> = raw.stored(hash, "Margin", "Queues", &key).await;
    json!({
        "compartment": risk.compartment,
        "level": format!("{:?}", risk.level),
        "custody": money(risk.custody.0),
        "custody_quanta": risk.custody.0.to_string(),
        "insurance": money(risk.insurance.0),
        "insurance_quanta": risk.insurance.0.to_string(),
        "backers": money(risk.backers.0),
        "backers_quanta": risk.backers.0.to_string(),
        "shares": risk.shares.to_string(),
        "target": money(risk.target.0),
        "target_quanta": risk.target.0.to_string(),
        "coverage_percent": risk.coverage_ppm.map(|ppm| shifted(ppm.into(), 4)),
        "coverage_ppm": risk.coverage_ppm.map(|ppm| ppm.to_string()),
        "withdrawals_left_hour": money(risk.withdrawals_left_hour.0),
        "withdrawals_left_hour_quanta": risk.withdrawals_left_hour.0.to_string(),
        "withdrawals_left_day": money(risk.withdrawals_left_day.0),
        "withdrawals_left_day_quanta": risk.withdrawals_left_day.0.to_string(),
        "queued": money(risk.queued.0),
        "queued_quanta": risk.queued.0.to_string(),
        "withdrawals_queued": waiting.unwrap_or(0),
        "deficit": money(risk.deficit.0),
        "deficit_quanta": risk.deficit.0.to_string(),
    })
}

fn feed(feed: &FeedView) -> Value {
    let text = |value: u128| shifted(value as i128, 18);
    json!({
        "feed": feed.feed,
        "symbol": String::from_utf8(feed.symbol.clone()).expect("ASCII"),
        "price": feed.price.map(text),
        "confidence": text(feed.confidence),
        "age_ms": feed.age_ms,
        "status": format!("{:?}", feed.status),
    })
}

fn reporter(one: &Participation<AccountId, Balance>) -> Value {
    json!({
        "validator": one.validator.to_string(),
        "expected": one.expected,
        "fresh": one.fresh,
        "accurate": one.accurate,
        "outliers": one.outliers,
    })
}

fn reasons(reasons: &[LevelReason]) -> Vec<Value> {
    reasons
        .iter()
        .map(|one| {
            json!({
                "cause": String::from_utf8(one.cause.clone()).expect("ASCII"),
                "level": format!("{:?}", one.level),
                "raised_at_ms": one.raised_at,
                "figure": one.figure.to_string(),
                "limit": one.limit.to_string(),
            })
        })
        .collect()
}
