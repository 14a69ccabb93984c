//! What a risk analyst asks of the accounts: how much is how near to liquidation, and how well accounts are collateralised.
//!
//! For clients only: these walk as many accounts as they are asked for.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    risk_api::{CollateralClass, NearEdge},
    AccountIndex, AccountRole, Cash, CompartmentId, LotPrice, MarketId, MarketPrices, Markets,
    Side,
};
use caisson_risk::margin;

use crate::{
    api::crossed,
    health,
    pallet::{Accounts, Config, NextAccount, Pallet},
};

/// The most moves that are asked for at once.
const MAX_MOVES: usize = 20;

/// The least equity over maintenance margin of each class, in parts per million: short, then by how far above.
const CLASSES: [u64; 9] = [
    0, 1_000_000, 1_100_000, 1_250_000, 1_500_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000,
];

impl<T: Config> Pallet<T> {
    /// The notional of the positions that would be looked at after moves of the mark against them, by side. `moves_ppm` is
    /// ascending, at most twenty. Sums end at ten thousand positions of a side.
    pub fn near_edge(market: MarketId, moves_ppm: &[u32]) -> Vec<NearEdge> {
        let moves = moves_ppm.get(..MAX_MOVES).unwrap_or(moves_ppm);
        let Some(prices) = T::Markets::prices(market) else {
            return Vec::new();
        };
        let long = sums::<T>(market, &prices, Side::Long, moves);
        let short = sums::<T>(market, &prices, Side::Short, moves);
        moves
            .iter()
            .zip(long.into_iter().zip(short))
            .map(|(move_ppm, (long, short))| NearEdge {
                move_ppm: *move_ppm,
                long,
                short,
            })
            .collect()
    }

    /// How well the accounts of a compartment that have positions are collateralised. Looks at the `limit` accounts from
    /// number `from` on, whatever their compartment; with the number to go on from, if there are more.
    pub fn collateralisation(
        compartment: CompartmentId,
        from: AccountIndex,
        limit: u32,
    ) -> (Vec<CollateralClass>, Option<AccountIndex>) {
        let mut classes: Vec<CollateralClass> = CLASSES
            .iter()
            .map(|from_ppm| CollateralClass {
                from_ppm: *from_ppm,
                accounts: 0,
                notional: Cash::ZERO,
            })
            .collect();
        let end = from.saturating_add(limit);
        for index in from..end.min(NextAccount::<T>::get()) {
            if let Some((ratio, notional)) = ratio::<T>(compartment, index) {
                add(&mut classes, ratio, notional);
            }
        }
        let next = (end < NextAccount::<T>::get()).then_some(end);
        (classes, next)
    }
}

/// For each move, the notional of the positions of a side that it reaches.
fn sums<T: Config>(
    market: MarketId,
    prices: &MarketPrices,
    side: Side,
    moves: &[u32],
) -> Vec<Cash> {
    let mut sums = alloc::vec![Cash::ZERO; moves.len()];
    crossed::<T>(market, prices, side, moves, |first, index| {
        let lots = Accounts::<T>::get(index).map(|account| account.lots(market).0.unsigned_abs());
        let notional = notional(&prices.mark, lots.unwrap_or_default());
        sums.iter_mut()
            .skip(first)
            .for_each(|sum| *sum = Cash(sum.0.saturating_add(notional.0)));
    });
    sums
}

fn notional(mark: &LotPrice, lots: u64) -> Cash {
    Cash(mark.0.saturating_mul(i128::from(lots)))
}

/// Equity over maintenance margin in parts per million, and notional, of an account with positions.
fn ratio<T: Config>(compartment: CompartmentId, index: AccountIndex) -> Option<(u64, Cash)> {
    let account = Accounts::<T>::get(index)?;
    if account.compartment != compartment || account.role != AccountRole::Trader {
        return None;
    }
    let sum = health::assess::<T>(&account, None).ok()?;
    let maintenance = sum.maintenance().ok()?;
    if !maintenance.is_positive() {
        return None;
    }
    let ratio = margin::margin_ratio(&sum.equity, &maintenance).ok()?;
    // Who owes more than he has is in the first class too.
    Some((
        u64::try_from(ratio.0.max(0)).unwrap_or(u64::MAX),
        sum.notional,
    ))
}

fn add(classes: &mut [CollateralClass], ratio: u64, notional: Cash) {
    let class = classes
        .iter_mut()
        .rev()
        .find(|class| class.from_ppm <= ratio);
    if let Some(class) = class {
        class.accounts = class.accounts.saturating_add(1);
        class.notional = Cash(class.notional.0.saturating_add(notional.0));
    }
}
