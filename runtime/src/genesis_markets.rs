//! The compartments and markets that development networks start with.
//!
//! Two compartments with the same settlement asset, so that isolation can be seen and tested: one for the deep
//! markets, one for others. A public network lists its own, by governance.

use alloc::{string::ToString, vec, vec::Vec};

use caisson_primitives::{
    oracle::FeedId,
    trading::{CompartmentId, ContractKind, FeeSplit},
    AssetId, Balance,
};
use pallet_margin::types::{CollateralTerms, CompartmentTerms};
use pallet_markets::{
    genesis::{GenesisFee, GenesisMarket},
    types::RiskParameters,
};

use crate::configs::{DEVELOPMENT_COLLATERAL, SETTLEMENT_ASSET};

/// A whole of the settlement asset, in its smallest units.
const WHOLE: Balance = 1_000_000;
/// A whole of the settlement asset, in quanta.
const QUANTA: u128 = 1_000_000_000_000;
/// The feed of bitcoin, by its place among the genesis feeds.
const BTC: FeedId = 0;
/// The feed of ether.
const ETH: FeedId = 1;

/// Settlement asset and terms of each compartment.
pub fn compartments() -> Vec<(AssetId, CompartmentTerms)> {
    let terms = CompartmentTerms {
        min_deposit: 10 * WHOLE,
        dust: WHOLE,
        transfer_margin_ppm: 100_000,
    };
    vec![(SETTLEMENT_ASSET, terms), (SETTLEMENT_ASSET, terms)]
}

/// The second development asset counts as collateral in the first compartment, a lot being a hundred-thousandth of it.
pub fn collaterals() -> Vec<(CompartmentId, AssetId, FeedId, Balance, CollateralTerms)> {
    let terms = CollateralTerms {
        haircut_ppm: 100_000,
        slope_ppm: 500_000,
        share_cap_ppm: 200_000,
        confidence_ppm: 2_000_000,
        // Ten thousand wholes.
        cap: 1_000_000_000,
    };
    vec![(0, DEVELOPMENT_COLLATERAL, BTC, 1_000, terms)]
}

/// Two perpetuals in the first compartment, one in the second.
pub fn markets() -> Vec<GenesisMarket> {
    vec![
        // A lot of a ten-thousandth of a bitcoin is a few dollars; a tick is ten cents of a whole one.
        perpetual("BTC-PERP", 0, BTC, QUANTA * 100, 10_000_000),
        // A lot of a thousandth of an ether; a tick is a cent of a whole one.
        perpetual("ETH-PERP", 0, ETH, QUANTA * 1_000, 10_000_000),
        perpetual("ETH-PERP-B", 1, ETH, QUANTA * 1_000, 10_000_000),
    ]
}

fn perpetual(
    symbol: &str,
    compartment: CompartmentId,
    feed: FeedId,
    lot_size: u128,
    tick: u64,
) -> GenesisMarket {
    let tiers = vec![1_000_000, 5_000_000, 20_000_000];
    GenesisMarket {
        symbol: symbol.to_string(),
        compartment,
        kind: ContractKind::Perpetual,
        feed,
        lot_size,
        tick,
        open_interest_cap: 100_000_000,
        max_order_lots: 1_000_000,
        // A dollar.
        min_notional: QUANTA,
        band_ppm: 100_000,
        call_blocks: 1,
        fees: vec![
            GenesisFee {
                min_volume: 0,
                taker_ppm: 500,
                maker_ppm: -50,
            },
            GenesisFee {
                min_volume: 10_000_000 * QUANTA,
                taker_ppm: 350,
                maker_ppm: -100,
            },
        ],
        fee_split: FeeSplit {
            insurance_ppm: 400_000,
            backers_ppm: 200_000,
        },
        risk: RiskParameters::standard(3, 50_000_000, 200_000_000),
        tier_bounds: tiers,
    }
}
