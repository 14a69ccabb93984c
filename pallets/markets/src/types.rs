//! What this pallet stores, and what governance hands to it.

use alloc::{vec, vec::Vec};
use caisson_primitives::{
    oracle::FeedId,
    trading::{
        CompartmentId, Contract, ContractKind, FeeSplit, FeeTier, LotPrice, Lots, MarketId, Phase,
        MAX_FEE_TIERS, MAX_TIERS,
    },
    Moment,
};
use caisson_risk::{
    funding::{FundingIndex, PremiumAverage},
    twap::Checkpoint,
    Cash,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The longest symbol, in bytes: `1000SATS-20301231-SETTLE` still fits.
pub const MAX_SYMBOL: u32 = 24;
/// One whole, in parts per million.
pub const PPM: u32 = 1_000_000;
/// The period that funding rates refer to: eight hours, as on the large venues, so that rates compare.
pub const FUNDING_PERIOD_MS: Moment = 8 * 60 * 60 * 1_000;
/// The most time that counts between two blocks: after an outage there is no back funding, and no average takes
/// one sample for hours.
pub const MAX_ELAPSED_MS: Moment = 60_000;
/// The longest settlement window: an hour is more than anyone can hold the index of a deep market.
pub const MAX_SETTLEMENT_WINDOW_MS: u32 = 3_600_000;
/// The longest time constant, age or period of any parameter: a week.
pub const MAX_DURATION_MS: u32 = 7 * 24 * 60 * 60 * 1_000;
/// The longest ordinary call, in blocks: ten minutes of them.
pub const MAX_CALL_BLOCKS: u32 = 600;
/// The longest opening call, in blocks: a day of them.
pub const MAX_OPENING_BLOCKS: u32 = 86_400;
/// The highest taker fee, and the highest maker fee or rebate, in parts per million: a tenth.
pub const MAX_FEE_PPM: u32 = 100_000;
/// The highest multiple of volatility that maintenance margin may be, in parts per million: a hundredfold.
pub const MAX_FACTOR_PPM: u32 = 100_000_000;
/// The highest liquidation penalty, in parts per million of what is closed: a twentieth.
pub const MAX_PENALTY_PPM: u32 = 50_000;
/// The highest interest or spread of funding, in parts per 10^9 for a period: one per cent.
pub const MAX_FUNDING_TERM_PPB: u32 = 10_000_000;
/// At least so many ticks lie between zero and the index when a market is listed: a tick is at most a tenth of a
/// per cent.
pub const MIN_INDEX_TICKS: i128 = 1_000;
/// Prices can rise at least so many times above the index at listing before they can't be written any more.
pub const PRICE_HEADROOM: i128 = 10;

/// The name of a market, such as `BTC-PERP`.
pub type Symbol = BoundedVec<u8, ConstU32<MAX_SYMBOL>>;
/// The largest position of each size tier, in lots.
pub type TierBounds = BoundedVec<Lots, ConstU32<MAX_TIERS>>;
/// Something in parts per million for each size tier.
pub type TierRatios = BoundedVec<u32, ConstU32<MAX_TIERS>>;
/// Markets whose settlement price is known, with that price.
pub type SettlementList<Most> = BoundedVec<(MarketId, LotPrice), Most>;

/// What the price computation needs of a market besides its [`Contract`]; read once a block. SPEC 3.4.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RiskParameters {
    /// The least maintenance ratio before slippage, in parts per million.
    pub floor_ppm: u32,
    /// How many times the volatility over the horizon the maintenance ratio is, in parts per million.
    pub volatility_factor_ppm: u32,
    /// The time that closing a position is assumed to take, in milliseconds.
    pub horizon_ms: u32,
    /// What closing costs besides, in parts per million.
    pub slippage_ppm: u32,
    /// What closing a larger position costs besides, by size tier, in parts per million.
    pub tier_add_ons_ppm: TierRatios,
    /// By how much a maintenance ratio may rise in an hour, in parts per million of notional.
    pub raise_ppm_per_hour: u32,
    /// By how much it may fall in an hour, in parts per million of notional.
    pub lower_ppm_per_hour: u32,
    /// How many times the maintenance ratio the initial ratio is, in parts per million; above one.
    pub initial_factor_ppm: u32,
    /// The open interest, in lots, up to which initial margin stays at its base.
    pub open_interest_lower: u64,
    /// The open interest, in lots, from which initial margin is the whole notional.
    pub open_interest_upper: u64,
    /// How far the mark may be from the index, in parts per million.
    pub mark_band_ppm: u32,
    /// How far one sample of the call's mid counts from the index, in parts per million.
    pub basis_cap_ppm: u32,
    /// The time constant of the basis, in milliseconds.
    pub basis_time_constant_ms: u32,
    /// The widest spread between best bid and best ask whose mid counts, in parts per million.
    pub max_spread_ppm: u32,
    /// The time constant of the clearing average, in milliseconds.
    pub clearing_time_constant_ms: u32,
    /// The age from which the last clearing says nothing any more, in milliseconds.
    pub clearing_max_age_ms: u32,
    /// The time constant of the stable price, in milliseconds.
    pub stable_time_constant_ms: u32,
    /// The most the stable price moves in an hour, in parts per million.
    pub stable_max_ppm_per_hour: u32,
    /// The interest in funding, in parts per 10^9 for eight hours; positive is paid by longs.
    pub interest_ppb: i32,
    /// How far the premium is pulled toward the interest, in parts per 10^9 for eight hours.
    pub interest_spread_ppb: u32,
    /// The funding of eight hours is at most this share of initial less maintenance margin, in parts per million;
    /// below one.
    pub funding_cap_ppm: u32,
    /// The time over which the premium is averaged, in milliseconds.
    pub premium_window_ms: u32,
    /// The time over which the settlement price is averaged, in milliseconds.
    pub settlement_window_ms: u32,
    /// How long after its end a market waits until the index was seen for half of that time, in milliseconds.
    pub settlement_patience_ms: u32,
    /// What a liquidated account pays to the insurance fund, as a share of the value of what was closed, in parts per
    /// million; below the floor of the maintenance ratio.
    pub liquidation_penalty_ppm: u32,
}

