//! What governance sets: when triggers trip, what is allowed to leave, and how long levels last. SPEC 4, 5, 7.

use caisson_primitives::{oracle::BlockTime, trading::Cash, BlockNumber, Moment};
use caisson_risk::limits::{MAX_CASH, MAX_TIME_MS, PPM};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

use crate::{
    machine::Cause,
    pallet::{Config, Error},
};

/// How many horizons prices are held against.
pub const HORIZONS: usize = 4;
/// The most steps in the table of block gaps.
pub const MAX_GAPS: u32 = 8;
/// The most blocks a long call or an extension may last: about a day of short blocks.
pub const MAX_CALL_BLOCKS: BlockNumber = 100_000;

const SECOND: Moment = 1_000;
const MINUTE: Moment = 60 * SECOND;
const HOUR: Moment = 60 * MINUTE;
const DAY: Moment = 24 * HOUR;
/// Terms hold times of at most thirty days.
const MAX_TERM_MS: Moment = 30 * DAY;
/// A whole unit of the settlement asset, in quanta.
const UNIT: i128 = 1_000_000_000_000;

// Sums of a time and a term stay in the range in which the arithmetic is proved.
const _: () = assert!((MAX_TERM_MS as i128) < MAX_TIME_MS);

/// How far a price may be from the reference of a horizon.
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
pub struct Band {
    /// The age of the oldest reference.
    pub horizon_ms: Moment,
    /// The distance at usual volatility, and while none is known, in parts per million of the reference.
    pub band_ppm: u32,
    /// The volatility over the horizon at which the distance is `band_ppm`; it scales in proportion.
    pub usual_ppm: u32,
    /// The least distance.
    pub narrowest_ppm: u32,
    /// The largest distance.
    pub widest_ppm: u32,
}

/// How long calls last after the chain stood still.
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
pub struct GapCall {
    /// From this time between two blocks on.
    pub gap_ms: Moment,
    /// The call lasts so long, in slots of full blocks.
    pub call_ms: Moment,
}

/// When the orders of a call are unlike those before.
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
pub struct FlowTerms {
    /// Over how many calls averages run.
    pub memory_calls: u32,
    /// How many calls must have been seen before one may trip.
    pub min_calls: u32,
    /// The score from which a figure is unusual, in parts per million of a deviation.
    pub score_ppm: u64,
    /// The least deviation of the three shares (imbalance, cancels to fills, concentration), in parts per million.
    pub least_share_ppm: u32,
    /// The least deviation of volume, in parts per million of its average.
    pub least_volume_ppm: u32,
    /// By how much initial margin is raised while tripped, in parts per million; at least one million.
    pub initial_margin_ppm: u32,
}

/// When open interest grows too fast.
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
pub struct InterestTerms {
    /// The time over which growth is measured.
    pub window_ms: Moment,
    /// The growth that is too much, in parts per million of the lowest open interest in the window.
    pub rise_ppm: u32,
    /// Only while its value exceeds this many millionths of the compartment's fund and backers together.
    pub fund_ppm: u64,
    /// And this value, so that a market can begin before its fund is filled.
    pub floor: Cash,
}

/// When too much is liquidated.
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
pub struct PressureTerms {
    /// In this time the bucket loses the second limit.
    pub window_ms: Moment,
    /// The share of open interest from which calls get longer, in parts per million.
    pub first_ppm: u32,
    /// The share from which nothing adds risk.
    pub second_ppm: u32,
    /// Open interest counts as worth at least this.
    pub least_notional: Cash,
    /// So many accounts waiting for liquidation make all calls longer.
    pub backlog: u32,
}

/// How much may leave a compartment.
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
pub struct WithdrawalTerms {
    /// In an hour at least so much.
    pub hour_floor: Cash,
    /// In an hour this share of what is in custody, if that is more.
    pub hour_ppm: u32,
    /// In a day at least so much.
    pub day_floor: Cash,
    /// In a day this share of what is in custody, if that is more.
    pub day_ppm: u32,
    /// Withdrawals up to this are small: they don't wait while their own bucket has room.
    pub small: Cash,
    /// The small bucket of an hour, in parts per million of the hour's.
    pub small_ppm: u32,
    /// For how long nothing leaves after the last deficit was covered.
    pub gate_ms: Moment,
}

/// How long a level stays after its condition last held, and each step after the one before. In milliseconds.
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
pub struct CoolDowns {
    /// Of [`Cause::PriceBand`].
    pub price_band_ms: Moment,
    /// Of [`Cause::OracleHealth`].
    pub oracle_health_ms: Moment,
    /// Of [`Cause::BlockGap`] and [`Cause::RuntimeUpgrade`].
    pub block_gap_ms: Moment,
    /// Of [`Cause::OrderFlow`].
    pub order_flow_ms: Moment,
    /// Of [`Cause::OpenInterest`].
    pub open_interest_ms: Moment,
    /// Of [`Cause::LiquidationPressure`].
    pub liquidation_pressure_ms: Moment,
    /// Of [`Cause::InsuranceDrawdown`].
    pub insurance_drawdown_ms: Moment,
    /// Of [`Cause::Guardian`], for the steps after it expired.
    pub guardian_ms: Moment,
}

