//! Markets, accounts and money for benchmarks.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::FeedId,
    trading::{
        Account, AccountIndex, Cash, CompartmentId, Fill, FillKind, LotPrice, Lots, MarketId,
        Markets, Pledge, Side, TradingAccounts, MAX_POSITIONS, MAX_TIERS,
    },
    AssetId, Balance,
};
use frame_benchmarking::v2::*;
use frame_support::{traits::fungibles::Mutate, BoundedVec};

use crate::{
    custody,
    pallet::{
        AccountIndices, Accounts, Collaterals, Compartments, Config, Ledgers, NextAccount,
        NextQueued, OpenInterest, Pallet, Queued,
    },
    queue, triggers,
    types::{
        Collateral, CollateralList, CollateralTerms, Compartment, CompartmentTerms, Ledger,
        MAX_COLLATERALS,
    },
};

/// The compartment of benchmarks.
pub const COMPARTMENT: CompartmentId = 0;
/// The settlement asset of benchmarks, which the chain must have at genesis.
pub const ASSET: AssetId = 1;
/// Another asset that the chain must have.
pub const OTHER_ASSET: AssetId = 2;
/// A price of one lot.
pub const MARK: i128 = 1_000_000_000_000;
/// The first market of benchmarks. Those that a chain may have at genesis are overwritten.
pub const FIRST_MARKET: MarketId = 0;
/// The lots of each position.
pub const LOTS: u64 = 10;

pub fn terms() -> CompartmentTerms {
    CompartmentTerms {
        min_deposit: 1,
        dust: 1,
        transfer_margin_ppm: 100_000,
    }
}

pub fn collateral_terms() -> CollateralTerms {
    CollateralTerms {
        haircut_ppm: 100_000,
        slope_ppm: 500_000,
        share_cap_ppm: 100_000,
        confidence_ppm: 1_000_000,
        cap: 1_000_000,
    }
}

/// Makes a compartment without going through an asset's metadata.
pub fn compartment<T: Config>(id: CompartmentId) {
    Compartments::<T>::insert(
        id,
        Compartment {
            settlement_asset: ASSET,
            scale: 1_000_000,
            terms: terms(),
        },
    );
    frame_system::Pallet::<T>::inc_providers(&custody::custody_account::<T>(id));
}

/// An account with so much collateral, without custody behind it.
pub fn account<T: Config>(
    owner: &T::AccountId,
    id: CompartmentId,
    collateral: Cash,
) -> AccountIndex {
    let index = NextAccount::<T>::get();
    NextAccount::<T>::put(index.saturating_add(1));
    let mut account = Account::new(owner.clone(), id, (index % 250) as u8);
    account.collateral = collateral;
    AccountIndices::<T>::insert(owner, (id, account.sub), index);
    Accounts::<T>::insert(index, account);
    index
}

/// A compartment with that much in each pot, and custody for it.
pub fn funds<T: Config>(id: CompartmentId, insurance: Cash, backers: Cash) {
    if !Compartments::<T>::contains_key(id) {
        compartment::<T>(id);
    }
    let known = Compartments::<T>::get(id).expect("made above");
    let before = Ledgers::<T>::get(id);
    let added = insurance.0 + backers.0 - before.insurance.0 - before.backers.0;
    // Custody holds at least what is owed: a part of a unit is rounded up, and a million is what any asset can begin with.
    let units = (added.max(0) as u128).div_ceil(known.scale as u128) + 1_000_000;
    let custody = custody::custody_account::<T>(id);
    T::Assets::mint_into(known.settlement_asset, &custody, units)
        .expect("the benchmark chain has this asset");
    Ledgers::<T>::insert(
        id,
        Ledger {
            insurance,
            backers,
            custody: Cash(before.custody.0 + added),
            ..before
        },
    );
}

/// Someone who holds nothing. The compartment's custody holds plenty of both assets, and counts enough of it for the gate to
/// let as much leave as benchmarks take.
pub fn stranger<T: Config>() -> T::AccountId {
    let who: T::AccountId = whitelisted_caller();
    frame_system::Pallet::<T>::inc_providers(&who);
    compartment::<T>(COMPARTMENT);
    mint::<T>(&custody::custody_account::<T>(COMPARTMENT));
    Ledgers::<T>::mutate(COMPARTMENT, |ledger| {
        ledger.custody = Cash(100_000_000 * MARK)
    });
    who
}

/// The same with plenty of both assets.
pub fn funded<T: Config>() -> T::AccountId {
    let who = stranger::<T>();
    mint::<T>(&who);
    who
}

fn mint<T: Config>(who: &T::AccountId) {
    for asset in [ASSET, OTHER_ASSET] {
        let units: Balance = 1_000_000_000_000_000_000;
        T::Assets::mint_into(asset, who, units).expect("the benchmark chain has these assets");
    }
}

