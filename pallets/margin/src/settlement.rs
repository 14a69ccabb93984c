//! Closing the positions of markets that ended: SPEC 9.
//!
//! The trigger index has a key for every position, so its part of a market is the list of all who are in it.

use caisson_primitives::trading::{
    Account, LotPrice, MarketId, Markets, OpenOrdersSource, MAX_POSITIONS,
};
use caisson_risk::Res;
use frame_support::{
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};
use sp_runtime::DispatchError;

use crate::{
    fills,
    pallet::{Accounts, BestTriggers, Config, Error, Event, OpenInterest, Pallet},
    sweep::{index_prefix, next_key},
    triggers,
    types::Exposure,
    weights::WeightInfo,
};

/// Closes positions of markets whose orders are gone, as far as the budget goes. Returns what asking costs, which comes on
/// top of the budget.
pub fn run<T: Config>(meter: &mut WeightMeter) -> Weight {
    let mut asked = Weight::zero();
    for (market, price) in T::Markets::settling() {
        asked.saturating_accrue(T::WeightInfo::quiet_market());
        if T::Orders::drained(market) && settle_market::<T>(market, price, meter) {
            BestTriggers::<T>::remove(Exposure::market(market));
            OpenInterest::<T>::remove(market);
            T::Markets::settled(market);
        }
    }
    asked
}

/// Says whether no position is left.
fn settle_market<T: Config>(market: MarketId, price: LotPrice, meter: &mut WeightMeter) -> bool {
    let mut prefix = index_prefix::<T>();
    prefix.extend_from_slice(&Exposure::market(market).0.to_be_bytes());
    let mut at = prefix.clone();
    let mut left = false;
    loop {
        if meter
            .try_consume(T::WeightInfo::look(MAX_POSITIONS))
            .is_err()
        {
            return false;
        }
        let Some((raw, key)) = next_key(&prefix, &at) else {
            return !left;
        };
        at = raw;
        let result = with_storage_layer(|| close::<T>(key.account, market, price));
        if let Err(error) = result {
            left = true;
            Pallet::<T>::deposit_event(Event::CouldNotAssess {
                account: key.account,
                error,
            });
        }
    }
}

fn close<T: Config>(index: u32, market: MarketId, price: LotPrice) -> Result<(), DispatchError> {
    let mut account = Accounts::<T>::get(index).ok_or(Error::<T>::CorruptedIndex)?;
    let funding = T::Markets::prices(market)
        .ok_or(Error::<T>::NoPrice)?
        .funding;
    let before = account.lots(market);
    let realised = book_close(&mut account, market, price, &funding).map_err(Error::<T>::from)?;
    OpenInterest::<T>::try_mutate(market, |interest| {
        let long = u64::try_from(before.0.max(0)).map_err(|_| Error::<T>::Arithmetic)?;
        *interest = interest.checked_sub(long).ok_or(Error::<T>::Arithmetic)?;
        Ok::<_, DispatchError>(())
    })?;
    Pallet::<T>::deposit_event(Event::PositionSettled {
        account: index,
        market,
        lots: before,
        price,
        realised,
    });
    triggers::settle::<T>(index, account)
}

/// Pays funding, realises the whole position at the settlement price and empties it.
fn book_close<AccountId>(
    account: &mut Account<AccountId>,
    market: MarketId,
    price: LotPrice,
    funding: &LotPrice,
) -> Res<caisson_primitives::trading::Cash> {
    fills::settle_funding(account, market, funding)?;
    let position = account
        .position_mut(market)
        .ok_or(caisson_risk::RiskError::Empty)?;
    let realised = price.times(&position.lots.widen())?.sub(&position.cost)?;
    position.lots.0 = 0;
    position.cost.0 = 0;
    account.collateral = account.collateral.add(&realised)?;
    Ok(realised)
}