/// The terms of the breaker. The defaults hold until a referendum sets others.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Terms {
    /// The price bands, in the order of their horizons.
    pub bands: [Band; HORIZONS],
    /// How many blocks a long call lasts.
    pub long_call_blocks: BlockNumber,
    /// By how many blocks a call is extended whose price is outside.
    pub extension_blocks: BlockNumber,
    /// After how long a price that stays outside the horizons' bands is let through.
    pub max_extension_ms: Moment,
    /// After how long without a live index a market whose index is stale takes only cancels and reductions.
    pub stale_patience_ms: Moment,
    /// The calls after block gaps, ascending in both.
    pub gaps: BoundedVec<GapCall, ConstU32<MAX_GAPS>>,
    /// How long the call after a runtime upgrade lasts.
    pub upgrade_call_ms: Moment,
    /// Order flow.
    pub flow: FlowTerms,
    /// Open interest.
    pub interest: InterestTerms,
    /// Liquidation.
    pub pressure: PressureTerms,
    /// The share of what a fund may pay in its window from which nothing adds risk, in parts per million.
    pub drawdown_ppm: u32,
    /// Withdrawals.
    pub withdrawals: WithdrawalTerms,
    /// How long levels last.
    pub cool_downs: CoolDowns,
}

/// The bands: half to twice the distance, by volatility. The usual volatility is 60 % a year.
const BANDS: [Band; HORIZONS] = [
    band(MINUTE, 30_000, 830),
    band(5 * MINUTE, 50_000, 1_850),
    band(HOUR, 100_000, 6_400),
    band(DAY, 200_000, 31_400),
];

const fn band(horizon_ms: Moment, band_ppm: u32, usual_ppm: u32) -> Band {
    Band {
        horizon_ms,
        band_ppm,
        usual_ppm,
        narrowest_ppm: band_ppm / 2,
        widest_ppm: band_ppm.saturating_mul(2),
    }
}

/// Gap and call.
const GAPS: [(Moment, Moment); 5] = [
    (10 * SECOND, MINUTE),
    (MINUTE, 5 * MINUTE),
    (10 * MINUTE, 15 * MINUTE),
    (HOUR, HOUR),
    (DAY, 6 * HOUR),
];

impl Default for Terms {
    fn default() -> Self {
        let gaps = GAPS.map(|(gap_ms, call_ms)| GapCall { gap_ms, call_ms });
        Self {
            bands: BANDS,
            long_call_blocks: 60,
            extension_blocks: 30,
            max_extension_ms: 10 * MINUTE,
            stale_patience_ms: 5 * MINUTE,
            gaps: BoundedVec::truncate_from(gaps.to_vec()),
            upgrade_call_ms: MINUTE,
            flow: FlowTerms {
                memory_calls: 128,
                min_calls: 256,
                score_ppm: 6_000_000,
                least_share_ppm: 50_000,
                least_volume_ppm: 250_000,
                initial_margin_ppm: 1_500_000,
            },
            interest: InterestTerms {
                window_ms: HOUR,
                rise_ppm: 500_000,
                fund_ppm: 20_000_000,
                floor: Cash(5_000_000 * UNIT),
            },
            pressure: PressureTerms {
                window_ms: 10 * MINUTE,
                first_ppm: 50_000,
                second_ppm: 150_000,
                least_notional: Cash(500_000 * UNIT),
                backlog: 500,
            },
            drawdown_ppm: 500_000,
            withdrawals: WithdrawalTerms {
                hour_floor: Cash(100_000 * UNIT),
                hour_ppm: 10_000,
                day_floor: Cash(1_000_000 * UNIT),
                day_ppm: 100_000,
                small: Cash(1_000 * UNIT),
                small_ppm: 100_000,
                gate_ms: HOUR,
            },
            cool_downs: CoolDowns {
                price_band_ms: 5 * MINUTE,
                oracle_health_ms: MINUTE,
                block_gap_ms: MINUTE,
                order_flow_ms: 10 * MINUTE,
                open_interest_ms: HOUR,
                liquidation_pressure_ms: 15 * MINUTE,
                insurance_drawdown_ms: HOUR,
                guardian_ms: 10 * MINUTE,
            },
        }
    }
}

impl Terms {
    /// The cool-down of a cause, in milliseconds. What is ratified has none: it doesn't recover.
    pub const fn cool_down_ms(&self, cause: Cause) -> Moment {
        let all = &self.cool_downs;
        match cause {
            Cause::PriceBand => all.price_band_ms,
            Cause::OracleHealth => all.oracle_health_ms,
            Cause::BlockGap | Cause::RuntimeUpgrade => all.block_gap_ms,
            Cause::OrderFlow => all.order_flow_ms,
            Cause::OpenInterest => all.open_interest_ms,
            Cause::LiquidationPressure => all.liquidation_pressure_ms,
            Cause::InsuranceDrawdown => all.insurance_drawdown_ms,
            Cause::Guardian | Cause::Ratified => all.guardian_ms,
        }
    }

