//! What the liquidation engine asks: who is unsafe, how an account stands, who holds a side of a market. SPEC 7.4 and 12.

use alloc::{collections::BinaryHeap, vec::Vec};
use caisson_primitives::{
    oracle::{Act, PriceFeeds},
    trading::{
        Account, AccountIndex, Cash, Endangered, Leg, LiquidationAccounts, MarketId, Markets, Side,
        Standing, MAX_TIERS,
    },
};
use caisson_risk::Res;
use codec::{Decode, Encode};
use frame_support::weights::Weight;
use sp_runtime::{DispatchError, DispatchResult, SaturatedConversion};

use crate::{
    health::{self, Valued},
    inventory,
    pallet::{BestTriggers, Collaterals, Config, Inventories, Pallet},
    sweep::{bucket_prefix, index_prefix, next_key},
    triggers::{DEBT, UNSAFE, WATCHED},
    types::{
        bucket, bucket_at, bucket_side, bucket_tier, Exposure, TriggerKey, BUCKETS,
        TRIGGER_KEY_BYTES,
    },
    weights::WeightInfo,
};

impl<T: Config> LiquidationAccounts<T::AccountId> for Pallet<T> {
    fn endangered(limit: u32) -> Vec<Endangered> {
        endangered::<T>(limit)
    }

    fn search_weight(waiting: u32) -> Weight {
        let assets = Collaterals::<T>::decode_len().unwrap_or_default();
        let exposures = T::Markets::live().len().saturating_add(assets);
        // No more buckets have an unsafe account than there are.
        let buckets = exposures.saturating_mul(BUCKETS).saturated_into::<u32>();
        T::WeightInfo::endangered(exposures.saturated_into(), buckets.min(waiting), 0)
    }

    fn naming_weight(named: u32) -> Weight {
        T::WeightInfo::endangered(0, 0, named).saturating_sub(T::WeightInfo::endangered(0, 0, 0))
    }

    fn standing(account: &Account<T::AccountId>) -> Result<Standing, DispatchError> {
        standing::<T>(account)
    }

    fn inventory(market: MarketId) -> Result<AccountIndex, DispatchError> {
        inventory::of::<T>(market)
    }

    fn holders(
        market: MarketId,
        side: Side,
        limit: u32,
        after: Option<&[u8]>,
    ) -> (Vec<AccountIndex>, Option<Vec<u8>>) {
        holders::<T>(market, side, limit, after)
    }

    fn seize_pledges(account: &mut Account<T::AccountId>) -> Result<Cash, DispatchError> {
        crate::seized::seize::<T>(account)
    }

    fn seize_weight(pledges: u32) -> Weight {
        T::WeightInfo::seize(pledges)
    }

    fn settle_insolvent(market: MarketId) -> DispatchResult {
        crate::insolvency::begin::<T>(market)
    }
}

/// The first unsafe account of a bucket that was not given out yet.
#[derive(PartialEq, Eq)]
struct Head {
    key: TriggerKey,
    prefix: Vec<u8>,
    raw: Vec<u8>,
}

impl Head {
    /// The first key of the bucket after a raw one, if it is an unsafe account's.
    fn after(prefix: Vec<u8>, after: &[u8]) -> Option<Self> {
        let (raw, key) = next_key(&prefix, after)?;
        (key.trigger > WATCHED).then_some(Self { key, prefix, raw })
    }

    fn next(self) -> Option<Self> {
        Self::after(self.prefix, &self.raw)
    }
}

