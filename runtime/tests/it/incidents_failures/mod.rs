//! What broke other venues when something failed: a cascade, a dead feed, a wrong price, a corrupt record. Each test is
//! one incident, on the real runtime.

mod cascade;
mod dead_feed;
mod isolation;
mod margin_checks;
mod outer_ring;
mod thin_books;
mod uncollected_profit;
mod wrong_prices;

use std::collections::{BTreeMap, BTreeSet};

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Account, AccountIndex, Cash, Direction, InsuranceFunds, Level, MarketId, Markets as _,
        OrderRef, OrderRequest, Phase, Side, Ticks, TradingAccounts,
    },
    AccountId,
};
use caisson_runtime::{
    configs::{
        BlockWeights, SafeModeCalls, DEVELOPMENT_COLLATERAL, MAXIMUM_BLOCK_WEIGHT, SETTLEMENT_ASSET,
    },
    Assets, Insurance, Margin, Markets, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
    TxPause,
};
use frame_support::{
    assert_ok,
    traits::{fungibles::Mutate as _, Contains, GetCallMetadata},
    weights::Weight,
};
use pallet_exchange::Event as Exchanged;
use pallet_liquidation::Event as Liquidated;
use pallet_margin::Event as Booked;
use sp_runtime::DispatchError;

use crate::{
    chain::{error, Chain},
    native,
    oracle::{block_of_reports, feeds, signed_report, VALIDATORS},
    stage::{
        cancel_all, deposit, order, place, withdraw, Actor, Stage, Worth, BTC, BTC_PERP, ETH_PERP,
        ETH_PERP_B, ONE, QUANTA, UNITS,
    },
    trading::{self, mark_ticks, market, open_chain, traders},
};

type Ledger = BTreeMap<AccountIndex, Account<AccountId>>;

/// The whole weight of the block so far.
fn block_weight() -> Weight {
    System::block_weight().total()
}

/// The accounts that the events say the engine acted on: an order of its own, a purchase by the fund, or a take-over.
fn liquidated(events: &[RuntimeEvent]) -> Vec<AccountIndex> {
    events
        .iter()
        .filter_map(|event| match event {
            RuntimeEvent::Liquidation(
                Liquidated::OrderEntered { account, .. }
                | Liquidated::Bought { account, .. }
                | Liquidated::TakenOver { account, .. },
            ) => Some(*account),
            _ => None,
        })
        .collect()
}
