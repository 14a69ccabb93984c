//! Each weight function at its worst case: every trigger made anew, every list full, everybody paid who held nothing before.
//!
//! A benchmark with `n` and `m` has `n` accounts with one leg each in one market, the last of them with `m` more in other
//! markets. What comes out for `n` is what an account costs beyond what all of a market read and write together.

mod scene;

use caisson_primitives::{
    oracle::{FeedId, PriceFeeds},
    trading::{
        AccountIndex, Cash, CompartmentId, LiquidationAccounts, LotPrice, MarketId, Markets,
        OpenOrdersSource, TradingAccounts, MAX_PLEDGES,
    },
    Balance,
};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{fungibles::Inspect, EnsureOrigin, Hooks},
    weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;

use crate::{
    insolvency::{self, Sharing, Shortfall, Stage},
    pallet::{
        AccountIndices, Accounts, BestTriggers, Call, Claims, Collaterals, Compartments, Config,
        Ledgers, NextCompartment, Pallet, Parked, Queued, Queues, Shortfalls, SweepIncomplete,
        TriggerIndex,
    },
    queue::place,
    settlement, sweep,
    triggers::{UNSAFE, WATCHED},
    types::{bucket_at, Bests, Exposure, TriggerKey, BUCKETS, MAX_COLLATERALS},
    weights::MAX_LEGS,
    WeightInfo,
};
use scene::*;
pub use scene::{account, compartment, funds};

/// The most legs of an account beyond its first.
const MORE_LEGS: u32 = MAX_LEGS - 1;
/// How many buckets a market has.
const BUCKET_COUNT: u32 = BUCKETS as u32;
/// What a withdrawal or a transfer moves, in units and in quanta: so much that no trigger stays.
const MUCH: Balance = 900_000_000_000;
const MUCH_CASH: i128 = 900_000 * MARK;

/// So many markets, in all buckets of which someone has a trigger, far away.
fn quiet<T: Config>(count: u32) {
    compartment::<T>(COMPARTMENT);
    for number in 0..count as MarketId {
        market::<T>(number, MARK);
        BestTriggers::<T>::insert(Exposure::market(number), Bests([i64::MIN + 1; BUCKETS]));
    }
}

/// Keys of a market, one in each of so many buckets, with bounds that are no higher than `bound`.
fn keys<T: Config>(buckets: u32, trigger: i64, bound: i64) {
    let exposure = Exposure::market(FIRST_MARKET);
    let mut bests = BestTriggers::<T>::get(exposure);
    for place in 0..buckets as usize {
        bests.0[place] = bound;
        let key = TriggerKey {
            exposure,
            bucket: bucket_at(place),
            trigger,
            account: place as u32,
        };
        TriggerIndex::<T>::insert(key, ());
    }
    BestTriggers::<T>::insert(exposure, bests);
}

/// A market that settles with a deficit, at some stage, in which a crowd made so much together.
fn shortfall<T: Config>(stage: Stage, profits: i128) -> Shortfall {
    insolvency_fund::<T>(-profits);
    Shortfall {
        stage,
        since: frame_system::Pallet::<T>::block_number()
            .try_into()
            .unwrap_or_default(),
        profits: Cash(profits),
        changed: false,
        seen: insolvency::seen::<T>(FIRST_MARKET),
    }
}

/// The inventory of the first market, with so much money.
fn insolvency_fund<T: Config>(money: i128) {
    let inventory = Pallet::<T>::inventory(FIRST_MARKET).expect("there is such a market");
    Accounts::<T>::mutate(inventory, |fund| {
        fund.as_mut().expect("just made").collateral = Cash(money)
    });
}

