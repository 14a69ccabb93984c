//! The step of each block that finds the accounts which became unsafe: SPEC 7.
//!
//! Those that are unsafe already wait for the liquidation engine, which looks at them in its own step right after. The sweep passes
//! over them.
//!
//! A quiet block reads one bound record and the prices of each market, and nothing of any account: it costs the same
//! with ten accounts and with a million.

use alloc::vec::Vec;
use caisson_primitives::trading::{Account, Coordinate, MarketId, Markets};
use codec::{Decode, Encode};
use frame_support::{storage::with_storage_layer, weights::WeightMeter};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError};

use crate::{
    pallet::{
        Accounts, BestTriggers, Collaterals, Config, Event, Pallet, SweepIncomplete, TriggerIndex,
    },
    triggers,
    types::{bucket, bucket_at, bucket_place, Bests, Exposure, TriggerKey, TRIGGER_KEY_BYTES},
    weights::{legs, of_account, WeightInfo},
};
use caisson_primitives::trading::Side;

/// Looks at all accounts whose trigger was crossed, as far as the budget goes. What does not fit stays first in the
/// index, the most endangered in front, and is looked at in the next block. Returns in how many markets and collateral assets
/// it looked for some, which comes on top of the budget.
pub fn run<T: Config>(now: BlockNumberFor<T>, meter: &mut WeightMeter) -> u32 {
    let live = T::Markets::live();
    let mut complete = true;
    // Another market is first in each block, so that none starves when the budget is short.
    let count = live.len().max(1) as u64;
    let start = UniqueSaturatedInto::<u64>::unique_saturated_into(now) % count;
    let start = usize::try_from(start).unwrap_or_default();
    for market in live.iter().cycle().skip(start).take(live.len()) {
        complete &= sweep_market::<T>(*market, meter);
    }
    let (assets, are_complete) = sweep_collaterals::<T>(meter);
    complete &= are_complete;
    if SweepIncomplete::<T>::get() == complete {
        SweepIncomplete::<T>::put(!complete);
    }
    u32::try_from(live.len().saturating_add(assets)).unwrap_or(u32::MAX)
}

/// Looks at the accounts that the prices of one market reached. Says whether all were looked at.
pub(crate) fn sweep_market<T: Config>(market: MarketId, meter: &mut WeightMeter) -> bool {
    let exposure = Exposure::market(market);
    let bests = BestTriggers::<T>::get(exposure);
    if bests.0.iter().all(|best| *best == i64::MIN) {
        return true;
    }
    let Some(prices) = T::Markets::prices(market) else {
        return true;
    };
    let Ok((long, short)) =
        triggers::coordinates(&prices.mark, &prices.maintenance, &prices.funding)
    else {
        return true;
    };
    let mut complete = true;
    for (side, coordinates) in [(Side::Long, long), (Side::Short, short)] {
        for (tier, coordinate) in coordinates.iter().enumerate() {
            let bucket = bucket(side, u8::try_from(tier).unwrap_or(u8::MAX));
            if is_due(&bests, bucket, coordinate) {
                complete &= sweep_bucket::<T>(exposure, bucket, *coordinate, meter);
            }
        }
    }
    complete
}

/// The same for collateral assets; with how many there are.
fn sweep_collaterals<T: Config>(meter: &mut WeightMeter) -> (usize, bool) {
    if Collaterals::<T>::decode_len().unwrap_or_default() == 0 {
        return (0, true);
    }
    let mut complete = true;
    let list = Collaterals::<T>::get();
    for (place, listing) in list.iter().enumerate() {
        let exposure = Exposure::collateral(u8::try_from(place).unwrap_or(u8::MAX));
        let (bests, bucket) = (BestTriggers::<T>::get(exposure), bucket_at(0));
        let coordinate = Coordinate(listing.price.0);
        if is_due(&bests, bucket, &coordinate) {
            complete &= sweep_bucket::<T>(exposure, bucket, coordinate, meter);
        }
    }
    (list.len(), complete)
}

/// Whether a bucket may hold a trigger above its coordinate.
fn is_due(bests: &Bests, bucket: u8, coordinate: &Coordinate) -> bool {
    let best = bests.0.get(bucket_place(bucket)).copied();
    best.is_some_and(|best| is_crossed(best, coordinate))
}

