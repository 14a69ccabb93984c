//! Markets in a chain specification. SPEC 2.7.

use alloc::{string::String, vec::Vec};
use caisson_primitives::{
    oracle::{BlockTime, FeedId},
    trading::{CompartmentId, ContractKind, FeeSplit, FeeTier, Lots, Phase},
};
use caisson_risk::Cash;
use serde::{Deserialize, Serialize};

use crate::{
    listing,
    pallet::Config,
    types::{bounded, Fees, Limits, Proposal, RiskParameters, Trace},
    validation,
};

/// A market that trades from the first block on.
///
/// Amounts that may be large are decimal text, because numbers in JSON lose their last digits in many tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisMarket {
    /// Its name, such as `BTC-PERP`.
    pub symbol: String,
    /// Whose accounts may trade it.
    pub compartment: CompartmentId,
    /// What it is.
    pub kind: ContractKind,
    /// The feed of its index.
    pub feed: FeedId,
    /// One lot, in 10^-18 of the base.
    #[serde(with = "integer_text")]
    pub lot_size: u128,
    /// One tick, in quanta for one lot.
    pub tick: u64,
    /// The largest position of each size tier, in lots, ascending.
    pub tier_bounds: Vec<u64>,
    /// No order that adds risk is accepted beyond this open interest, in lots.
    pub open_interest_cap: u64,
    /// The most lots of one order.
    pub max_order_lots: u64,
    /// The least value of an order, in quanta.
    #[serde(with = "integer_text")]
    pub min_notional: u128,
    /// How far from the mark orders and clearings may be, in parts per million.
    pub band_ppm: u32,
    /// How many blocks a call lasts.
    pub call_blocks: u32,
    /// Fees, ascending in volume, the first from zero.
    pub fees: Vec<GenesisFee>,
    /// Where they go.
    pub fee_split: FeeSplit,
    /// How prices and margins are computed.
    pub risk: RiskParameters,
}

/// Fees from a trading volume on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisFee {
    /// The volume, in quanta.
    #[serde(with = "integer_text")]
    pub min_volume: u128,
    /// In parts per million.
    pub taker_ppm: u32,
    /// In parts per million; negative is a rebate.
    pub maker_ppm: i32,
}

impl GenesisMarket {
    /// The proposal it amounts to; nothing if a list is too long or a number too large for its type.
    pub fn proposal(&self) -> Option<Proposal> {
        let bounds = self.tier_bounds.iter();
        let bounds: Option<Vec<_>> = bounds
            .map(|lots| Some(Lots(i64::try_from(*lots).ok()?)))
            .collect();
        let fees = self.fees.iter();
        let fees: Option<Vec<_>> = fees.map(GenesisFee::tier).collect();
        Some(Proposal {
            symbol: bounded(self.symbol.as_bytes().to_vec())?,
            compartment: self.compartment,
            kind: self.kind,
            feed: self.feed,
            lot_size: self.lot_size,
            tick: self.tick,
            tier_bounds: bounded(bounds?)?,
            limits: Limits {
                open_interest_cap: self.open_interest_cap,
                max_order_lots: self.max_order_lots,
                min_notional: cash(self.min_notional)?,
                band_ppm: self.band_ppm,
                call_blocks: self.call_blocks,
            },
            fees: Fees {
                tiers: bounded(fees?)?,
                split: self.fee_split,
            },
            risk: self.risk.clone(),
        })
    }
}

impl GenesisFee {
    fn tier(&self) -> Option<FeeTier> {
        Some(FeeTier {
            min_volume: cash(self.min_volume)?,
            taker_ppm: self.taker_ppm,
            maker_ppm: self.maker_ppm,
        })
    }
}

fn cash(quanta: u128) -> Option<Cash> {
    i128::try_from(quanta).ok().map(Cash)
}

/// Lists a market that trades at once.
///
/// # Panics
///
/// If the market can't be listed: a chain must not start with less than its specification says.
#[allow(clippy::panic)]
pub(crate) fn build<T: Config>(market: &GenesisMarket) {
    let symbol = &market.symbol;
    let proposal = market.proposal().unwrap_or_else(|| {
        panic!("market {symbol}: a list is too long or an amount too large");
    });
    if let Err(error) = list::<T>(proposal) {
        panic!("market {symbol} can't be listed: {error:?}");
    }
}

/// The compartment isn't looked up: the pallet that has it may be built later. `try_state` does.
fn list<T: Config>(proposal: Proposal) -> Result<(), sp_runtime::DispatchError> {
    validation::check_proposal::<T>(&proposal)?;
    let now = T::Time::now_ms();
    let trace = Trace::opening(now, now, proposal.kind);
    let market = listing::record::<T>(proposal, Phase::Trading)?;
    listing::make_live::<T>(market, trace)
}

/// Whole numbers as decimal text.
mod integer_text {
    use alloc::string::{String, ToString};
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number.to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| D::Error::custom("a whole number as text is wanted"))
    }
}