/// A market with a maintenance margin of a tenth, in all tiers that there can be.
pub fn market<T: Config>(market: MarketId, mark: i128) {
    T::Markets::benchmark_market(market, COMPARTMENT, LotPrice(mark), |contract, prices| {
        let bounds = (1..=i64::from(MAX_TIERS)).map(|tier| Lots(tier * 1_000));
        contract.tier_bounds = BoundedVec::truncate_from(bounds.collect());
        let tiers = |margin| {
            let margins = (0..MAX_TIERS).map(|_| LotPrice(margin));
            BoundedVec::truncate_from(margins.collect::<Vec<_>>())
        };
        prices.maintenance = tiers(mark / 10);
        prices.initial = tiers(mark / 5);
    });
}

/// So many collateral assets of the compartment, the first of which is [`OTHER_ASSET`], with seized lots of each.
pub fn collaterals<T: Config>(count: u32) {
    let list = (0..count).map(|place| listing(COMPARTMENT, OTHER_ASSET + place, place as FeedId));
    put_collaterals::<T>(list);
}

pub fn put_collaterals<T: Config>(list: impl Iterator<Item = Collateral>) {
    let list = CollateralList::try_from(list.collect::<Vec<_>>());
    Collaterals::<T>::put(list.expect("as many as fit"));
}

pub fn listing(compartment: CompartmentId, asset: AssetId, feed: FeedId) -> Collateral {
    Collateral {
        compartment,
        asset,
        feed: feed as caisson_primitives::oracle::FeedId,
        lot_units: 1,
        // A ten-thousandth of a whole.
        lot_size: 100_000_000_000_000,
        terms: collateral_terms(),
        deposited: Lots(1_000),
        seized: Lots(1_000),
        price: LotPrice(MARK),
        fresh: true,
    }
}

/// An account with `legs` legs, at least one of them a position, and so much slack. A pledge is one of them if there are two,
/// and more are when there are as many positions as there can be.
pub fn armed<T: Config>(owner: &T::AccountId, legs: u32, slack: i128) -> AccountIndex {
    armed_from::<T>(owner, FIRST_MARKET, legs, slack)
}

/// The same with its positions in this market and those that follow.
pub fn armed_from<T: Config>(
    owner: &T::AccountId,
    first: MarketId,
    legs: u32,
    slack: i128,
) -> AccountIndex {
    let positions = legs.saturating_sub(1).clamp(1, MAX_POSITIONS);
    let pledges = legs - positions;
    collaterals::<T>(MAX_COLLATERALS);
    let index = account::<T>(owner, COMPARTMENT, Cash(0));
    let mut account = Accounts::<T>::get(index).expect("made above");
    for number in 0..positions {
        let number = first + number as MarketId;
        if T::Markets::contract(number).is_none_or(|one| one.tier_bounds.len() < MAX_TIERS as usize)
        {
            market::<T>(number, MARK);
        }
        take::<T>(&mut account, number);
    }
    for number in 0..pledges {
        let pledge = Pledge {
            asset: OTHER_ASSET + number,
            lots: Lots(1),
            armed: None,
        };
        account.pledges.try_push(pledge).expect("room");
    }
    // Each position must have a lot's worth, and each pledge is worth one.
    account.collateral = Cash(slack + (i128::from(positions) - i128::from(pledges)) * MARK);
    triggers::settle::<T>(index, account).expect("settles");
    index
}

/// A position bought at the mark.
pub fn take<T: Config>(account: &mut Account<T::AccountId>, market: MarketId) {
    let mut contract = T::Markets::contract(market).expect("made before");
    contract.fees = Default::default();
    let prices = T::Markets::prices(market).expect("made before");
    let fill = Fill {
        market,
        side: Side::Long,
        lots: LOTS,
        price: LotPrice(MARK),
        kind: FillKind::Taker,
    };
    Pallet::<T>::fill(account, &contract, &prices, 0, &fill).expect("fills");
    OpenInterest::<T>::mutate(market, |interest| *interest += LOTS);
}

/// Accounts that all have a position in the first market, the last of them `legs` legs more. Each leg is armed for a move of
/// three hundredths.
pub fn crowd<T: Config>(count: u32, legs: u32) -> Vec<AccountIndex> {
    compartment::<T>(COMPARTMENT);
    market::<T>(FIRST_MARKET, MARK);
    (1..=count)
        .map(|number| {
            let owner = frame_benchmarking::account("owner", number, 0);
            let legs = if number == count { legs + 1 } else { 1 };
            armed::<T>(&owner, legs, i128::from(legs) * MARK * 3 / 10)
        })
        .collect()
}

/// Takes so much money from an account, and leaves its triggers as they were: the next look makes all of them anew.
pub fn lose<T: Config>(index: AccountIndex, money: i128) {
    Accounts::<T>::mutate(index, |account| {
        account.as_mut().expect("made before").collateral.0 -= money;
    });
}

/// A withdrawal of an account with so many legs that waits. Returns its number.
pub fn queued<T: Config>(who: &T::AccountId, legs: u32) -> u64 {
    let index = armed::<T>(who, legs, 1_000 * MARK);
    let number = NextQueued::<T>::get();
    let compartment = Compartments::<T>::get(COMPARTMENT).expect("made before");
    let (units, amount) = (900_000_000_000, Cash(900_000 * MARK));
    queue::push::<T>(who, index, (COMPARTMENT, &compartment), units, amount).expect("queues");
    assert!(Queued::<T>::contains_key(COMPARTMENT, queue::place(number)));
    number
}