impl Ord for Head {
    /// By urgency; of equals the one whose key comes first.
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        let by_trigger = self.key.trigger.cmp(&other.key.trigger);
        by_trigger.then_with(|| other.raw.cmp(&self.raw))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Merges the unsafe accounts at the heads of all buckets, and those that only have a debt. One read for each market and
/// collateral asset, one for each bucket that has some, and one for each account; nothing but the first when there are none.
fn endangered<T: Config>(limit: u32) -> Vec<Endangered> {
    let mut heads = BinaryHeap::new();
    let markets = T::Markets::live().into_iter().map(Exposure::market);
    let listed = Collaterals::<T>::decode_len().unwrap_or_default();
    let places = u8::try_from(listed).unwrap_or(u8::MAX);
    for exposure in markets.chain((0..places).map(Exposure::collateral)) {
        for (place, best) in BestTriggers::<T>::get(exposure).0.iter().enumerate() {
            if *best > WATCHED {
                let prefix = bucket_prefix::<T>(exposure, bucket_at(place));
                heads.extend(Head::after(prefix.clone(), &prefix));
            }
        }
    }
    let debts = bucket_prefix::<T>(Exposure::DEBT, DEBT.bucket);
    heads.extend(Head::after(debts.clone(), &debts));
    let mut found = Vec::new();
    for _ in 0..limit {
        let Some(head) = heads.pop() else { break };
        found.push(Endangered {
            account: head.key.account,
            market: head.key.exposure.as_market(),
            urgency_ppm: urgency_ppm(head.key.trigger),
        });
        heads.extend(head.next());
    }
    found
}

fn urgency_ppm(trigger: i64) -> u64 {
    u64::try_from(trigger.saturating_sub(UNSAFE)).unwrap_or_default()
}

/// How an account stands, and which of its prices may be used against it.
fn standing<T: Config>(account: &Account<T::AccountId>) -> Result<Standing, DispatchError> {
    let mut legs = Vec::new();
    let sum = health::assess_each::<T>(account, None, |valued| {
        legs.push(leg(valued)?);
        Ok(())
    })?;
    let maintenance = sum.maintenance().map_err(crate::Error::<T>::from)?;
    let may_liquidate = legs.iter().all(|leg| leg.may_liquidate) && pledges_priced::<T>(account);
    Ok(Standing {
        equity: sum.equity,
        maintenance,
        slack: sum.slack,
        legs,
        may_liquidate,
    })
}

fn leg(valued: &Valued<'_>) -> Res<Leg> {
    let act = match Side::of(&valued.position.lots.widen()) {
        Side::Long => Act::LiquidateLong,
        Side::Short => Act::LiquidateShort,
    };
    Ok(Leg {
        market: valued.position.market,
        lots: valued.position.lots,
        mark: valued.prices.mark,
        profit: valued.profit,
        maintenance: valued.maintenance.times(&valued.size)?,
        notional: valued.prices.mark.times(&valued.size)?,
        may_liquidate: valued.prices.status.allows(act),
    })
}

/// Whether the feeds of all pledged assets may be used: a pledge is hurt by a lower price, as a long position is.
fn pledges_priced<T: Config>(account: &Account<T::AccountId>) -> bool {
    if account.pledges.is_empty() {
        return true;
    }
    let list = Collaterals::<T>::get();
    account.pledges.iter().all(|pledge| {
        list.iter()
            .find(|one| one.compartment == account.compartment && one.asset == pledge.asset)
            .is_some_and(|one| T::Feeds::status(one.feed).allows(Act::LiquidateLong))
    })
}

/// Who holds a side of a market, by tier and in the order of the index: the least slack for its size comes first, but legs of
/// unsafe and watched accounts that are not their largest come last. One read for each, and one for each tier.
fn holders<T: Config>(
    market: MarketId,
    side: Side,
    limit: u32,
    after: Option<&[u8]>,
) -> (Vec<AccountIndex>, Option<Vec<u8>>) {
    let fund = Inventories::<T>::get(market);
    let begin = after.and_then(|place| place_in(market, side, place));
    let first = begin.map_or(0, |key| bucket_tier(key.bucket));
    let (mut found, mut last) = (Vec::new(), begin);
    for tier in first..u8::try_from(MAX_TIERS).unwrap_or(u8::MAX) {
        let prefix = bucket_prefix::<T>(Exposure::market(market), bucket(side, tier));
        let mut at = match begin.filter(|key| key.bucket == bucket(side, tier)) {
            Some(key) => [index_prefix::<T>(), key.encode()].concat(),
            None => prefix.clone(),
        };
        while let Some((raw, key)) = next_key(&prefix, &at) {
            if limit <= u32::try_from(found.len()).unwrap_or(u32::MAX) {
                return (found, last.map(|key: TriggerKey| key.encode()));
            }
            at = raw;
            last = Some(key);
            if Some(key.account) != fund {
                found.push(key.account);
            }
        }
    }
    (found, None)
}

/// The key that a place names, if it is one of that side of the market.
fn place_in(market: MarketId, side: Side, place: &[u8]) -> Option<TriggerKey> {
    if place.len() != TRIGGER_KEY_BYTES {
        return None;
    }
    let key = TriggerKey::decode(&mut &place[..]).ok()?;
    (key.exposure == Exposure::market(market) && bucket_side(key.bucket) == side).then_some(key)
}
