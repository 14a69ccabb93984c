//! How strict the chain is with a market, and what each level permits.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use super::market::{CompartmentId, MarketId};

/// The levels of the circuit breaker, from the loosest to the strictest.
///
/// A market stands under its own level, its compartment's and the chain's; the strictest of the three holds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum Level {
    /// Nothing is restricted.
    #[default]
    #[codec(index = 0)]
    Open,
    /// Calls last longer. Nothing else is restricted.
    #[codec(index = 1)]
    LongCalls,
    /// No order that may add risk is taken in. Orders that rest still trade: somebody must take the other side of a
    /// reduction.
    #[codec(index = 2)]
    ReduceOnly,
    /// Nothing adds risk, resting orders neither: reductions meet reductions.
    #[codec(index = 3)]
    CancelOnly,
    /// No call clears.
    #[codec(index = 4)]
    Halted,
}

/// What a level may forbid.
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
pub enum Permit {
    /// Placing an order that may add risk.
    #[codec(index = 0)]
    Place,
    /// A fill that adds risk.
    #[codec(index = 1)]
    Increase,
    /// Placing an order that only reduces, and its fill.
    #[codec(index = 2)]
    Reduce,
    /// Cancelling an order.
    #[codec(index = 3)]
    Cancel,
    /// Bringing collateral in.
    #[codec(index = 4)]
    Deposit,
    /// Taking collateral out; limits and queues apply besides.
    #[codec(index = 5)]
    Withdraw,
    /// Liquidating an unsafe account; the status of its prices decides besides.
    #[codec(index = 6)]
    Liquidate,
    /// Paying funding.
    #[codec(index = 7)]
    Fund,
    /// Settling a market that ended.
    #[codec(index = 8)]
    Settle,
}

impl Permit {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Place,
        Self::Increase,
        Self::Reduce,
        Self::Cancel,
        Self::Deposit,
        Self::Withdraw,
        Self::Liquidate,
        Self::Fund,
        Self::Settle,
    ];
}

impl Level {
    /// All of them, from the loosest.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::LongCalls,
        Self::ReduceOnly,
        Self::CancelOnly,
        Self::Halted,
    ];

    /// Whether the level permits something: the one table.
    ///
    /// | | Open | LongCalls | ReduceOnly | CancelOnly | Halted |
    /// |---|---|---|---|---|---|
    /// | place | yes | yes | | | |
    /// | increase | yes | yes | yes | | |
    /// | reduce | yes | yes | yes | yes | |
    /// | cancel, deposit, liquidate, fund, settle | yes | yes | yes | yes | yes |
    /// | withdraw | yes | yes | yes | yes | |
    pub const fn permits(self, permit: Permit) -> bool {
        match permit {
            Permit::Place => matches!(self, Self::Open | Self::LongCalls),
            Permit::Increase => {
                matches!(self, Self::Open | Self::LongCalls | Self::ReduceOnly)
            }
            Permit::Reduce | Permit::Withdraw => !matches!(self, Self::Halted),
            Permit::Cancel
            | Permit::Deposit
            | Permit::Liquidate
            | Permit::Fund
            | Permit::Settle => true,
        }
    }

    /// The next looser level.
    pub const fn loosened(self) -> Self {
        match self {
            Self::Open | Self::LongCalls => Self::Open,
            Self::ReduceOnly => Self::LongCalls,
            Self::CancelOnly => Self::ReduceOnly,
            Self::Halted => Self::CancelOnly,
        }
    }
}

/// What a level is held for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum Scope {
    /// One market.
    #[codec(index = 0)]
    Market(MarketId),
    /// All markets of a compartment.
    #[codec(index = 1)]
    Compartment(CompartmentId),
    /// All markets.
    #[codec(index = 2)]
    Chain,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stricter_level_should_never_permit_more() {
        for (looser, stricter) in Level::ALL.iter().zip(&Level::ALL[1..]) {
            assert!(looser < stricter);
            assert_eq!(stricter.loosened(), *looser);
            for permit in Permit::ALL {
                assert!(
                    looser.permits(permit) || !stricter.permits(permit),
                    "{permit:?}"
                );
            }
        }
    }

    #[test]
    fn no_level_should_forbid_what_makes_an_account_safer_but_reducing_when_halted() {
        for level in Level::ALL {
            for permit in [
                Permit::Cancel,
                Permit::Deposit,
                Permit::Liquidate,
                Permit::Settle,
            ] {
                assert!(level.permits(permit), "{level:?} {permit:?}");
            }
            assert_eq!(level.permits(Permit::Reduce), level != Level::Halted);
        }
    }
}
