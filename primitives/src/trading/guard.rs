//! What the trading pallets ask the circuit breaker, and what they tell it.

use sp_runtime::DispatchError;

use super::{
    levels::Level,
    market::{CompartmentId, MarketId},
};
use crate::types::BlockNumber;
use caisson_risk::{Cash, LotPrice};

/// What becomes of a call that is about to clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallDecision {
    /// The price is committed.
    Commit,
    /// Nothing trades; the call goes on for so many more blocks.
    Extend(u32),
}

/// What happened in a call that cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallFlow {
    /// The lots that traded.
    pub lots: u64,
    /// The clearing price; zero when nothing traded.
    pub price: LotPrice,
    /// Lots of the bids that could have traded at that price, traded or not.
    pub bid_lots: u64,
    /// Lots of the asks that could have.
    pub ask_lots: u64,
    /// The orders that were filled, at least in part.
    pub fills: u32,
    /// The orders of the market that were cancelled by their owners since the last clearing.
    pub cancels: u32,
    /// The most lots that one account bought or sold.
    pub largest_lots: u64,
}

/// Asked by the exchange.
pub trait CallGuard {
    /// The level of a market. One read when nothing is restricted.
    fn level(market: MarketId) -> Level;

    /// The block before whose end a call that began in block `since` must not clear: `since` itself when nothing
    /// makes calls longer.
    fn earliest_end(market: MarketId, since: BlockNumber) -> BlockNumber;

    /// What becomes of the call of `market` that would clear `lots` at `price`. Asked before anything is committed;
    /// it may trip the breaker.
    fn admit(market: MarketId, price: LotPrice, lots: u64) -> CallDecision;

    /// A call of the market cleared so.
    fn cleared(market: MarketId, flow: &CallFlow);
}

/// Nothing is restricted: every call ends when it is due, at any price.
impl CallGuard for () {
    fn level(_market: MarketId) -> Level {
        Level::Open
    }

    fn earliest_end(_market: MarketId, since: BlockNumber) -> BlockNumber {
        since
    }

    fn admit(_market: MarketId, _price: LotPrice, _lots: u64) -> CallDecision {
        CallDecision::Commit
    }

    fn cleared(_market: MarketId, _flow: &CallFlow) {}
}

/// What becomes of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It leaves now.
    Now,
    /// It is taken from the account, and leaves when its turn comes.
    Queue,
}

/// Asked before money leaves a compartment.
pub trait WithdrawalGate {
    /// Whether so much, in quanta, may leave now; counts it if so. `others_wait`: there are withdrawals in the queue,
    /// which come first unless this one is small.
    ///
    /// Errors: nothing may leave, not even later; the error says why and what to do.
    fn admit(
        compartment: CompartmentId,
        amount: Cash,
        others_wait: bool,
    ) -> Result<Admission, DispatchError>;

    /// How much of `wanted`, the first withdrawal of the queue, may leave now; counts it.
    fn release(compartment: CompartmentId, wanted: Cash) -> Cash;
}

/// Everything may leave.
impl WithdrawalGate for () {
    fn admit(
        _compartment: CompartmentId,
        _amount: Cash,
        _others_wait: bool,
    ) -> Result<Admission, DispatchError> {
        Ok(Admission::Now)
    }

    fn release(_compartment: CompartmentId, wanted: Cash) -> Cash {
        wanted
    }
}

/// Asked by the markets.
pub trait MarginStress {
    /// By how much the initial margin of a market is raised for the moment, in parts per million; one million is
    /// not at all. Never below one million.
    fn initial_margin_ppm(market: MarketId) -> u32;
}

impl MarginStress for () {
    fn initial_margin_ppm(_market: MarketId) -> u32 {
        1_000_000
    }
}

/// What the liquidation engine and the funds tell the circuit breaker. None of them fails: a warning that can't be
/// kept must not undo what it warns of.
pub trait SafetySignals {
    /// Positions of so much notional were closed or taken over in a liquidation.
    fn liquidated(market: MarketId, notional: Cash);
    /// So many accounts wait for the engine at the end of its step of this block.
    fn backlog(accounts: u32);
    /// A fund paid for losses of a market; `share_ppm` of what it may pay in its window is used up now.
    fn drawdown(compartment: CompartmentId, market: MarketId, paid: Cash, share_ppm: u32);
    /// The deficit of a market that nobody covered yet; zero when there is none any more.
    fn deficit(compartment: CompartmentId, market: MarketId, open: Cash);
}

impl SafetySignals for () {
    fn liquidated(_market: MarketId, _notional: Cash) {}
    fn backlog(_accounts: u32) {}
    fn drawdown(_compartment: CompartmentId, _market: MarketId, _paid: Cash, _share_ppm: u32) {}
    fn deficit(_compartment: CompartmentId, _market: MarketId, _open: Cash) {}
}