impl RiskParameters {
    /// Parameters of a deep market such as bitcoin's, for these tiers and open interest; a start for presets and
    /// tests, not a recommendation.
    ///
    /// The floor of 3 % and ten times the volatility of five minutes cover the 99.9 % quantile of such moves in
    /// calm times and follow in wild ones; each tier adds half a per cent. The liquidation penalty is one per cent.
    pub fn standard(tiers: u32, open_interest_lower: u64, open_interest_upper: u64) -> Self {
        let add_ons = (0..tiers).map(|tier| tier.saturating_mul(5_000)).collect();
        Self {
            floor_ppm: 30_000,
            volatility_factor_ppm: 10_000_000,
            horizon_ms: 300_000,
            slippage_ppm: 2_000,
            tier_add_ons_ppm: BoundedVec::truncate_from(add_ons),
            raise_ppm_per_hour: 20_000,
            lower_ppm_per_hour: 5_000,
            initial_factor_ppm: 1_500_000,
            open_interest_lower,
            open_interest_upper,
            mark_band_ppm: 50_000,
            basis_cap_ppm: 20_000,
            basis_time_constant_ms: 150_000,
            max_spread_ppm: 10_000,
            clearing_time_constant_ms: 30_000,
            clearing_max_age_ms: 60_000,
            stable_time_constant_ms: 3_600_000,
            stable_max_ppm_per_hour: 60_000,
            interest_ppb: 100_000,
            interest_spread_ppb: 500_000,
            funding_cap_ppm: 600_000,
            premium_window_ms: 3_600_000,
            settlement_window_ms: 1_800_000,
            settlement_patience_ms: 3_600_000,
            liquidation_penalty_ppm: 10_000,
        }
    }
}

/// What bounds orders of a market. SPEC 3.5.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Limits {
    /// No order that adds risk is accepted while open interest would exceed this, in lots; zero lets positions only
    /// shrink.
    pub open_interest_cap: u64,
    /// The most lots of one order.
    pub max_order_lots: u64,
    /// The least value of an order at its limit, in quanta.
    pub min_notional: Cash,
    /// How far from the mark an order's limit and a clearing price may be, in parts per million.
    pub band_ppm: u32,
    /// How many blocks an ordinary call lasts.
    pub call_blocks: u32,
}

impl Limits {
    /// Those of a contract.
    pub fn of(contract: &Contract) -> Self {
        Self {
            open_interest_cap: contract.open_interest_cap,
            max_order_lots: contract.max_order_lots,
            min_notional: contract.min_notional,
            band_ppm: contract.band_ppm,
            call_blocks: contract.call_blocks,
        }
    }

    /// Puts them into a contract.
    pub fn put(self, contract: &mut Contract) {
        contract.open_interest_cap = self.open_interest_cap;
        contract.max_order_lots = self.max_order_lots;
        contract.min_notional = self.min_notional;
        contract.band_ppm = self.band_ppm;
        contract.call_blocks = self.call_blocks;
    }
}

/// What trading in a market costs, and who gets it. SPEC 3.6.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fees {
    /// The fees, ascending in volume; the first applies from zero.
    pub tiers: BoundedVec<FeeTier, ConstU32<MAX_FEE_TIERS>>,
    /// Where they go.
    pub split: FeeSplit,
}

impl Fees {
    /// One fee for all: a taker fee and a maker fee, with a split.
    pub fn flat(taker_ppm: u32, maker_ppm: i32, split: FeeSplit) -> Self {
        let tier = FeeTier {
            min_volume: Cash::ZERO,
            taker_ppm,
            maker_ppm,
        };
        Self {
            tiers: BoundedVec::truncate_from(vec![tier]),
            split,
        }
    }

    /// Those of a contract.
    pub fn of(contract: &Contract) -> Self {
        Self {
            tiers: contract.fees.clone(),
            split: contract.fee_split,
        }
    }
}

