//! Benchmarks at the worst case: full lists, accounts in as many markets as they may be, markets with every tier, orders that
//! are the best of their side, triggers that are all made anew.
//!
//! What hooks pay step by step is run alone here, many steps at once; `weights` says what is paid for each.

mod setting;

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        CallFlow, CallGuard, Cash, Direction, ForcedOrders, Lots, MarketId, Markets, OrderRef,
        OrderRequest, Side, TradingAccounts, MAX_POSITIONS,
    },
};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{Get, Hooks},
    weights::{Weight, WeightMeter},
    BoundedVec,
};
use frame_system::RawOrigin;

use crate::{
    cancelling, clearing, commit,
    commit::{Tally, Totals},
    deadlines, dormant, draining, expiry,
    floor::{Met, Pit},
    flow,
    keys::{BookKey, DeadlineKey},
    pallet::{
        Book, Books, Call, Config, Deadlines, Dormant, Drained, Event, Firsts, Immediates,
        OrdersOf, Pallet, SweepCursor, Touched,
    },
    types::{BookSummary, CancelReason, FirstTriggers, Quote, MAX_BATCH},
    uncross,
};
use setting::*;

#[benchmarks]
mod benchmarks {
    use super::*;

    /// Nothing is due, but each market has stops on both sides; the list of drained markets changes.
    #[benchmark]
    fn quiet_market(m: Linear<4, 200>) {
        markets::<T>(m);
        for market in 0..m as MarketId {
            let firsts = FirstTriggers {
                above: Some(MARK + 1),
                below: Some(MARK - 1),
            };
            Firsts::<T>::insert(market, firsts);
        }
        Drained::<T>::put(BoundedVec::truncate_from(alloc::vec![MarketId::MAX]));
        #[block]
        {
            Pallet::<T>::on_initialize(frame_system::Pallet::<T>::block_number());
        }
        assert!(Drained::<T>::get().is_empty());
    }

