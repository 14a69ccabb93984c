//! What liquidation, insurance, margin and the exchange ask of each other when an account can't carry its risk.

use alloc::vec::Vec;
use caisson_risk::{waterfall::Capacity, Cash, LotPrice, Lots, Side};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

use super::{
    account::{Account, AccountIndex, TradingAccounts},
    market::{CompartmentId, MarketId, Ticks},
};
use crate::types::{AssetId, Balance, BlockNumber};

/// A position as liquidation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The market.
    pub market: MarketId,
    /// Its size: positive is long. Not zero.
    pub lots: Lots,
    /// What one lot is worth.
    pub mark: LotPrice,
    /// Its profit at mark, less funding owed.
    pub profit: Cash,
    /// Its maintenance margin.
    pub maintenance: Cash,
    /// Its value at mark, a magnitude.
    pub notional: Cash,
    /// Whether its price may be used to liquidate it.
    pub may_liquidate: bool,
}

impl Leg {
    /// Which way it looks.
    pub const fn side(&self) -> Side {
        if self.lots.0 < 0 {
            Side::Short
        } else {
            Side::Long
        }
    }
}

/// How an account stands, for liquidation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Money, other collateral after haircuts, profits and losses at mark.
    pub equity: Cash,
    /// Maintenance margin of all positions.
    pub maintenance: Cash,
    /// Equity minus maintenance margin: negative is unsafe.
    pub slack: Cash,
    /// Its positions, in the order of the account.
    pub legs: Vec<Leg>,
    /// Whether all its prices, those of other collateral too, may be used to liquidate it.
    pub may_liquidate: bool,
}

/// An account that waits for liquidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endangered {
    /// The account.
    pub account: AccountIndex,
    /// The market of its largest leg, if that is a position.
    pub market: Option<MarketId>,
    /// How short it is when last looked at, in parts per million of its notional.
    pub urgency_ppm: u64,
}

/// What a compartment holds to cover losses.
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
pub struct Pots {
    /// The insurance fund: the chain's own.
    pub insurance: Cash,
    /// What backers of the fund stake.
    pub backers: Cash,
    /// Everything in custody: what withdrawals are measured against.
    pub custody: Cash,
}

/// One of them.
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
pub enum Pot {
    /// The insurance fund.
    #[codec(index = 0)]
    Insurance,
    /// The backers' stake.
    #[codec(index = 1)]
    Backers,
}

/// A compartment's money besides that of accounts. Implemented by margin, which has the custody.
pub trait CompartmentFunds<AccountId> {
    /// What there is. One read.
    fn pots(compartment: CompartmentId) -> Pots;
    /// The asset that is settled in, and the quanta in its smallest unit.
    fn settlement_asset(compartment: CompartmentId) -> Option<(AssetId, i128)>;
    /// Adds to a pot. Whoever calls takes as much from somewhere else in the compartment.
    ///
    /// Errors: the amount is negative, or too large.
    fn credit(compartment: CompartmentId, pot: Pot, amount: Cash) -> DispatchResult;
    /// Takes from a pot. Whoever calls adds as much somewhere else in the compartment.
    ///
    /// Errors: the amount is negative, or more than there is.
    fn debit(compartment: CompartmentId, pot: Pot, amount: Cash) -> DispatchResult;
    /// Moves units of the settlement asset into custody and into a pot. Returns what they are in quanta.
    fn receive(
        compartment: CompartmentId,
        pot: Pot,
        from: &AccountId,
        units: Balance,
    ) -> Result<Cash, DispatchError>;
    /// Pays whole units, at most `amount` quanta, out of a pot and out of custody. What is less than a unit stays in the
    /// pot. Returns the units and the quanta that left.
    fn pay_out(
        compartment: CompartmentId,
        pot: Pot,
        to: &AccountId,
        amount: Cash,
    ) -> Result<(Balance, Cash), DispatchError>;
    /// A compartment with that much in each pot for a benchmark.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_funds(compartment: CompartmentId, insurance: Cash, backers: Cash);
}