/// Whether a coordinate fell below a trigger.
fn is_crossed(trigger: i64, coordinate: &Coordinate) -> bool {
    i128::from(trigger) > coordinate.0
}

/// Looks at the accounts of a bucket whose triggers are above the coordinate, but not at those that are unsafe already, and puts
/// its bound right. Says whether all were looked at.
fn sweep_bucket<T: Config>(
    exposure: Exposure,
    bucket: u8,
    coordinate: Coordinate,
    meter: &mut WeightMeter,
) -> bool {
    if meter.try_consume(T::WeightInfo::look(0, 0)).is_err() {
        return false;
    }
    let least = of_account(T::WeightInfo::look, 1);
    let prefix = bucket_prefix::<T>(exposure, bucket);
    let mut at = last_unsafe::<T>(exposure, bucket);
    let mut complete = true;
    while let Some((raw, key)) = next_key(&prefix, &at) {
        if !is_crossed(key.trigger, &coordinate) {
            break;
        }
        if !meter.can_consume(least) {
            complete = false;
            break;
        }
        let account = Accounts::<T>::get(key.account);
        // How much it costs is known once it is read. One that does not fit is still first in the next block.
        let cost = of_account(T::WeightInfo::look, account.as_ref().map_or(1, legs));
        if meter.try_consume(cost).is_err() {
            meter.consume(least);
            complete = false;
            break;
        }
        at = raw;
        look_at::<T>(&key, account);
    }
    let first = next_key(&prefix, &prefix).map_or(i64::MIN, |(_, key)| key.trigger);
    let mut bests = BestTriggers::<T>::get(exposure);
    if let Some(best) = bests.0.get_mut(bucket_place(bucket)) {
        if *best != first {
            *best = first;
            BestTriggers::<T>::insert(exposure, bests);
        }
    }
    complete
}

/// The last raw key that an unsafe account can have in a bucket: what comes after it is watched or ordinary.
fn last_unsafe<T: Config>(exposure: Exposure, bucket: u8) -> Vec<u8> {
    let mut raw = index_prefix::<T>();
    let key = TriggerKey {
        exposure,
        bucket,
        trigger: triggers::UNSAFE,
        account: u32::MAX,
    };
    key.encode_to(&mut raw);
    raw
}

/// Assesses one account and arms it anew, in a storage layer of its own: one broken account stops no other.
fn look_at<T: Config>(key: &TriggerKey, account: Option<Account<T::AccountId>>) {
    let result = with_storage_layer::<_, DispatchError, _>(|| {
        let account = account.ok_or(crate::Error::<T>::CorruptedIndex)?;
        triggers::settle::<T>(key.account, account)
    });
    if let Err(error) = result {
        log::error!(
            target: crate::LOG_TARGET,
            "account {} can't be assessed: {error:?}",
            key.account
        );
        Pallet::<T>::deposit_event(Event::CouldNotAssess {
            account: key.account,
            error,
        });
    }
}

/// The storage prefix of a bucket.
pub fn bucket_prefix<T: Config>(exposure: Exposure, bucket: u8) -> Vec<u8> {
    let mut prefix = index_prefix::<T>();
    prefix.extend_from_slice(&exposure.0.to_be_bytes());
    bucket.encode_to(&mut prefix);
    prefix
}

/// The first key of the bucket after a raw key, with its raw form.
pub fn next_key(prefix: &[u8], after: &[u8]) -> Option<(Vec<u8>, TriggerKey)> {
    let raw = sp_io::storage::next_key(after)?;
    if !raw.starts_with(prefix) {
        return None;
    }
    let tail = raw.get(raw.len().checked_sub(TRIGGER_KEY_BYTES)?..)?;
    let key = TriggerKey::decode(&mut &tail[..]).ok()?;
    Some((raw, key))
}

/// The raw prefix of the whole index.
pub fn index_prefix<T: Config>() -> Vec<u8> {
    use frame_support::storage::StoragePrefixedMap;
    TriggerIndex::<T>::final_prefix().to_vec()
}