    /// Errors: which part of the terms makes no sense. SPEC 5.2.
    pub fn validate<T: Config>(&self) -> DispatchResult {
        ensure!(self.bands_are_sound(), Error::<T>::BadBands);
        let calls = [self.long_call_blocks, self.extension_blocks];
        ensure!(
            calls
                .iter()
                .all(|blocks| (1..=MAX_CALL_BLOCKS).contains(blocks)),
            Error::<T>::BadCalls
        );
        // A gap that is an ordinary time between blocks would make calls long for ever.
        let least_gap = T::Time::slot_millis().saturating_mul(2);
        ensure!(self.gaps_are_sound(least_gap), Error::<T>::BadGaps);
        ensure!(self.times_are_sound(), Error::<T>::BadTimes);
        ensure!(self.flow_is_sound(), Error::<T>::BadFlow);
        ensure!(self.interest_is_sound(), Error::<T>::BadInterest);
        ensure!(self.pressure_is_sound(), Error::<T>::BadPressure);
        ensure!(is_share(self.drawdown_ppm), Error::<T>::BadDrawdown);
        ensure!(self.withdrawals_are_sound(), Error::<T>::BadWithdrawals);
        Ok(())
    }

    fn bands_are_sound(&self) -> bool {
        let each = self.bands.iter().all(|band| {
            is_term(band.horizon_ms)
                && band.horizon_ms >= SECOND
                && band.usual_ppm > 0
                && band.narrowest_ppm > 0
                && band.narrowest_ppm <= band.band_ppm
                && band.band_ppm <= band.widest_ppm
                && i128::from(band.widest_ppm) < PPM
        });
        each && self.bands.is_sorted_by(|a, b| a.horizon_ms < b.horizon_ms)
    }

    fn gaps_are_sound(&self, least_gap: Moment) -> bool {
        let each =
            |gap: &GapCall| gap.gap_ms >= least_gap && is_term(gap.gap_ms) && is_term(gap.call_ms);
        self.gaps.iter().all(each)
            && self
                .gaps
                .is_sorted_by(|a, b| a.gap_ms < b.gap_ms && a.call_ms <= b.call_ms)
    }

    fn times_are_sound(&self) -> bool {
        let all = &self.cool_downs;
        [
            self.max_extension_ms,
            self.stale_patience_ms,
            self.upgrade_call_ms,
            all.price_band_ms,
            all.oracle_health_ms,
            all.block_gap_ms,
            all.order_flow_ms,
            all.open_interest_ms,
            all.liquidation_pressure_ms,
            all.insurance_drawdown_ms,
            all.guardian_ms,
        ]
        .into_iter()
        .all(is_term)
    }

    fn flow_is_sound(&self) -> bool {
        let flow = &self.flow;
        (2..=100_000).contains(&flow.memory_calls)
            && flow.min_calls > 0
            && (1_000_000..=1_000_000_000).contains(&flow.score_ppm)
            && flow.least_share_ppm > 0
            && flow.least_volume_ppm > 0
            // A stress below one would loosen, one above ten would close every market.
            && (1_000_000..=10_000_000).contains(&flow.initial_margin_ppm)
    }

    fn interest_is_sound(&self) -> bool {
        let interest = &self.interest;
        is_term(interest.window_ms)
            && interest.rise_ppm > 0
            && interest.fund_ppm <= 1_000_000_000
            && is_cash(interest.floor)
    }

    fn pressure_is_sound(&self) -> bool {
        let pressure = &self.pressure;
        let least = Cash(PPM);
        is_term(pressure.window_ms)
            && pressure.first_ppm > 0
            && pressure.first_ppm <= pressure.second_ppm
            && is_share(pressure.second_ppm)
            // So the bucket's limit is at least a quantum, and it drains.
            && is_cash(pressure.least_notional)
            && pressure.least_notional >= least
            && pressure.backlog > 0
    }

    fn withdrawals_are_sound(&self) -> bool {
        let terms = &self.withdrawals;
        let small_bucket = terms
            .hour_floor
            .ratio_floor(&caisson_risk::Ppm(i128::from(terms.small_ppm)));
        is_cash(terms.hour_floor)
            && is_cash(terms.day_floor)
            && terms.hour_floor > Cash::ZERO
            && terms.hour_floor <= terms.day_floor
            && terms.hour_ppm <= terms.day_ppm
            && is_share(terms.day_ppm)
            && is_share(terms.small_ppm)
            && is_cash(terms.small)
            // Else no small withdrawal would ever fit.
            && small_bucket.is_ok_and(|capacity| terms.small <= capacity)
            && terms.gate_ms <= MAX_TERM_MS
    }
}

fn is_term(ms: Moment) -> bool {
    ms > 0 && ms <= MAX_TERM_MS
}

fn is_share(ppm: u32) -> bool {
    ppm > 0 && i128::from(ppm) <= PPM
}

fn is_cash(amount: Cash) -> bool {
    (0..=MAX_CASH).contains(&amount.0)
}