/// Margin accounts, for the liquidation engine. Implemented by margin.
///
/// The fund of a market holds what it took over in a margin account of its own, its *inventory*: an account of
/// role [`Fund`](super::AccountRole::Fund), which is never unsafe and waits on no trigger. Negative money of an inventory is the
/// market's open deficit: so all claims always sum to what is in custody.
pub trait LiquidationAccounts<AccountId>:
    TradingAccounts<AccountId> + CompartmentFunds<AccountId>
{
    /// Up to `limit` unsafe accounts, over all markets, the most endangered first. One read for each market, one for
    /// each account. None of role Fund.
    fn endangered(limit: u32) -> Vec<Endangered>;

    /// The most that finding the first of each bucket costs while so many accounts are unsafe.
    fn search_weight(waiting: u32) -> sp_weights::Weight;

    /// The most that naming so many accounts costs on top of that.
    fn naming_weight(named: u32) -> sp_weights::Weight;

    /// How an account stands. One or two reads for each market it is in.
    ///
    /// Errors: a market has no prices, or a number leaves its range.
    fn standing(account: &Account<AccountId>) -> Result<Standing, DispatchError>;

    /// The inventory of a market's fund, made when there is none yet.
    fn inventory(market: MarketId) -> Result<AccountIndex, DispatchError>;

    /// Up to `limit` accounts with a position on `side` of a market, those with the least slack for their size first in
    /// each size tier, none of role Fund, beginning after the place that `after` names. With the place after the last of
    /// them, or nothing when the end was reached.
    fn holders(
        market: MarketId,
        side: Side,
        limit: u32,
        after: Option<&[u8]>,
    ) -> (Vec<AccountIndex>, Option<Vec<u8>>);

    /// Takes all collateral in other assets out of an account and into what the compartment seized. Returns what it
    /// counts for after its haircut, in quanta; the account's money is not changed.
    fn seize_pledges(account: &mut Account<AccountId>) -> Result<Cash, DispatchError>;

    /// The most that seizing so many pledges of an account costs.
    fn seize_weight(pledges: u32) -> sp_weights::Weight;

    /// The market ends now and settles at its mark. What deficit its inventory has when all unsafe accounts are taken over
    /// is shared over the profits in the market, pro rata.
    fn settle_insolvent(market: MarketId) -> DispatchResult;
}

/// Orders that the chain itself enters. Implemented by the exchange.
pub trait ForcedOrders {
    /// Enters an immediate order that only reduces the position of an account, whatever its health: it takes part in the
    /// next clearing. It replaces the account's forced order in that market, if there is one. The limit is clamped into the
    /// prices that an order can have.
    ///
    /// Errors: the market takes no orders or is halted, its call has no room, or the account has no such position.
    fn force(
        account: AccountIndex,
        market: MarketId,
        side: Side,
        lots: u64,
        limit: LotPrice,
    ) -> DispatchResult;

    /// The lots that rest on `side` of a market at `limit` or better, counted over at most `orders` orders.
    fn depth(market: MarketId, side: Side, limit: Ticks, orders: u32) -> u64;

    /// The most a call to [`force`](Self::force) costs.
    fn force_weight() -> sp_weights::Weight;

    /// The most that cancelling so many orders of an account costs.
    fn cancel_weight(orders: u32) -> sp_weights::Weight;
}

/// Who paid how much of a loss.
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
pub struct Cover {
    /// The compartment's insurance fund.
    pub insurance: Cash,
    /// Its backers.
    pub backers: Cash,
    /// The treasury's backstop.
    pub treasury: Cash,
}

/// The funds. Implemented by insurance.
pub trait InsuranceFunds {
    /// Pays for a loss of a market: from the compartment's fund, then its backers, then the treasury's backstop, each
    /// inside its limits. What was paid is out of the pots, and the caller's to book.
    fn cover(
        compartment: CompartmentId,
        market: MarketId,
        loss: Cash,
    ) -> Result<Cover, DispatchError>;

    /// Takes in what the fund earned on a market: the caller took it from somewhere else in the compartment.
    fn income(compartment: CompartmentId, market: MarketId, amount: Cash) -> DispatchResult;

    /// What bounds the inventory of a market that holds so much notional.
    fn capacity(
        compartment: CompartmentId,
        market: MarketId,
        held_notional: Cash,
    ) -> Capacity<i128>;

    /// The most a call to [`cover`](Self::cover) costs.
    fn cover_weight() -> sp_weights::Weight;
}

/// Told when accounts fall short and when they come to safety.
pub trait SafetyObserver {
    /// An account is short of maintenance margin from now on.
    fn became_unsafe(_account: AccountIndex) {}

    /// An account that was short since a block has its maintenance margin again, or nothing any more.
    fn became_safe(account: AccountIndex, since: BlockNumber);
}

impl SafetyObserver for () {
    fn became_safe(_account: AccountIndex, _since: BlockNumber) {}
}