    #[benchmark]
    fn place(p: Linear<1, MAX_POSITIONS>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, p, full::<T>() - 1);
        busy::<T>();
        #[extrinsic_call]
        place(RawOrigin::Signed(caller), index, 0, best_bid(full::<T>()));
        assert_eq!(Pallet::<T>::book(0).best_bid, Some(MARK + 1));
        assert_eq!(OrdersOf::<T>::get(index, 0).len() as u32, full::<T>());
    }

    #[benchmark]
    fn place_batch(n: Linear<1, MAX_BATCH>, p: Linear<1, MAX_POSITIONS>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, p, full::<T>() - n);
        busy::<T>();
        let first = full::<T>();
        let mut requests: Vec<_> = (first..first + n - 1).map(bid).collect();
        requests.push(best_bid(first + n));
        let requests = BoundedVec::truncate_from(requests);
        #[extrinsic_call]
        place_batch(RawOrigin::Signed(caller), index, 0, requests);
        assert_eq!(Pallet::<T>::book(0).best_bid, Some(MARK + 1));
        assert_eq!(OrdersOf::<T>::get(index, 0).len() as u32, full::<T>());
    }

    #[benchmark]
    fn amend(p: Linear<1, MAX_POSITIONS>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, p, full::<T>());
        busy::<T>();
        let last = OrderRef::Client(u64::from(full::<T>() - 1));
        #[extrinsic_call]
        amend(RawOrigin::Signed(caller), index, 0, last, MARK + 1, 20);
        assert_eq!(Pallet::<T>::book(0).best_bid, Some(MARK + 1));
    }

    /// The best of its side.
    #[benchmark]
    fn cancel() {
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, full::<T>());
        busy::<T>();
        let last = OrderRef::Client(u64::from(full::<T>() - 1));
        #[extrinsic_call]
        cancel(RawOrigin::Signed(caller), index, 0, last);
        assert_eq!(OrdersOf::<T>::get(index, 0).len() as u32, full::<T>() - 1);
    }

    #[benchmark]
    fn cancel_batch(n: Linear<1, MAX_BATCH>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, full::<T>());
        busy::<T>();
        let last = u64::from(full::<T>());
        let orders = (1..=u64::from(n)).map(|n| OrderRef::Client(last - n));
        let orders = BoundedVec::truncate_from(orders.collect());
        #[extrinsic_call]
        cancel_batch(RawOrigin::Signed(caller), index, 0, orders);
        assert_eq!(OrdersOf::<T>::get(index, 0).len() as u32, full::<T>() - n);
    }

    #[benchmark]
    fn clear_market(n: Linear<1, 100>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, n.min(full::<T>()));
        busy::<T>();
        let cleared;
        #[block]
        {
            let account = T::Accounts::load(index).expect("made before");
            let reason = CancelReason::Deadline;
            let (account, count) = cancelling::clear_market::<T>(index, account, 0, reason)
                .unwrap_or_else(|_| panic!("a good list"));
            T::Accounts::store(index, &account);
            cleared = count;
        }
        assert_eq!(cleared, n.min(full::<T>()));
    }

    /// In more markets than an account can have positions in, orders sleep.
    #[benchmark]
    fn cancel_all(m: Linear<4, 100>, n: Linear<100, 400>) {
        let m = m.min(T::MaxMarkets::get());
        let n = n.min(T::MaxOpenOrders::get().into());
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, 0);
        markets::<T>(m);
        for market in 0..m {
            // Every m-th order, beginning with this one.
            let count = (n + m - 1 - market) / m;
            let orders = (0..count).map(|n| match market < MAX_POSITIONS {
                true => bid(n),
                false => bid(n).triggered_at(Direction::AtOrAbove, MARK + 1),
            });
            put::<T>(index, market as MarketId, &orders.collect::<Vec<_>>());
        }
        assert_eq!(
            T::Accounts::load(index).map(|account| u32::from(account.orders)),
            Some(n)
        );
        #[extrinsic_call]
        cancel_all(RawOrigin::Signed(caller), index, None);
        assert_eq!(
            T::Accounts::load(index).map(|account| account.orders),
            Some(0)
        );
    }

    #[benchmark]
    fn replace_all(
        c: Linear<0, 50>,
        k: Linear<0, 50>,
        // Without a new quote margin is not asked at all.
        n: Linear<1, 50>,
        p: Linear<1, MAX_POSITIONS>,
    ) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, p, c + k);
        busy::<T>();
        let quote = |request: OrderRequest, price| Quote {
            side: request.side,
            price,
            lots: request.lots,
            client_id: request.client_id,
        };
        // The first of the list go, the others stay; the new ones are better than those.
        let kept = (c..c + k).map(|n| quote(bid(n), MARK - 300 + n));
        let new = (0..n).map(|n| quote(bid(1_000 + n), MARK + 1 + n));
        let quotes = BoundedVec::truncate_from(kept.chain(new).collect());
        #[extrinsic_call]
        replace_all(RawOrigin::Signed(caller), index, 0, quotes);
        let orders = OrdersOf::<T>::get(index, 0);
        assert_eq!(orders.len() as u32, k + n);
        assert_eq!(
            orders.iter().filter(|one| one.number < c + k).count() as u32,
            k
        );
    }

    /// A time that was set before is another one.
    #[benchmark]
    fn schedule_cancel() {
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, 0);
        let at = T::Time::now_ms() + 1_000_000;
        let origin = RawOrigin::Signed(caller.clone());
        Pallet::<T>::schedule_cancel(origin.into(), index, Some(at)).expect("its own account");
        #[extrinsic_call]
        schedule_cancel(RawOrigin::Signed(caller), index, Some(at + 1));
        assert_eq!(Deadlines::<T>::iter_keys().count(), 1);
    }

    #[benchmark]
    fn deadline() {
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, 0);
        let at = T::Time::now_ms();
        let mut account = T::Accounts::load(index).expect("made before");
        account.cancel_at = Some(at);
        T::Accounts::store(index, &account);
        Deadlines::<T>::insert(DeadlineKey { at, account: index }, ());
        #[block]
        {
            deadlines::run::<T>(&mut WeightMeter::new());
        }
        assert_eq!(Deadlines::<T>::iter_keys().count(), 0);
    }

    #[benchmark]
    fn drain() {
        markets::<T>(1);
        let caller: T::AccountId = whitelisted_caller();
        let stop = bid(0).triggered_at(Direction::AtOrAbove, MARK + 1);
        put::<T>(rich::<T>(&caller), 0, &[bid(1).immediate(), stop]);
        T::Markets::end_at_mark(0).expect("it trades");
        // All but the last step.
        for key in Book::<T>::iter_keys().collect::<Vec<_>>() {
            Book::<T>::remove(key);
        }
        for key in Dormant::<T>::iter_keys().collect::<Vec<_>>() {
            Dormant::<T>::remove(key);
        }
        #[block]
        {
            draining::run::<T>(&mut WeightMeter::new());
        }
        assert_eq!(Drained::<T>::get().into_inner(), [0]);
        assert!(!Immediates::<T>::contains_key(0) && !Firsts::<T>::contains_key(0));
    }

    /// It is immediate, the last of a full list, and meets somebody's order.
    #[benchmark]
    fn fire(p: Linear<1, MAX_POSITIONS>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, p, full::<T>() - 1);
        let stop = best_bid(full::<T>())
            .immediate()
            .triggered_at(Direction::AtOrAbove, MARK);
        put::<T>(index, 0, &[stop]);
        busy::<T>();
        #[block]
        {
            dormant::fire_market::<T>(0, &mut WeightMeter::new());
        }
        assert_eq!(Dormant::<T>::iter_keys().count(), 0);
        assert_eq!(Pallet::<T>::book(0).best_bid, Some(MARK + 1));
    }

    #[benchmark]
    fn sweep(n: Linear<1, 50>) {
        let n = n.min(T::MaxSwept::get());
        markets::<T>(1);
        let later = T::Time::now_ms() + 1_000_000;
        let orders = (0..=n).map(|n| bid(n).good_till(later));
        let caller: T::AccountId = whitelisted_caller();
        put::<T>(rich::<T>(&caller), 0, &orders.collect::<Vec<_>>());
        let first = Book::<T>::iter_keys().next();
        SweepCursor::<T>::set(first);
        #[block]
        {
            expiry::sweep::<T>(Weight::MAX);
        }
        assert_ne!(SweepCursor::<T>::get(), first);
    }

    /// The orders that were the best of each market were cancelled.
    #[benchmark]
    fn visit(m: Linear<1, 200>) {
        let m = m.min(T::MaxMarkets::get());
        markets::<T>(m);
        for market in 0..m as MarketId {
            let summary = BookSummary {
                best_bid: Some(MARK),
                best_ask: Some(MARK + 1),
                cleared: Some((MARK, T::Time::now_ms())),
                ..BookSummary::default()
            };
            Books::<T>::insert(market, summary);
        }
        touch::<T>(0..m);
        #[block]
        {
            clearing::run::<T>();
        }
        assert!(Touched::<T>::get().is_empty());
        assert_eq!(Pallet::<T>::book(0).best_bid, None);
    }

    /// A call like no other before: the guard makes the next ones longer. Each market is in a compartment of its own.
    #[benchmark]
    fn conclude(m: Linear<1, 20>) {
        const CALLS_BEFORE: u32 = 300;
        let usual = CallFlow {
            lots: LOTS,
            price: mark(),
            bid_lots: LOTS,
            ask_lots: LOTS,
            fills: 2,
            cancels: 0,
            largest_lots: LOTS,
        };
        let unusual = CallFlow {
            lots: LOTS * 100_000,
            bid_lots: LOTS * 10_000_000,
            ask_lots: LOTS * 100_000,
            cancels: 1_000_000,
            largest_lots: LOTS * 100_000,
            ..usual
        };
        let mut contracts = Vec::new();
        for market in 0..m as MarketId {
            market_in::<T>(market, market);
            for _ in 0..CALLS_BEFORE {
                T::Guard::cleared(market, &usual);
            }
            contracts.push((market, terms::<T>(market).0));
        }
        #[block]
        {
            for (market, contract) in &contracts {
                T::Guard::admit(*market, mark(), unusual.lots);
                T::Accounts::conclude(*market, contract, Cash(1_000_000), 10).expect("fees");
                Pallet::<T>::deposit_event(Event::Cleared {
                    market: *market,
                    price: mark(),
                    lots: unusual.lots,
                    orders: 2,
                    bid_left: 0,
                    ask_left: 0,
                    complete: true,
                });
                T::Guard::cleared(*market, &unusual);
            }
        }
    }

    /// One large bid meets the asks one after the other. All only reduce, which is judged anew with each fill.
    #[benchmark]
    fn order_met(n: Linear<1, 100>) {
        let n = n.min(full::<T>());
        markets::<T>(1);
        let reducing = |side, lots| OrderRequest::limit(side, lots, MARK).reduce_only();
        let whole = LOTS * u64::from(n);
        for buyer in others::<T>("buyer", 1) {
            hold::<T>(buyer, 1, Side::Short, whole);
            put::<T>(buyer, 0, &[reducing(Side::Long, whole)]);
        }
        for seller in others::<T>("seller", 1) {
            hold::<T>(seller, 1, Side::Long, whole);
            let asks: Vec<_> = (0..n).map(|_| reducing(Side::Short, LOTS)).collect();
            put::<T>(seller, 0, &asks);
        }
        let (contract, prices) = terms::<T>(0);
        let scene = scene::<T>(&contract, &prices);
        let mut meter = WeightMeter::new();
        let told;
        #[block]
        {
            let mut pit = Pit::<T>::new(scene, &mut meter);
            let outcome = uncross::run(&mut pit);
            told = flow::of(&pit.orders, &outcome, &contract, Some(MARK), 0);
        }
        assert_eq!((told.lots, told.fills), (whole, n + 1));
    }

    /// Its collateral becomes so much less that each of its triggers is made anew, and is the first of its bucket.
    #[benchmark]
    fn account_met(p: Linear<1, MAX_POSITIONS>) {
        const LESS: Cash = Cash(1_000_000);
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, p, full::<T>());
        let (contract, prices) = terms::<T>(0);
        let batch = batch::<T>(&contract, &prices);
        let mut meter = WeightMeter::new();
        let pit = Pit::<T>::new(scene::<T>(&contract, &prices), &mut meter);
        let before = T::Accounts::load(index).expect("made before");
        #[block]
        {
            let mut account = pit.assess(index).account.expect("made before");
            account.collateral = LESS;
            let tally = Tally {
                traded: true,
                ..Tally::default()
            };
            let list = OrdersOf::<T>::get(index, 0);
            commit::close::<T>(&batch, index, account, list, &tally).expect("a good account");
        }
        let after = T::Accounts::load(index).expect("made before");
        assert_eq!(after.collateral, LESS);
        let kept = before.positions.iter().zip(&after.positions);
        let kept =
            kept.filter(|(before, after)| before.armed.is_some() && before.armed == after.armed);
        assert_eq!(kept.count(), 0, "every trigger is another one");
    }

    /// Half of each order was traded with an order that the chain entered, so that two fills are booked.
    #[benchmark]
    fn fill(n: Linear<1, 100>) {
        let n = n.min(full::<T>());
        markets::<T>(1);
        let caller: T::AccountId = whitelisted_caller();
        let index = rich::<T>(&caller);
        hold::<T>(index, 1, Side::Long, LOTS * u64::from(n));
        let ask = OrderRequest::limit(Side::Short, LOTS, MARK);
        let asks = alloc::vec![ask; n as usize];
        put::<T>(index, 0, &asks);
        let (contract, prices) = terms::<T>(0);
        let batch = batch::<T>(&contract, &prices);
        let list = OrdersOf::<T>::get(index, 0);
        let keys = list.iter().filter_map(|listed| listed.book_key(index, 0));
        let met: Vec<_> = keys
            .map(|key| Met {
                key,
                order: Book::<T>::get(key).expect("placed above"),
                filled: LOTS,
                with_forced: LOTS / 2,
                maker: true,
                removed: None,
            })
            .collect();
        let met: Vec<_> = met.iter().collect();
        #[block]
        {
            let mut totals = Totals::default();
            commit::commit_account::<T>(&batch, index, None, &met, &mut totals).expect("booked");
        }
        let after = T::Accounts::load(index).expect("made before");
        assert_eq!((after.orders, after.lots(0)), (0, Lots(0)));
    }

    /// Immediate orders that are left over, each the last of a full list.
    #[benchmark]
    fn remove(a: Linear<1, 20>) {
        markets::<T>(MAX_POSITIONS);
        let last = full::<T>() - 1;
        let mut orders: Vec<_> = (0..last).map(bid).collect();
        orders.push(best_bid(last).immediate());
        for index in others::<T>("buyer", a) {
            hold::<T>(index, MAX_POSITIONS, Side::Long, LOTS);
            put::<T>(index, 0, &orders);
        }
        #[block]
        {
            clearing::sweep_immediates::<T>(0, &mut WeightMeter::new());
        }
        assert!(!Immediates::<T>::contains_key(0));
        assert_eq!(Book::<T>::iter_keys().count() as u32, a * last);
    }

    /// The order that it replaces is the last of a full list of immediate orders. The account's own list is full too.
    #[benchmark]
    fn force() {
        let caller: T::AccountId = whitelisted_caller();
        let index = full_trader::<T>(&caller, full::<T>() - 1);
        Pallet::<T>::force(index, 0, Side::Short, LOTS, mark()).expect("it has a position");
        let mine = Immediates::<T>::get(0);
        let others = (1..T::MaxImmediates::get()).map(|number| BookKey {
            number: u32::MAX - number,
            ..mine[0]
        });
        let keys: Vec<BookKey> = others.chain(mine.iter().copied()).collect();
        Immediates::<T>::insert(0, BoundedVec::truncate_from(keys));
        busy::<T>();
        #[block]
        {
            Pallet::<T>::force(index, 0, Side::Short, LOTS - 1, mark()).expect("it has a position");
        }
        let orders = OrdersOf::<T>::get(index, 0);
        let forced = orders.iter().filter(|order| order.flags.forced()).count();
        assert_eq!((forced, orders.len() as u32), (1, full::<T>()));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
