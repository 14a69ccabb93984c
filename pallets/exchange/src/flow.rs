//! What the guard is told of a call that cleared. SPEC 13.6.

use alloc::collections::BTreeMap;
use caisson_primitives::trading::{AccountIndex, CallFlow, Contract, Side, Ticks};

use crate::{floor::Met, uncross::Outcome};

/// The figures of a clearing at `ticks`, before which owners cancelled so many orders. Sums saturate: they are far from their
/// range, and nothing is booked by them.
pub fn of(
    orders: &[Met],
    outcome: &Outcome,
    contract: &Contract,
    ticks: Option<Ticks>,
    cancels: u32,
) -> CallFlow {
    let Some(ticks) = ticks.filter(|_| outcome.lots > 0) else {
        return CallFlow {
            cancels,
            ..CallFlow::default()
        };
    };
    let fills = orders.iter().filter(|met| met.filled > 0).count();
    let at = |side| outcome.lots.saturating_add(outcome.left_at(side, ticks));
    CallFlow {
        lots: outcome.lots,
        price: contract.price(ticks),
        bid_lots: at(Side::Long),
        ask_lots: at(Side::Short),
        fills: u32::try_from(fills).unwrap_or(u32::MAX),
        cancels,
        largest_lots: largest(orders),
    }
}

/// The most lots that one account bought, or sold.
fn largest(orders: &[Met]) -> u64 {
    let mut bought_sold: BTreeMap<AccountIndex, (u64, u64)> = BTreeMap::new();
    for met in orders {
        let (bought, sold) = bought_sold.entry(met.key.account).or_default();
        let sum = match met.key.side {
            Side::Long => bought,
            Side::Short => sold,
        };
        *sum = sum.saturating_add(met.filled);
    }
    bought_sold
        .values()
        .map(|(bought, sold)| *bought.max(sold))
        .max()
        .unwrap_or_default()
}
