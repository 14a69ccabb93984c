//! Reads the figures of one block.

use super::{
    frame::{
        ChainFigures, CompartmentFigures, FeedFigures, Frame, LongCall, MarketFigures,
        MarketSafety, Minute, Prices, Reporter, Traded,
    },
    happenings,
    words::Names,
};
use crate::{chain::State, error::Result, units::Terms};
use caisson_primitives::{
    oracle::{
        api::{FeedView, Participation},
        FeedId,
    },
    trading::{
        api::MarketView,
        risk_api::{ChainRisk, MarketRisk},
        CompartmentId, LotPrice, MarketId,
    },
    AccountId, Balance, BlockNumber, Hash,
};
use caisson_runtime::Runtime;
use futures::future::{try_join3, try_join_all};
use std::collections::BTreeMap;

/// What history needs of a block, and what is told of one that gets no frame.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its height.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
    /// The hash of the block before it.
    pub parent: Hash,
    /// Its time, in milliseconds since 1970.
    pub time_ms: u64,
    /// The marks of the markets that have one.
    pub marks: BTreeMap<MarketId, LotPrice>,
    /// What traded.
    pub traded: BTreeMap<MarketId, Traded>,
    /// What happened.
    pub events: Vec<super::frame::Happening>,
}

/// Reads a block that gets no frame.
pub async fn step(
    state: State<'_>,
    number: BlockNumber,
    parent: Hash,
    feeds: &[FeedFigures],
) -> Result<Step> {
    let (events, time_ms, markets) =
        try_join3(state.events(), state.time(), state.markets()).await?;
    let names = names(
        &markets,
        feeds.iter().map(|feed| (feed.feed, feed.symbol.clone())),
    );
    Ok(Step {
        number,
        hash: state.block(),
        parent,
        time_ms,
        marks: marks(&markets),
        traded: happenings::traded(&events),
        events: happenings::notable(number, &events, &names),
    })
}

/// Reads all figures of a block at its hash. What needs blocks before it, [`MarketFigures::minute`], its trail and
/// [`Frame::skipped`], is left to the caller, and so is [`Frame::finalised`].
pub async fn collect(state: State<'_>, number: BlockNumber, parent: Hash) -> Result<(Frame, Step)> {
    let block = try_join3(state.events(), state.time(), state.markets());
    let safety = try_join3(
        state.market_risks(),
        state.compartment_risks(),
        state.chain_risk(),
    );
    let oracle = async { futures::try_join!(state.feeds(), state.participation()) };
    let ((events, time_ms, markets), (market_risks, compartment_risks, chain), (feeds, reporters)) =
        try_join3(block, safety, oracle).await?;
    let (calls, queues) = futures::try_join!(
        try_join_all(markets.iter().map(|view| long_call(state, view.market))),
        try_join_all(
            compartment_risks
                .iter()
                .map(|risk| queue_length(state, risk.compartment))
        ),
    )?;

    let symbols = feeds.iter().map(|feed| (feed.feed, text(&feed.symbol)));
    let names = names(&markets, symbols);
    let traded = happenings::traded(&events);
    let happened = happenings::notable(number, &events, &names);
    let step = Step {
        number,
        hash: state.block(),
        parent,
        time_ms,
        marks: marks(&markets),
        traded,
        events: happened,
    };
    let frame = Frame {
        number,
        hash: state.block(),
        time_ms,
        finalised: None,
        chain: chain_figures(chain),
        markets: markets
            .iter()
            .zip(calls)
            .map(|(view, call)| market_figures(view, call, &step, &market_risks))
            .collect(),
        compartments: compartment_risks
            .into_iter()
            .zip(queues)
            .map(|(risk, withdrawals_queued)| CompartmentFigures {
                risk,
                withdrawals_queued,
            })
            .collect(),
        feeds: feeds.iter().map(feed_figures).collect(),
        reporters: reporters.into_iter().map(reporter).collect(),
        events: step.events.clone(),
        skipped: Vec::new(),
    };
    Ok((frame, step))
}

/// The call of a market, if it is longer than usual. The book's summary has its end, which no runtime API tells.
async fn long_call(state: State<'_>, market: MarketId) -> Result<Option<LongCall>> {
    let key = pallet_exchange::Books::<Runtime>::hashed_key_for(market);
    let book: Option<pallet_exchange::types::BookSummary> = state.storage(&key).await?;
    Ok(book.and_then(|book| {
        book.call.map(|call| LongCall {
            since: call.since,
            ends: call.ends,
            indicative: book.indicative,
        })
    }))
}

/// How many withdrawals wait in a compartment.
async fn queue_length(state: State<'_>, compartment: CompartmentId) -> Result<u32> {
    let key = pallet_margin::Queues::<Runtime>::hashed_key_for(compartment);
    Ok(state.storage(&key).await?.unwrap_or_default())
}

fn names(markets: &[MarketView], feeds: impl Iterator<Item = (FeedId, String)>) -> Names {
    Names::of(markets).with_feeds(feeds)
}

fn marks(markets: &[MarketView]) -> BTreeMap<MarketId, LotPrice> {
    markets
        .iter()
        .filter_map(|view| Some((view.market, view.prices.as_ref()?.mark)))
        .collect()
}

fn market_figures(
    view: &MarketView,
    long_call: Option<LongCall>,
    step: &Step,
    risks: &[MarketRisk],
) -> MarketFigures {
    let risk = risks.iter().find(|risk| risk.market == view.market);
    MarketFigures {
        terms: Terms::of(view),
        phase: view.contract.phase,
        prices: view.prices.as_ref().map(|prices| Prices {
            index: prices.index,
            mark: prices.mark,
            status: prices.status,
        }),
        funding_rate_ppb: view.funding_rate_ppb,
        open_interest: view.open_interest,
        best_bid: view.call.best_bid,
        best_ask: view.call.best_ask,
        long_call,
        traded: step.traded.get(&view.market).copied().unwrap_or_default(),
        minute: Minute::default(),
        trail: Vec::new(),
        safety: risk.map(|risk| MarketSafety {
            level: risk.level,
            reasons: risk.reasons.clone(),
            open_interest_notional: risk.open_interest_notional,
            latency: risk.latency,
            fund: risk.fund.clone(),
        }),
    }
}

fn chain_figures(risk: ChainRisk) -> ChainFigures {
    ChainFigures {
        level: risk.level,
        reasons: risk.reasons,
        unsafe_accounts: risk.unsafe_accounts,
        backlog: risk.backlog,
        backlog_since: risk.backlog_since,
        sweep_incomplete: risk.sweep_incomplete,
    }
}

fn feed_figures(view: &FeedView) -> FeedFigures {
    FeedFigures {
        feed: view.feed,
        symbol: text(&view.symbol),
        decimals: view.decimals,
        price: view.price,
        confidence: view.confidence,
        age_ms: view.age_ms,
        status: view.status,
    }
}

fn reporter(one: Participation<AccountId, Balance>) -> Reporter {
    Reporter {
        validator: one.validator,
        expected: one.expected,
        fresh: one.fresh,
        accurate: one.accurate,
        outliers: one.outliers,
    }
}

fn text(ascii: &[u8]) -> String {
    String::from_utf8_lossy(ascii).into_owned()
}
