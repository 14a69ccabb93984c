//! What the pallet stores, and what governance gives it.

use alloc::vec;
use caisson_primitives::{
    trading::{Cash, CompartmentId, MarketId},
    Balance, Moment,
};
use caisson_risk::breaker::LeakyBucket;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// One whole, in parts per million.
pub const PPM: u32 = 1_000_000;
/// A day: the window of the caps of backers and of the backstop.
pub const DAY_MS: u32 = 24 * 60 * 60 * 1_000;
/// The most jumps of a stress scenario set: each costs one pass over a compartment's markets.
pub const MAX_JUMPS: u32 = 16;
/// The largest fall of a scenario: everything.
pub const MAX_FALL_PPM: i32 = -1_000_000;
/// The largest rise of a scenario: elevenfold.
pub const MAX_RISE_PPM: i32 = 10_000_000;
/// The most inventory, as a share of the insurance pot: a hundredfold.
pub const MAX_INVENTORY_PPM: u32 = 100_000_000;
/// The shortest window of the drawdown allowance: a minute.
pub const MIN_WINDOW_MS: u32 = 60_000;
/// The longest: thirty days.
pub const MAX_WINDOW_MS: u32 = 30 * DAY_MS;
/// The shortest cool-down: an hour, so that nobody leaves ahead of a loss that is on its way through liquidation.
pub const MIN_COOL_DOWN_MS: u32 = 60 * 60 * 1_000;
/// The longest: thirty days.
pub const MAX_COOL_DOWN_MS: u32 = 30 * DAY_MS;
/// The largest least stake: a million million of the settlement asset.
pub const MAX_MIN_BACKING: Cash = Cash(1_000_000_000_000_000_000_000_000);
/// The shares that the published share price is of. So many cost one of the settlement asset when a series begins.
pub const PRICED_SHARES: Shares = 1_000_000_000_000_000_000;
/// A series of shares ends when one is worth less than what the first ones cost divided by this.
pub const WIPED_OUT_FACTOR: i128 = 1_000_000;

/// A number of shares of a compartment's backers; never negative.
pub type Shares = i128;

/// Moves of all prices of a compartment at once, in parts per million of the mark; negative is a fall.
pub type Jumps = BoundedVec<i32, ConstU32<MAX_JUMPS>>;

/// What governance sets for a compartment. SPEC 3.
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
pub struct FundTerms {
    /// The notional that the fund of one market may hold, as a share of the insurance pot, in parts per million.
    pub inventory_ppm: u32,
    /// What one market may take from the insurance pot in a window, as a share of the pot, in parts per million.
    pub drawdown_ppm: u32,
    /// That window, in milliseconds.
    pub window_ms: u32,
    /// What one market may take from the backers in a day, as a share of their pot, in parts per million.
    pub backers_ppm: u32,
    /// What one market may take from the treasury's backstop in a day, in quanta.
    pub backstop_cap: Cash,
    /// How long a backer who leaves waits, in milliseconds.
    pub cool_down_ms: u32,
    /// The least that a backer brings at once, and leaves staked if anything, in quanta.
    pub min_backing: Cash,
    /// The moves whose losses the fund should be able to pay.
    pub stress_jumps_ppm: Jumps,
    /// The target is the mean of so many of the worst losses.
    pub tail: u8,
}

impl FundTerms {
    /// What holds for a compartment until governance sets something else.
    ///
    /// | term | value | why |
    /// |---|---|---|
    /// | inventory | five times the pot | a fall of a fifth of all of it is the pot |
    /// | drawdown | a fifth in six hours | four markets must fail before the fund is down to two fifths |
    /// | backers | a tenth a day | no single day and market takes most of a stake |
    /// | backstop | 50,000 a day | more is governance's decision |
    /// | cool-down | seven days | longer than any loss takes through liquidation |
    /// | least stake | 10 | a record costs its owner something |
    /// | jumps | 5, 10, 15, 20 and 30 % both ways, the two worst | a fall and a rise of 30 % |
    pub fn standard() -> Self {
        let jumps = vec![
            -300_000, -200_000, -150_000, -100_000, -50_000, 50_000, 100_000, 150_000, 200_000,
            300_000,
        ];
        Self {
            inventory_ppm: 5_000_000,
            drawdown_ppm: 200_000,
            window_ms: 6 * 60 * 60 * 1_000,
            backers_ppm: 100_000,
            backstop_cap: Cash(50_000_000_000_000_000),
            cool_down_ms: 7 * DAY_MS,
            min_backing: Cash(10_000_000_000_000),
            stress_jumps_ppm: BoundedVec::truncate_from(jumps),
            tail: 2,
        }
    }
}

