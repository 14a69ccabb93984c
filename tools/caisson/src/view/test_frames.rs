//! Frames for tests.

use super::frame::{
    ChainFigures, CompartmentFigures, FeedFigures, Frame, Happening, LongCall, MarketFigures,
    MarketSafety, Minute, Prices, Reporter, Skipped, Traded, Weight,
};
use crate::units::Terms;
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        risk_api::{CompartmentRisk, FundView, LatencyView, LevelReason},
        Cash, Level, LotPrice, Lots, Phase,
    },
    AccountId, Hash,
};

const UNIT: i128 = 1_000_000_000_000;

/// Noon of a day.
const NOON_MS: u64 = 1_735_732_800_000;

fn market(market: u16, symbol: &str) -> MarketFigures {
    MarketFigures {
        terms: Terms {
            market,
            symbol: symbol.to_owned(),
            compartment: u16::from(market == 2),
            lot_size: 100_000_000_000_000,
            tick: 10_000_000,
        },
        phase: Phase::Opening,
        prices: None,
        funding_rate_ppb: 0,
        open_interest: 0,
        best_bid: None,
        best_ask: None,
        long_call: None,
        traded: Traded::default(),
        minute: Minute::default(),
        trail: Vec::new(),
        safety: None,
    }
}

fn compartment(compartment: u16) -> CompartmentFigures {
    CompartmentFigures {
        risk: CompartmentRisk {
            compartment,
            level: Level::Open,
            custody: Cash(3_000_000 * UNIT),
            insurance: Cash(1_000 * UNIT + UNIT / 4),
            backers: Cash(250 * UNIT),
            shares: 250,
            target: Cash(2_000 * UNIT),
            coverage_ppm: Some(625_125),
            withdrawals_left_hour: Cash(100_000 * UNIT),
            withdrawals_left_day: Cash(1_000_000 * UNIT),
            queued: Cash(777 * UNIT),
            deficit: Cash(0),
        },
        withdrawals_queued: 3,
    }
}

/// A block of a chain without prices.
pub fn quiet() -> Frame {
    Frame {
        number: 1,
        hash: Hash::repeat_byte(1),
        time_ms: NOON_MS,
        finalised: None,
        chain: ChainFigures {
            level: Level::Open,
            reasons: Vec::new(),
            unsafe_accounts: 0,
            backlog: 0,
            backlog_since: None,
            sweep_incomplete: false,
        },
        markets: vec![
            market(0, "BTC-PERP"),
            market(1, "ETH-PERP"),
            market(2, "ETH-PERP-B"),
        ],
        compartments: vec![compartment(0), compartment(1)],
        feeds: Vec::new(),
        reporters: Vec::new(),
        events: Vec::new(),
        skipped: Vec::new(),
    }
}

/// A block in a crash.
pub fn crash() -> Frame {
    let mut frame = quiet();
    frame.number = 1_234;
    frame.time_ms = NOON_MS + 20_000;
    frame.finalised = Some(1_231);
    frame.chain.unsafe_accounts = 42;
    frame.chain.backlog = 17;
    frame.markets[0] = crashing(frame.markets[0].clone());
    frame.feeds = vec![FeedFigures {
        feed: 0,
        symbol: "BTC/USD".to_owned(),
        decimals: 2,
        price: Some(56_990_000_000_000_000_000_000),
        confidence: 3_100_000_000_000_000_000,
        age_ms: 1_200,
        status: FeedStatus::Guarded,
    }];
    frame.reporters = vec![Reporter {
        validator: AccountId::new([1; 32]),
        expected: 200,
        fresh: 197,
        accurate: 190,
        outliers: 2,
    }];
    frame.events = vec![Happening {
        block: 1_234,
        kind: "liquidation.TakenOver",
        weight: Weight::Grave,
        market: Some(0),
        text: "account 9 is taken over by the fund of BTC-PERP".to_owned(),
    }];
    frame.skipped = vec![Skipped {
        number: 1_233,
        hash: Hash::repeat_byte(2),
        fills: 5,
        events: vec![Happening {
            block: 1_233,
            kind: "liquidation.Restored",
            weight: Weight::Calm,
            market: Some(0),
            text: "account 7, liquidated in BTC-PERP, is restored after 2 blocks".to_owned(),
        }],
    }];
    frame
}

fn crashing(market: MarketFigures) -> MarketFigures {
    MarketFigures {
        phase: Phase::Trading,
        prices: Some(Prices {
            index: LotPrice(5_699_000_000_000),
            mark: LotPrice(5_700_050_000_000),
            status: FeedStatus::Guarded,
        }),
        funding_rate_ppb: -123_456,
        open_interest: 125_000,
        best_bid: Some(570_000),
        best_ask: Some(570_010),
        long_call: Some(LongCall {
            since: 1_230,
            ends: Some(1_260),
            indicative: Some((569_000, 30_000)),
        }),
        traded: Traded {
            fills: 14,
            forced: 2,
            lots: 7_000,
        },
        minute: Minute {
            blocks: 60,
            traded: Traded {
                fills: 333,
                forced: 9,
                lots: 99_000,
            },
            change_ppm: Some(-34_512),
        },
        trail: (0..90)
            .map(|step| LotPrice(6_000_000_000_000 - 3_000_000_000 * step))
            .collect(),
        safety: Some(MarketSafety {
            level: Level::ReduceOnly,
            reasons: vec![LevelReason {
                cause: b"LiquidationPressure".to_vec(),
                level: Level::ReduceOnly,
                raised_at: NOON_MS,
                figure: 600_000 * UNIT,
                limit: 500_000 * UNIT,
            }],
            open_interest_notional: Cash(712_506 * UNIT),
            latency: LatencyView {
                restored: 12,
                p50: 0,
                p99: 2,
            },
            fund: FundView {
                inventory: Lots(5_000),
                unrealised: Cash(-10 * UNIT),
                deficit: Cash(88 * UNIT),
                given_up: false,
                taken_over: 4,
                losses: Cash(99 * UNIT),
                covered: Cash(11 * UNIT),
                deleveraged: 2_500,
                haircuts: Cash(33 * UNIT),
                drawdown_left: Cash(500 * UNIT),
            },
        }),
        ..market
    }
}