/// A market as it is proposed: everything there is to say about it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Proposal {
    /// Its name.
    pub symbol: Symbol,
    /// Whose accounts may trade it. Never changes.
    pub compartment: CompartmentId,
    /// What it is. Never changes.
    pub kind: ContractKind,
    /// The feed of its index. Never changes.
    pub feed: FeedId,
    /// One lot, in 10^-18 of the base. Never changes.
    pub lot_size: u128,
    /// One tick, in quanta for one lot. Never changes.
    pub tick: u64,
    /// The largest position of each size tier; fixed once the market opens.
    pub tier_bounds: TierBounds,
    /// What bounds orders.
    pub limits: Limits,
    /// What trading costs.
    pub fees: Fees,
    /// How prices and margins are computed.
    pub risk: RiskParameters,
}

impl Proposal {
    /// The contract it describes, in a phase.
    pub fn contract(&self, phase: Phase) -> Contract {
        Contract {
            compartment: self.compartment,
            kind: self.kind,
            phase,
            feed: self.feed,
            lot_size: self.lot_size,
            tick: self.tick,
            min_notional: self.limits.min_notional,
            max_order_lots: self.limits.max_order_lots,
            tier_bounds: self.tier_bounds.clone(),
            open_interest_cap: self.limits.open_interest_cap,
            band_ppm: self.limits.band_ppm,
            fees: self.fees.tiers.clone(),
            fee_split: self.fees.split,
            call_blocks: self.limits.call_blocks,
            liquidation_penalty_ppm: self.risk.liquidation_penalty_ppm,
        }
    }
}

/// Why a market's mark stands still.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Freeze {
    /// The feed has no price, or only one so old that it says nothing.
    #[codec(index = 0)]
    NoPrice,
    /// The price of the feed is too old.
    #[codec(index = 1)]
    Stale,
    /// The index, or what follows from it, is outside the range in which the arithmetic is proved.
    #[codec(index = 2)]
    OutOfRange,
}

/// Where a settlement price comes from.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum SettlementSource {
    /// The average index over the settlement window.
    #[codec(index = 0)]
    Average,
    /// That average, but the window went on after the end until the index had been seen for half its length.
    #[codec(index = 1)]
    LateAverage,
    /// That average, although the index was seen for less: patience ended.
    #[codec(index = 2)]
    OverdueAverage,
    /// The last mark: patience ended without any index. Zero if there never was one, and so no position.
    #[codec(index = 3)]
    LastMark,
    /// The mark at which the market was ended at once, because its losses could not be covered. Zero if it never had a
    /// price, and so no position.
    #[codec(index = 4)]
    EndedAtMark,
}

/// The settlement window of a market while it runs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct SettlementWindow {
    /// When it began.
    pub start: Checkpoint,
    /// The sum of index times milliseconds up to the last block.
    pub sum: Checkpoint,
    /// The index since then.
    pub last: LotPrice,
    /// How long a fresh index was seen, in milliseconds.
    pub fresh_ms: i128,
}

/// What the price computation remembers of a live market from block to block.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Trace {
    /// When it was last looked at, in milliseconds since the epoch.
    pub at: Moment,
    /// The stable price; zero before the first price.
    pub stable: LotPrice,
    /// The averaged basis: call mid less index.
    pub basis: LotPrice,
    /// The averaged clearing price, while clearings are recent.
    pub clearing: Option<LotPrice>,
    /// The funding index with its remainder.
    pub funding: FundingIndex,
    /// The premium of the window that runs.
    pub premium: PremiumAverage,
    /// The average premium of the last whole window, in parts per 10^9 of the index.
    pub premium_ppb: Option<i64>,
    /// The rate that accrued in this block, in parts per 10^9 of the mark for eight hours.
    pub rate_ppb: i64,
    /// The maintenance ratio of each tier, rate-limited, in parts per 10^12: in one block of a second it moves by
    /// less than a millionth.
    pub maintenance: BoundedVec<u64, ConstU32<MAX_TIERS>>,
    /// Why the mark stands still, if it does.
    pub freeze: Option<Freeze>,
    /// When the opening call may end.
    pub opens_at: Moment,
    /// When trading ends, if it does.
    pub ends_at: Option<Moment>,
    /// The settlement window, once it has begun.
    pub window: Option<SettlementWindow>,
    /// Whether the settlement price is known, and prices are final.
    pub is_final: bool,
}

impl Trace {
    /// Of a market that opens.
    pub fn opening(now: Moment, opens_at: Moment, kind: ContractKind) -> Self {
        let ends_at = match kind {
            ContractKind::Perpetual => None,
            ContractKind::Future { expires_at } => Some(expires_at),
        };
        Self {
            at: now,
            opens_at,
            ends_at,
            ..Default::default()
        }
    }

    /// Whether there ever was a price.
    pub fn is_priced(&self) -> bool {
        self.stable.is_positive()
    }
}

/// Bytes as a bounded vector, if they fit.
pub(crate) fn bounded<V, const MOST: u32>(items: Vec<V>) -> Option<BoundedVec<V, ConstU32<MOST>>> {
    items.try_into().ok()
}