/// Has the last of a crowd lose so much that all its triggers are made anew when its first position is closed.
fn hurt<T: Config>(accounts: &[AccountIndex], legs: u32) {
    if let (Some(last), true) = (accounts.last(), legs > 0) {
        lose::<T>(*last, MARK * 155 / 100);
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// From ten on: a chain may have some at genesis.
    #[benchmark]
    fn quiet_markets(m: Linear<10, 200>) {
        quiet::<T>(m);
        Collaterals::<T>::kill();
        SweepIncomplete::<T>::put(true);
        #[block]
        {
            Pallet::<T>::on_initialize(1u32.into());
        }
        assert!(!SweepIncomplete::<T>::get());
    }

    /// Each in a compartment of its own.
    #[benchmark]
    fn reprice(c: Linear<1, MAX_COLLATERALS>) {
        T::Feeds::benchmark_feeds();
        let unpriced = (0..c as CompartmentId).map(|place| {
            let mut one = listing(place, OTHER_ASSET, place as FeedId);
            one.price = LotPrice(0);
            one
        });
        put_collaterals::<T>(unpriced);
        #[block]
        {
            crate::collateral::reprice::<T>();
        }
        let list = Collaterals::<T>::get();
        assert!(list.iter().all(|one| one.fresh && one.price.is_positive()));
    }

    /// All but the last fall short, and that one is armed anew in all its markets.
    #[benchmark]
    fn look(n: Linear<1, 64>, m: Linear<0, MORE_LEGS>) {
        let accounts = crowd::<T>(n, m);
        market::<T>(FIRST_MARKET, MARK * 95 / 100);
        let before = accounts.last().and_then(|last| Accounts::<T>::get(last));
        let mut meter = WeightMeter::new();
        #[block]
        {
            sweep::sweep_market::<T>(FIRST_MARKET, &mut meter);
        }
        let is_unsafe = |index: AccountIndex| {
            Accounts::<T>::get(index).is_some_and(|one| one.unsafe_since.is_some())
        };
        let fell_short = accounts.iter().filter(|index| is_unsafe(**index)).count();
        assert_eq!(fell_short as u32, if m == 0 { n } else { n - 1 });
        let after = accounts.last().and_then(|last| Accounts::<T>::get(last));
        let armed = |account: &caisson_primitives::trading::Account<T::AccountId>| {
            let positions = account.positions.iter().map(|one| one.armed);
            let pledges = account.pledges.iter().map(|one| one.armed);
            positions.chain(pledges).collect::<alloc::vec::Vec<_>>()
        };
        let (before, after) = (armed(&before.expect("one")), armed(&after.expect("one")));
        assert!(before
            .iter()
            .zip(&after)
            .all(|(before, after)| before != after));
    }

    #[benchmark]
    fn endangered(m: Linear<10, 200>, b: Linear<1, BUCKET_COUNT>, n: Linear<1, 64>) {
        quiet::<T>(m);
        keys::<T>(b, UNSAFE, UNSAFE + 1);
        for account in 1_000..1_000 + n {
            let key = TriggerKey {
                exposure: Exposure::market(FIRST_MARKET),
                bucket: bucket_at(0),
                trigger: UNSAFE + 1,
                account,
            };
            TriggerIndex::<T>::insert(key, ());
        }
        let found;
        #[block]
        {
            found = Pallet::<T>::endangered(n);
        }
        assert!(found.len() as u32 == n && found.iter().all(|one| one.account >= 1_000));
    }

    #[benchmark]
    fn seize(g: Linear<1, MAX_PLEDGES>) {
        let who = stranger::<T>();
        let index = armed::<T>(&who, 32 + g, 1_000 * MARK);
        let mut account = Accounts::<T>::get(index).expect("made above");
        let seized;
        #[block]
        {
            seized = Pallet::<T>::seize_pledges(&mut account);
        }
        assert_eq!(seized, Ok(Cash(i128::from(g) * MARK)));
    }

    #[benchmark]
    fn open_account() {
        let who = funded::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT, 0, 1_000);
        assert!(AccountIndices::<T>::contains_key(&who, (COMPARTMENT, 0)));
    }

    #[benchmark]
    fn deposit(l: Linear<2, MAX_LEGS>) {
        let who = funded::<T>();
        let index = armed::<T>(&who, l, 1_000 * MARK);
        let before = Accounts::<T>::get(index).expect("made above").positions[0].armed;
        #[extrinsic_call]
        _(RawOrigin::Signed(who), index, ASSET, MUCH);
        let account = Accounts::<T>::get(index).expect("made above");
        assert!(account.collateral.0 > MUCH_CASH && account.positions[0].armed != before);
    }

    #[benchmark]
    fn withdraw(l: Linear<2, MAX_LEGS>) {
        let who = stranger::<T>();
        let index = armed::<T>(&who, l, 1_000_000 * MARK);
        let before = Accounts::<T>::get(index).expect("made above").positions[0].armed;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), index, ASSET, MUCH);
        assert_eq!(T::Assets::balance(ASSET, &who), MUCH);
        let account = Accounts::<T>::get(index).expect("made above");
        assert!(account.positions[0].armed != before);
    }

    /// Between accounts that are in no market together.
    #[benchmark]
    fn transfer(f: Linear<2, MAX_LEGS>, t: Linear<2, MAX_LEGS>) {
        let who = stranger::<T>();
        let from = armed::<T>(&who, f, 1_000_000 * MARK);
        let elsewhere = FIRST_MARKET + MAX_LEGS as MarketId;
        let to = armed_from::<T>(&who, elsewhere, t, 1_000 * MARK);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), from, to, MUCH);
        assert!(Accounts::<T>::get(to).is_some_and(|account| account.collateral.0 > MUCH_CASH));
    }

    /// With a deadline for its orders, which is forgotten too.
    #[benchmark]
    fn close_account() {
        let who = stranger::<T>();
        let index = account::<T>(&who, COMPARTMENT, Cash(5 * MARK + 1));
        Accounts::<T>::mutate(index, |account| {
            account.as_mut().expect("made above").cancel_at = Some(1)
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(who), index);
        assert!(Accounts::<T>::get(index).is_none());
    }

    #[benchmark]
    fn set_leverage(l: Linear<2, MAX_LEGS>) {
        let who = stranger::<T>();
        let index = armed::<T>(&who, l, 1_000 * MARK);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), index, 2);
        assert!(Accounts::<T>::get(index).is_some_and(|account| account.leverage == 2));
    }

    #[benchmark]
    fn create_compartment() -> Result<(), BenchmarkError> {
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let id = NextCompartment::<T>::get();
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, ASSET, terms());
        assert!(Compartments::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn set_compartment_terms() -> Result<(), BenchmarkError> {
        compartment::<T>(COMPARTMENT);
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let mut other = terms();
        other.min_deposit += 1;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, COMPARTMENT, other);
        assert!(Compartments::<T>::get(COMPARTMENT).is_some_and(|one| one.terms == other));
        Ok(())
    }

    #[benchmark]
    fn list_collateral() -> Result<(), BenchmarkError> {
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        T::Feeds::benchmark_feeds();
        compartment::<T>(COMPARTMENT);
        let others =
            (1..MAX_COLLATERALS as CompartmentId).map(|id| listing(id, OTHER_ASSET, id as FeedId));
        put_collaterals::<T>(others);
        let units = 1_000;
        #[extrinsic_call]
        _(
            origin as T::RuntimeOrigin,
            COMPARTMENT,
            OTHER_ASSET,
            0,
            units,
            collateral_terms(),
        );
        let list = Collaterals::<T>::get();
        assert!(list.is_full() && list.iter().all(|one| one.fresh));
        Ok(())
    }

    #[benchmark]
    fn set_collateral_terms() -> Result<(), BenchmarkError> {
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        collaterals::<T>(MAX_COLLATERALS);
        let last = OTHER_ASSET + MAX_COLLATERALS - 1;
        let mut other = collateral_terms();
        other.cap += 1;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, COMPARTMENT, last, other);
        assert!(Collaterals::<T>::get()
            .last()
            .is_some_and(|one| one.terms == other));
        Ok(())
    }

    #[benchmark]
    fn collect_fees() {
        let who = stranger::<T>();
        Ledgers::<T>::mutate(COMPARTMENT, |ledger| ledger.treasury = Cash(5 * MARK));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), COMPARTMENT);
        assert_eq!(Ledgers::<T>::get(COMPARTMENT).treasury, Cash(0));
    }

    #[benchmark]
    fn pay_queued() {
        let who = stranger::<T>();
        queued::<T>(&who, 1);
        let mut meter = WeightMeter::new();
        #[block]
        {
            crate::queue::run::<T>(&mut meter);
        }
        assert_eq!(Queued::<T>::iter().count(), 0);
        assert_eq!(T::Assets::balance(ASSET, &who), MUCH);
    }

    #[benchmark]
    fn claim_withdrawal() {
        let who = stranger::<T>();
        let number = queued::<T>(&who, 1);
        let entry = Queued::<T>::take(COMPARTMENT, place(number)).expect("queued above");
        Queues::<T>::remove(COMPARTMENT);
        Parked::<T>::insert(COMPARTMENT, number, entry);
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT, number);
        assert!(!Parked::<T>::contains_key(COMPARTMENT, number));
        assert_eq!(T::Assets::balance(ASSET, &who), MUCH);
    }

    #[benchmark]
    fn cancel_withdrawal(l: Linear<2, MAX_LEGS>) {
        let who = stranger::<T>();
        let number = queued::<T>(&who, l);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), COMPARTMENT, number);
        assert_eq!(Queued::<T>::iter().count(), 0);
    }

    /// The last of the list, which is sold out, to someone who never held it.
    #[benchmark]
    fn buy_seized() {
        let who = funded::<T>();
        let mut list: alloc::vec::Vec<_> = (1..MAX_COLLATERALS)
            .map(|place| listing(COMPARTMENT, OTHER_ASSET + place, 0))
            .collect();
        list.push(listing(COMPARTMENT, OTHER_ASSET, 0));
        put_collaterals::<T>(list.into_iter());
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

    /// Finding how far one is when there is no budget to take it further.
    #[benchmark]
    fn settling_market() {
        crowd::<T>(1, 0);
        insolvency::begin::<T>(FIRST_MARKET).expect("ends");
        let mut meter = WeightMeter::with_limit(Weight::zero());
        #[block]
        {
            for (market, price) in T::Markets::settling() {
                let _ = T::Orders::drained(market);
                settlement::settle_market::<T>(market, price, &mut meter);
            }
        }
        assert!(Shortfalls::<T>::contains_key(FIRST_MARKET));
    }

    #[benchmark]
    fn close_position(n: Linear<1, 64>, m: Linear<0, MORE_LEGS>) {
        let accounts = crowd::<T>(n, m);
        hurt::<T>(&accounts, m);
        let mut meter = WeightMeter::new();
        let price = LotPrice(MARK);
        let is_done;
        #[block]
        {
            let weight = T::WeightInfo::close_position;
            is_done = settlement::close_all::<T>(FIRST_MARKET, weight, &mut meter, |index| {
                settlement::close::<T>(index, FIRST_MARKET, price)
            });
        }
        assert!(is_done);
        let is_in = |index: AccountIndex| {
            Accounts::<T>::get(index).is_none_or(|one| one.lots(FIRST_MARKET).0 != 0)
        };
        assert!(!accounts.into_iter().any(is_in));
    }

    #[benchmark]
    fn finish_market() {
        compartment::<T>(COMPARTMENT);
        market::<T>(FIRST_MARKET, MARK);
        keys::<T>(0, 0, 0);
        T::Markets::end_at_mark(FIRST_MARKET).expect("ends");
        #[block]
        {
            settlement::finish::<T>(FIRST_MARKET);
        }
        assert!(T::Markets::prices(FIRST_MARKET).is_none());
    }

    #[benchmark]
    fn weigh(n: Linear<1, 64>) {
        crowd::<T>(n, 0);
        let mut shortfall = shortfall::<T>(Stage::Weighing(None), 0);
        let mut meter = WeightMeter::new();
        let price = LotPrice(2 * MARK);
        let next;
        #[block]
        {
            next = insolvency::weigh::<T>(FIRST_MARKET, price, None, &mut shortfall, &mut meter);
        }
        assert_eq!(next, Stage::Checking(None));
        assert_eq!(Claims::<T>::iter().count() as u32, n);
    }

    /// In all buckets there may be someone who waits, and in none is.
    #[benchmark]
    fn open_sharing() {
        crowd::<T>(1, 0);
        let inventory = Pallet::<T>::inventory(FIRST_MARKET).expect("there is such a market");
        let mut fund = Accounts::<T>::get(inventory).expect("just made");
        take::<T>(&mut fund, FIRST_MARKET);
        Pallet::<T>::settle(inventory, fund).expect("settles");
        keys::<T>(BUCKET_COUNT, WATCHED, UNSAFE);
        let mut shortfall = shortfall::<T>(Stage::Checking(None), 0);
        let mut meter = WeightMeter::new();
        let price = LotPrice(MARK);
        let next;
        #[block]
        {
            next = insolvency::check::<T>(FIRST_MARKET, price, None, &mut shortfall, &mut meter);
        }
        assert_eq!(next, Stage::Sharing(Sharing::default()));
        assert!(Accounts::<T>::get(inventory).is_some_and(|fund| fund.positions.is_empty()));
    }

    /// The deficit is as much as all have made.
    #[benchmark]
    fn share(n: Linear<1, 64>, m: Linear<0, MORE_LEGS>) {
        let accounts = crowd::<T>(n, m);
        hurt::<T>(&accounts, m);
        let each = MARK * i128::from(LOTS);
        let stage = Stage::Sharing(Sharing::default());
        let shortfall = shortfall::<T>(stage, each * i128::from(n));
        for index in accounts {
            Claims::<T>::insert(FIRST_MARKET, index, Cash(each));
        }
        let mut meter = WeightMeter::new();
        let price = LotPrice(2 * MARK);
        let is_done;
        #[block]
        {
            is_done = insolvency::advance::<T>(FIRST_MARKET, price, shortfall, &mut meter);
        }
        assert!(is_done);
        let inventory = Pallet::<T>::inventory(FIRST_MARKET).expect("made above");
        assert!(Accounts::<T>::get(inventory).is_some_and(|fund| fund.collateral == Cash(0)));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
