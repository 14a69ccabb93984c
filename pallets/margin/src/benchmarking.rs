//! Each call at its worst case: accounts in as many markets as there can be, every trigger moved.

use alloc::vec::Vec;
use caisson_primitives::{
    trading::{
        Account, AccountIndex, Cash, CompartmentId, Fill, FillKind, LiquidationAccounts, LotPrice,
        Lots, MarketId, Markets, Side, TradingAccounts, MAX_POSITIONS,
    },
    AssetId, Balance,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{
    fungibles::{Inspect, Mutate},
    EnsureOrigin,
};
use frame_support::weights::WeightMeter;
use frame_system::RawOrigin;

use crate::{
    custody, insolvency,
    pallet::{
        AccountIndices, Accounts, Call, Claims, Compartments, Config, Ledgers, NextAccount,
        NextQueued, OpenInterest, Pallet, Parked, Queued, Queues, Shortfalls,
    },
    queue::{self, place},
    sweep, triggers,
    types::{CollateralTerms, Compartment, CompartmentTerms, Ledger},
    WeightInfo,
};

/// The compartment of benchmarks.
const COMPARTMENT: CompartmentId = 0;
/// The settlement asset of benchmarks, which the chain must have at genesis.
const ASSET: AssetId = 1;
/// Another asset that the chain must have.
const OTHER_ASSET: AssetId = 2;
/// A price of one lot.
const MARK: i128 = 1_000_000_000_000;
/// The first market of benchmarks.
const FIRST_MARKET: MarketId = 20_000;

fn terms() -> CompartmentTerms {
    CompartmentTerms {
        min_deposit: 1,
        dust: 1,
        transfer_margin_ppm: 100_000,
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
    // A part of a unit is rounded up: custody holds at least what is owed.
    let units = (added.max(0) as u128).div_ceil(known.scale as u128);
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

/// Accounts of one market that are all unsafe.
fn unsafe_accounts<T: Config>(owner: &T::AccountId, count: u32) {
    for _ in 0..count {
        let index = full_account::<T>(owner, 1);
        let mut account = Accounts::<T>::get(index).expect("made above");
        account.collateral = Cash(0);
        triggers::settle::<T>(index, account).expect("settles");
    }
}

fn funded<T: Config>() -> T::AccountId {
    let who: T::AccountId = whitelisted_caller();
    frame_system::Pallet::<T>::inc_providers(&who);
    for asset in [ASSET, OTHER_ASSET] {
        let units: Balance = 1_000_000_000_000_000_000;
        T::Assets::mint_into(asset, &who, units).expect("the benchmark chain has these assets");
        let custody = custody::custody_account::<T>(COMPARTMENT);
        frame_system::Pallet::<T>::inc_providers(&custody);
        T::Assets::mint_into(asset, &custody, units).expect("the benchmark chain has these assets");
    }
    who
}

/// An account in as many markets as there can be.
fn full_account<T: Config>(owner: &T::AccountId, positions: u32) -> AccountIndex {
    compartment::<T>(COMPARTMENT);
    let index = account::<T>(owner, COMPARTMENT, Cash(1_000_000 * MARK));
    let mut account = Accounts::<T>::get(index).expect("made above");
    for number in 0..positions {
        let market = FIRST_MARKET.saturating_add(number as MarketId);
        T::Markets::benchmark_market(market, COMPARTMENT, LotPrice(MARK), |_, _| ());
        let contract = T::Markets::contract(market).expect("made above");
        let prices = T::Markets::prices(market).expect("made above");
        let fill = Fill {
            market,
            side: Side::Long,
            lots: 10,
            price: LotPrice(MARK),
            kind: FillKind::Taker,
        };
        Pallet::<T>::fill(&mut account, &contract, &prices, 0, &fill).expect("fills");
    }
    triggers::settle::<T>(index, account).expect("settles");
    index
}

/// A withdrawal of an account in so many markets that waits, and custody behind it. Returns its number.
fn queued<T: Config>(who: &T::AccountId, positions: u32) -> u64 {
    let index = full_account::<T>(who, positions);
    let units = 900_000_000_000;
    let amount = Cash(900_000 * MARK);
    Ledgers::<T>::mutate(COMPARTMENT, |ledger| {
        ledger.custody = Cash(100_000_000 * MARK);
    });
    let number = NextQueued::<T>::get();
    let compartment = Compartments::<T>::get(COMPARTMENT).expect("made above");
    queue::push::<T>(who, index, (COMPARTMENT, &compartment), units, amount).expect("queues");
    number
}

/// As many collateral assets as there can be, with seized lots of each.
fn collaterals<T: Config>() {
    let terms = CollateralTerms {
        haircut_ppm: 100_000,
        slope_ppm: 500_000,
        share_cap_ppm: 100_000,
        confidence_ppm: 1_000_000,
        cap: 1_000_000,
    };
    let mut list = Vec::new();
    for place in 0..crate::types::MAX_COLLATERALS {
        list.push(crate::types::Collateral {
            compartment: COMPARTMENT,
            asset: place,
            feed: 0,
            lot_units: 1,
            lot_size: 1,
            terms,
            deposited: Lots(1_000),
            seized: Lots(1_000),
            price: LotPrice(MARK),
            fresh: true,
        });
    }
    crate::pallet::Collaterals::<T>::put(
        crate::types::CollateralList::try_from(list).expect("as many as fit"),
    );
}

/// A market that settles with a deficit at twice the price at which an account in as many markets as there can be bought.
fn shortfall<T: Config>(who: &T::AccountId) -> AccountIndex {
    let index = full_account::<T>(who, MAX_POSITIONS);
    OpenInterest::<T>::insert(FIRST_MARKET, 10);
    insolvency::begin::<T>(FIRST_MARKET).expect("ends");
    index
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn open_account() {
        let who = funded::<T>();
        compartment::<T>(COMPARTMENT);
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT, 0, 1_000);
        assert!(AccountIndices::<T>::contains_key(&who, (COMPARTMENT, 0)));
    }

    #[benchmark]
    fn deposit() {
        let who = funded::<T>();
        let index = full_account::<T>(&who, MAX_POSITIONS);
        // So much that every trigger moves.
        #[extrinsic_call]
        _(
            RawOrigin::Signed(who),
            index,
            ASSET,
            900_000_000_000_000_000,
        );
        assert!(Accounts::<T>::get(index)
            .is_some_and(|account| account.collateral.0 > 2_000_000 * MARK));
    }

    #[benchmark]
    fn withdraw() {
        let who = funded::<T>();
        let index = full_account::<T>(&who, MAX_POSITIONS);
        let before = T::Assets::balance(ASSET, &who);
        Ledgers::<T>::mutate(COMPARTMENT, |ledger| {
            ledger.custody = Cash(1_000_000 * MARK)
        });
        #[extrinsic_call]
        _(
            RawOrigin::Signed(who.clone()),
            index,
            ASSET,
            900_000_000_000,
        );
        assert!(T::Assets::balance(ASSET, &who) > before);
    }

    #[benchmark]
    fn transfer() {
        let who = funded::<T>();
        let from = full_account::<T>(&who, MAX_POSITIONS);
        let to = full_account::<T>(&who, MAX_POSITIONS);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), from, to, 900_000_000_000);
        assert!(
            Accounts::<T>::get(to).is_some_and(|account| account.collateral.0 > 1_500_000 * MARK)
        );
    }

    #[benchmark]
    fn close_account() {
        let who = funded::<T>();
        compartment::<T>(COMPARTMENT);
        let index = account::<T>(&who, COMPARTMENT, Cash(5 * MARK + 1));
        Ledgers::<T>::mutate(COMPARTMENT, |ledger| ledger.custody = Cash(6 * MARK));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), index);
        assert!(Accounts::<T>::get(index).is_none());
    }

    #[benchmark]
    fn set_leverage() {
        let who = funded::<T>();
        let index = full_account::<T>(&who, MAX_POSITIONS);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), index, 2);
        assert!(Accounts::<T>::get(index).is_some_and(|account| account.leverage == 2));
    }

    #[benchmark]
    fn govern() -> Result<(), BenchmarkError> {
        compartment::<T>(COMPARTMENT);
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        set_compartment_terms(origin as T::RuntimeOrigin, COMPARTMENT, terms());
        Ok(())
    }

    #[benchmark]
    fn collect_fees() {
        let who = funded::<T>();
        compartment::<T>(COMPARTMENT);
        Ledgers::<T>::mutate(COMPARTMENT, |ledger| {
            ledger.treasury = Cash(5 * MARK);
            ledger.custody = Cash(5 * MARK);
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(who), COMPARTMENT);
        assert_eq!(Ledgers::<T>::get(COMPARTMENT).treasury, Cash(0));
    }

    #[benchmark]
    fn claim_withdrawal() {
        let who = funded::<T>();
        let number = queued::<T>(&who, 0);
        let entry = Queued::<T>::take(COMPARTMENT, place(number)).expect("queued above");
        Queues::<T>::remove(COMPARTMENT);
        Parked::<T>::insert(COMPARTMENT, number, entry);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), COMPARTMENT, number);
        assert!(!Parked::<T>::contains_key(COMPARTMENT, number));
    }

    #[benchmark]
    fn cancel_withdrawal() {
        let who = funded::<T>();
        let number = queued::<T>(&who, MAX_POSITIONS);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), COMPARTMENT, number);
        assert_eq!(Queued::<T>::iter().count(), 0);
    }

    #[benchmark]
    fn buy_seized() {
        let who = funded::<T>();
        compartment::<T>(COMPARTMENT);
        collaterals::<T>();
        let before = T::Assets::balance(OTHER_ASSET, &who);
        #[extrinsic_call]
        _(
            RawOrigin::Signed(who.clone()),
            COMPARTMENT,
            OTHER_ASSET,
            1_000,
            Balance::MAX,
        );
        assert_eq!(T::Assets::balance(OTHER_ASSET, &who) - before, 1_000);
    }

    /// Paying the first of a queue in whole.
    #[benchmark]
    fn pay_queued() {
        let who = funded::<T>();
        queued::<T>(&who, 0);
        let mut meter = WeightMeter::new();
        #[block]
        {
            crate::queue::run::<T>(&mut meter);
        }
        assert_eq!(Queued::<T>::iter().count(), 0);
    }

    /// Noting the profit of one account in as many markets as there can be, and finding that it was the last.
    #[benchmark]
    fn weigh() {
        let who = funded::<T>();
        shortfall::<T>(&who);
        let shortfall = Shortfalls::<T>::get(FIRST_MARKET).expect("begun");
        let step = T::WeightInfo::weigh();
        let mut meter = WeightMeter::with_limit(step.saturating_mul(2));
        #[block]
        {
            insolvency::advance::<T>(FIRST_MARKET, LotPrice(2 * MARK), shortfall, &mut meter);
        }
        assert_eq!(Claims::<T>::iter().count(), 1);
    }

    /// Closing the position of an account in as many markets as there can be, which pays for a deficit with its profit.
    #[benchmark]
    fn share() {
        let who = funded::<T>();
        let index = shortfall::<T>(&who);
        let inventory = Pallet::<T>::inventory(FIRST_MARKET).expect("made");
        Accounts::<T>::mutate(inventory, |fund| {
            fund.as_mut().expect("made").collateral = Cash(-5 * MARK)
        });
        let mut shortfall = Shortfalls::<T>::get(FIRST_MARKET).expect("begun");
        shortfall.profits = Cash(10 * MARK);
        shortfall.stage = insolvency::Stage::Sharing(Default::default());
        Claims::<T>::insert(FIRST_MARKET, index, shortfall.profits);
        let mut meter = WeightMeter::with_limit(T::WeightInfo::share());
        #[block]
        {
            insolvency::advance::<T>(FIRST_MARKET, LotPrice(2 * MARK), shortfall, &mut meter);
        }
        assert!(Accounts::<T>::get(inventory).is_some_and(|fund| fund.collateral == Cash(0)));
    }

    /// Finding how far a settlement is when there is no budget to take it further.
    #[benchmark]
    fn settling_market() {
        let who = funded::<T>();
        shortfall::<T>(&who);
        let mut meter = WeightMeter::with_limit(frame_support::weights::Weight::zero());
        #[block]
        {
            crate::settlement::run::<T>(&mut meter);
        }
        assert!(Shortfalls::<T>::contains_key(FIRST_MARKET));
    }

    /// Looking at an account of `p` markets whose triggers are all made anew.
    #[benchmark]
    fn look(p: Linear<1, MAX_POSITIONS>) {
        let who = funded::<T>();
        let index = full_account::<T>(&who, p);
        let mut account = Accounts::<T>::get(index).expect("made above");
        account.collateral = Cash(100 * 1_000_000 * MARK);
        #[block]
        {
            triggers::settle::<T>(index, account).expect("settles");
        }
    }

    /// How an account of `p` markets stands.
    #[benchmark]
    fn standing(p: Linear<1, MAX_POSITIONS>) {
        let who = funded::<T>();
        let index = full_account::<T>(&who, p);
        let account = Accounts::<T>::get(index).expect("made above");
        let result;
        #[block]
        {
            result = Pallet::<T>::standing(&account);
        }
        assert_eq!(result.expect("stands").legs.len() as u32, p);
    }

    /// Storing an account of `p` markets after forced fills, with a penalty so high that all triggers are made anew.
    #[benchmark]
    fn settle(p: Linear<1, MAX_POSITIONS>) {
        let who = funded::<T>();
        let index = full_account::<T>(&who, p);
        let account = Accounts::<T>::get(index).expect("made above");
        let due = Cash(999_000 * MARK);
        let paid;
        #[block]
        {
            paid = Pallet::<T>::settle_liquidated(index, account, due);
        }
        assert_eq!(paid, Ok(due));
    }

    /// Finding `n` unsafe accounts.
    #[benchmark]
    fn endangered(n: Linear<1, 100>) {
        let who = funded::<T>();
        unsafe_accounts::<T>(&who, n);
        let found;
        #[block]
        {
            found = Pallet::<T>::endangered(n);
        }
        assert_eq!(found.len() as u32, n);
    }

    /// Finding `n` accounts on a side of a market.
    #[benchmark]
    fn holders(n: Linear<1, 100>) {
        let who = funded::<T>();
        unsafe_accounts::<T>(&who, n);
        let found;
        #[block]
        {
            found = Pallet::<T>::holders(FIRST_MARKET, Side::Long, n, None);
        }
        assert_eq!((found.0.len() as u32, found.1), (n, None));
    }

    /// One market in which nothing happened: only its bound is read, and its prices.
    #[benchmark]
    fn quiet_market() {
        let who = funded::<T>();
        full_account::<T>(&who, 1);
        let mut meter = WeightMeter::new();
        #[block]
        {
            sweep::run::<T>(1u32.into(), &mut meter);
        }
    }

    #[benchmark]
    fn reprice() {
        compartment::<T>(COMPARTMENT);
        collaterals::<T>();
        #[block]
        {
            crate::collateral::reprice::<T>();
        }
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
