//! What collateral assets count for, once a block: SPEC 8.

use core::marker::PhantomData;

use caisson_primitives::{
    oracle::{Act, FeedId, PriceFeeds},
    trading::{Cash, LotPrice, Ppm},
};
use caisson_risk::{collateral, limits::MAX_LOT_PRICE, wide, Num, Res, RiskError, Rounding};
use frame_support::traits::Contains;

use crate::{
    pallet::{Collaterals, Config, Ledgers},
    types::Collateral,
};

/// One over the product of the two scales a feed's price and a lot come in, and a quantum: `10^(18 + 18 - 12)`.
const PRICE_SCALE: i128 = 1_000_000_000_000_000_000_000_000;

/// Prices every collateral asset anew. An asset without a usable price keeps its last one and is not fresh.
pub fn reprice<T: Config>() {
    let mut list = Collaterals::<T>::get();
    if list.is_empty() {
        return;
    }
    let pools: alloc::vec::Vec<Cash> = list
        .iter()
        .map(|one| pool::<T>(&list, one).unwrap_or(Cash(i128::MAX)))
        .collect();
    for (one, pool) in list.iter_mut().zip(pools) {
        let quote = T::Feeds::price_for(one.feed, Act::ReduceRisk);
        one.fresh = quote.is_ok_and(|quote| quote.status.allows(Act::Withdraw));
        let Ok(quote) = quote else { continue };
        match counted(one, quote.price, quote.confidence, &pool) {
            Ok(price) => one.price = price,
            Err(error) => {
                one.fresh = false;
                log::error!(
                    target: crate::LOG_TARGET,
                    "collateral {} can't be priced: {error}",
                    one.asset
                );
            }
        }
    }
    Collaterals::<T>::put(list);
}

/// All collateral of the compartment at what it counted for last: the settlement asset and every pledged one.
fn pool<T: Config>(list: &[Collateral], of: &Collateral) -> Res<Cash> {
    let money = Ledgers::<T>::get(of.compartment).custody;
    list.iter()
        .filter(|one| one.compartment == of.compartment)
        .try_fold(money, |sum, one| {
            sum.add(&one.price.times(&one.deposited.widen())?)
        })
}

/// The feeds of all collateral assets; for the oracle's `FeedsInUse`. One read.
pub struct FeedsInUse<T>(PhantomData<T>);

impl<T: Config> Contains<FeedId> for FeedsInUse<T> {
    fn contains(feed: &FeedId) -> bool {
        Collaterals::<T>::get().iter().any(|one| one.feed == *feed)
    }
}

/// What a lot counts for: the price less confidence and haircut, rounded down.
fn counted(one: &Collateral, price: u128, confidence: u128, pool: &Cash) -> Res<LotPrice> {
    let price = lot_price(price, one.lot_size, Rounding::Floor)?;
    // A price of nothing is none.
    if !price.is_positive() {
        return Err(RiskError::OutOfRange);
    }
    let confidence = lot_price(confidence, one.lot_size, Rounding::Ceil)?;
    let value = one.price.times(&one.deposited.widen())?;
    let share = match pool.is_positive() {
        true => Ppm(value.0.mul_div_ceil(&1_000_000, &pool.0)?),
        false => Ppm(0),
    };
    let ppm = |value: u32| Ppm(i128::from(value));
    let haircut = collateral::haircut(
        &ppm(one.terms.haircut_ppm),
        &ppm(one.terms.slope_ppm),
        &share,
        &ppm(one.terms.share_cap_ppm),
    )?;
    collateral::conservative_unit_price(
        &price,
        &confidence,
        &ppm(one.terms.confidence_ppm),
        &haircut,
    )
}

/// The price of a lot in quanta.
pub fn lot_price(price: u128, lot_size: u128, rounding: Rounding) -> Res<LotPrice> {
    let wide = |value: u128| i128::try_from(value).map_err(|_| RiskError::OutOfRange);
    let price = wide::mul_div(wide(price)?, wide(lot_size)?, PRICE_SCALE, rounding)?;
    if price > MAX_LOT_PRICE {
        return Err(RiskError::OutOfRange);
    }
    Ok(LotPrice(price))
}