impl Default for FundTerms {
    fn default() -> Self {
        Self::standard()
    }
}

/// What bounds one market more tightly than its compartment's terms do. Of both, the smaller counts.
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
pub struct SubLimit {
    /// Instead of [`FundTerms::inventory_ppm`].
    pub inventory_ppm: u32,
    /// Instead of [`FundTerms::drawdown_ppm`].
    pub drawdown_ppm: u32,
    /// Instead of [`FundTerms::backers_ppm`].
    pub backers_ppm: u32,
    /// Instead of [`FundTerms::backstop_cap`], in quanta.
    pub backstop_cap: Cash,
}

/// What a market took from the funds, and brought. One record, because a loss changes all of it.
#[derive(
    Clone,
    Copy,
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
pub struct MarketRecord {
    /// What it took from the insurance pot and has not drained yet.
    pub drawdown: LeakyBucket,
    /// From the backers.
    pub backers: LeakyBucket,
    /// From the backstop, in whole units.
    pub backstop: LeakyBucket,
    /// All that its inventory earned for the fund. A statistic: it saturates.
    pub income: Cash,
    /// All that was paid for its losses. A statistic: it saturates.
    pub paid: Cash,
}

/// The shares of a compartment's backers that count.
#[derive(
    Clone,
    Copy,
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
pub struct ShareSeries {
    /// Its number. A loss that wipes the backers out begins the next one.
    pub number: u32,
    /// The shares issued in it.
    pub shares: Shares,
}

/// What a backer holds in a compartment.
#[derive(
    Clone,
    Copy,
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
pub struct Backing {
    /// The series of its shares; of any but the current one they are worth nothing.
    pub series: u32,
    /// Its shares, those that leave among them; positive.
    pub shares: Shares,
    /// What leaves, if anything.
    pub leaving: Option<Leaving>,
}

/// Shares that wait to be paid out. They bear losses and income until they are.
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
pub struct Leaving {
    /// How many; positive, at most what is held.
    pub shares: Shares,
    /// From when on they can be redeemed, in milliseconds since the epoch.
    pub at: Moment,
}

/// How well a compartment's funds cover what they may have to pay. SPEC 8.
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
pub struct Coverage {
    /// What the funds should hold.
    pub target: Cash,
    /// What insurance fund and backers held.
    pub fund: Cash,
    /// Fund over target in parts per million, rounded down, at most a thousandfold; nothing without a target.
    pub coverage_ppm: Option<u32>,
    /// When, in milliseconds since the epoch.
    pub at: Moment,
}

impl Coverage {
    /// Whether the funds reach their target.
    pub fn is_reached(&self) -> bool {
        self.coverage_ppm.is_none_or(|ppm| ppm >= PPM)
    }
}

/// A compartment's funds as clients see them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FundView {
    /// Which.
    pub compartment: CompartmentId,
    /// The insurance pot, in quanta.
    pub insurance: Cash,
    /// The backers' pot, in quanta.
    pub backers: Cash,
    /// What the backstop holds of the settlement asset, for all compartments, in quanta.
    pub backstop: Cash,
    /// The shares that count.
    pub series: ShareSeries,
    /// What [`PRICED_SHARES`] shares are worth, in quanta, rounded down.
    pub share_price: Cash,
    /// The last look at coverage, if there was one.
    pub coverage: Option<Coverage>,
    /// What governance set.
    pub terms: FundTerms,
}

/// A limit that fills and drains, as clients see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AllowanceView {
    /// What was taken and has not drained yet, in quanta.
    pub used: Cash,
    /// What can be taken now, in quanta, if there is as much.
    pub left: Cash,
}

/// What a market may still take, as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MarketFundView {
    /// Which.
    pub market: MarketId,
    /// The most notional its fund may hold, in quanta.
    pub max_inventory: Cash,
    /// From the insurance pot, in the window.
    pub drawdown: AllowanceView,
    /// From the backers, in a day.
    pub backers: AllowanceView,
    /// From the backstop, in a day.
    pub backstop: AllowanceView,
    /// What its inventory earned so far, in quanta.
    pub income: Cash,
    /// What was paid for its losses so far, in quanta.
    pub paid: Cash,
}

/// A backer's stake as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BackingView {
    /// As it is stored.
    pub backing: Backing,
    /// Whether its series was wiped out.
    pub is_worthless: bool,
    /// What all its shares are worth, in quanta, rounded down.
    pub value: Cash,
    /// The whole units that those which leave would be paid out as now.
    pub leaving_units: Balance,
}
