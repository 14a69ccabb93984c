//! Benchmarks at the worst case: full lists, an account in as many markets as it may be, every fill of an account that
//! was not met before.

use alloc::{vec, vec::Vec};
use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{
        AccountIndex, BlockActs, Cash, CompartmentId, Direction, ForcedOrders, LotPrice, Lots,
        MarketId, Markets, OrderKind, OrderRef, OrderRequest, Phase, Side, Ticks, TimeInForce,
        TradingAccounts, Trigger, MAX_POSITIONS,
    },
};
use frame_benchmarking::v2::*;
use frame_support::{traits::Get, traits::Hooks, weights::WeightMeter, BoundedVec};
use frame_system::RawOrigin;

use crate::{
    deadlines,
    desk::Desk,
    dormant,
    keys::{BookKey, DormantKey},
    pallet::{Book, Call, Config, Deadlines, Dormant, Immediates, OrdersOf, Pallet, Touched},
    placement::{self, Purse, Venue},
    types::{Quote, MAX_BATCH, MAX_QUOTES},
};

const COMPARTMENT: CompartmentId = 0;
const TICK: u64 = 10;
const MARK: Ticks = 1_000;

fn market<T: Config>(market: MarketId) {
    let mark = LotPrice(i128::from(MARK) * i128::from(TICK));
    T::Markets::benchmark_market(market, COMPARTMENT, mark, |contract, prices| {
        contract.phase = Phase::Trading;
        contract.tick = TICK;
        contract.min_notional = Cash(1);
        contract.max_order_lots = 1_000_000;
        contract.tier_bounds = vec![Lots(1_000_000_000)].try_into().expect("one tier");
        contract.open_interest_cap = u64::MAX;
        contract.band_ppm = 900_000;
        contract.call_blocks = 1;
        prices.status = FeedStatus::Live;
        prices.maintenance = vec![LotPrice(500)].try_into().expect("one tier");
        prices.initial = vec![LotPrice(1_000)].try_into().expect("one tier");
        prices.fee_reserve = LotPrice(20);
    });
}

fn markets<T: Config>() -> u32 {
    T::MaxMarkets::get().min(MAX_POSITIONS)
}

fn rich<T: Config>(owner: &T::AccountId) -> AccountIndex {
    T::Accounts::benchmark_account(owner, COMPARTMENT, Cash(1 << 80))
}

fn request(side: Side, lots: u64, ticks: Ticks) -> OrderRequest {
    OrderRequest {
        side,
        lots,
        kind: OrderKind::Limit(ticks),
        time_in_force: TimeInForce::GoodTillCancelled,
        reduce_only: false,
        trigger: None,
        client_id: None,
    }
}

/// The `n`-th order of a full list, with a name and away from the mark.
fn order(n: u32) -> OrderRequest {
    OrderRequest {
        client_id: Some(n.into()),
        ..request(Side::Long, 10, MARK - 1 - n)
    }
}

/// Places orders as the calls do, whatever the account did in this block before.
fn put<T: Config>(index: AccountIndex, market: MarketId, requests: &[OrderRequest]) {
    let mut account = T::Accounts::load(index).expect("made before");
    account.acts = BlockActs::default();
    let venue = Venue::open::<T>(market).unwrap_or_else(|_| panic!("the market was made before"));
    let mut desk = Desk::<T>::open(index, account, market);
    let mut purse = Purse::default();
    for request in requests {
        desk.account.acts = BlockActs::default();
        placement::place(&mut desk, &venue, &mut purse, request).expect("a good order");
    }
    desk.account.acts = BlockActs::default();
    desk.save().unwrap_or_else(|_| panic!("a good list"));
}

/// An account with an order in each other market, and so many in the first.
fn trader<T: Config>(owner: &T::AccountId, orders: u32) -> AccountIndex {
    let index = rich::<T>(owner);
    for id in 0..markets::<T>() {
        let id = id as MarketId;
        market::<T>(id);
        if id > 0 {
            put::<T>(index, id, &[order(0)]);
        }
    }
    let requests: Vec<_> = (0..orders).map(order).collect();
    put::<T>(index, 0, &requests);
    index
}

fn others<T: Config>(kind: &'static str, count: u32) -> Vec<AccountIndex> {
    (0..count)
        .map(|number| rich::<T>(&account(kind, number, 0)))
        .collect()
}

fn count<T: Config>(index: AccountIndex) -> usize {
    OrdersOf::<T>::get(index, 0).len()
}

fn full<T: Config>() -> u32 {
    T::MaxOrdersPerMarket::get()
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn place() {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, full::<T>() - 1);
        #[extrinsic_call]
        place(RawOrigin::Signed(caller), index, 0, order(full::<T>()));
        assert_eq!(count::<T>(index), full::<T>() as usize);
    }

    #[benchmark]
    fn place_batch(n: Linear<1, MAX_BATCH>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, full::<T>() - n);
        let requests: Vec<_> = (0..n).map(|n| order(full::<T>() + n)).collect();
        let requests = BoundedVec::truncate_from(requests);
        #[extrinsic_call]
        place_batch(RawOrigin::Signed(caller), index, 0, requests);
        assert_eq!(count::<T>(index), full::<T>() as usize);
    }

    #[benchmark]
    fn amend() {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, full::<T>());
        let last = OrderRef::Client(u64::from(full::<T>() - 1));
        #[extrinsic_call]
        amend(RawOrigin::Signed(caller), index, 0, last, MARK - 1, 20);
        assert_eq!(Pallet::<T>::book(0).best_bid, Some(MARK - 1));
    }

    #[benchmark]
    fn cancel() {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, full::<T>());
        let last = OrderRef::Client(u64::from(full::<T>() - 1));
        #[extrinsic_call]
        cancel(RawOrigin::Signed(caller), index, 0, last);
        assert_eq!(count::<T>(index), full::<T>() as usize - 1);
    }

    #[benchmark]
    fn cancel_batch(n: Linear<1, MAX_BATCH>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, full::<T>());
        let last = u64::from(full::<T>());
        let orders: Vec<_> = (1..=u64::from(n))
            .map(|n| OrderRef::Client(last - n))
            .collect();
        let orders = BoundedVec::truncate_from(orders);
        #[extrinsic_call]
        cancel_batch(RawOrigin::Signed(caller), index, 0, orders);
        assert_eq!(count::<T>(index), (full::<T>() - n) as usize);
    }

    #[benchmark]
    fn cancel_all(n: Linear<1, 100>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, n.min(full::<T>()));
        #[extrinsic_call]
        cancel_all(RawOrigin::Signed(caller), index, None);
        assert_eq!(T::Accounts::load(index).expect("it is there").orders, 0);
    }

    #[benchmark]
    fn replace_all(c: Linear<0, 100>, p: Linear<0, MAX_QUOTES>) {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, c.min(full::<T>()));
        let quotes: Vec<_> = (0..p.min(full::<T>()))
            .map(|n| Quote {
                side: Side::Short,
                price: MARK + 1 + n,
                lots: 10,
                client_id: Some(n.into()),
            })
            .collect();
        let placed = quotes.len();
        let quotes = BoundedVec::truncate_from(quotes);
        #[extrinsic_call]
        replace_all(RawOrigin::Signed(caller), index, 0, quotes);
        assert_eq!(count::<T>(index), placed);
    }

    #[benchmark]
    fn schedule_cancel() {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, 0);
        let at = T::Time::now_ms() + 1_000_000;
        let origin = RawOrigin::Signed(caller.clone());
        Pallet::<T>::schedule_cancel(origin.into(), index, Some(at)).expect("its own account");
        #[extrinsic_call]
        schedule_cancel(RawOrigin::Signed(caller), index, Some(at + 1));
        assert_eq!(Deadlines::<T>::iter_keys().count(), 1);
    }

    /// So many dormant orders wake.
    #[benchmark]
    fn fire(n: Linear<1, 50>) {
        market::<T>(0);
        for index in others::<T>("sleeper", n) {
            let trigger = Some(Trigger {
                direction: Direction::AtOrAbove,
                price: MARK,
            });
            let stop = OrderRequest {
                trigger,
                ..request(Side::Long, 10, MARK)
            };
            put::<T>(index, 0, &[stop]);
        }
        #[block]
        {
            dormant::fire::<T>(&mut WeightMeter::new());
        }
        assert_eq!(Dormant::<T>::iter_keys().count(), 0);
        assert_eq!(Book::<T>::iter_keys().count(), n as usize);
    }

    /// The orders of so many accounts are cancelled because their time came.
    #[benchmark]
    fn deadline(n: Linear<1, 20>) {
        market::<T>(0);
        for index in others::<T>("absent", n) {
            let requests: Vec<_> = (0..full::<T>()).map(order).collect();
            put::<T>(index, 0, &requests);
            let mut account = T::Accounts::load(index).expect("made before");
            let at = T::Time::now_ms();
            account.cancel_at = Some(at);
            Deadlines::<T>::insert(crate::keys::DeadlineKey { at, account: index }, ());
            T::Accounts::store(index, &account);
        }
        #[block]
        {
            deadlines::run::<T>(&mut WeightMeter::new());
        }
        assert_eq!(Book::<T>::iter_keys().count(), 0);
    }

    /// So many pairs of orders are filled, each of an account of its own that had no position.
    #[benchmark]
    fn clear(n: Linear<1, 100>) {
        market::<T>(0);
        for index in others::<T>("buyer", n) {
            put::<T>(index, 0, &[request(Side::Long, 10, MARK)]);
        }
        for index in others::<T>("seller", n) {
            put::<T>(index, 0, &[request(Side::Short, 10, MARK)]);
        }
        #[block]
        {
            Pallet::<T>::on_finalize(frame_system::Pallet::<T>::block_number());
        }
        assert!(Touched::<T>::get().is_empty());
        assert_eq!(Book::<T>::iter_keys().count(), 0);
    }

    /// So many immediate orders are left over and removed.
    #[benchmark]
    fn remove(n: Linear<1, 100>) {
        market::<T>(0);
        for index in others::<T>("buyer", n) {
            let immediate = OrderRequest {
                time_in_force: TimeInForce::ImmediateOrCancel,
                ..request(Side::Long, 10, MARK)
            };
            put::<T>(index, 0, &[immediate]);
        }
        #[block]
        {
            Pallet::<T>::on_finalize(frame_system::Pallet::<T>::block_number());
        }
        assert_eq!(Book::<T>::iter_keys().count(), 0);
    }

    /// The chain enters an order in place of the one it entered before, which is the last of a full list of immediate
    /// orders. The account's own list is full too.
    #[benchmark]
    fn force() {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, full::<T>() - 1);
        let mut account = T::Accounts::load(index).expect("made before");
        // Nobody holds the other side: nothing is filled here.
        account.position_mut(0).expect("it has orders there").lots = Lots(10);
        T::Accounts::store(index, &account);
        let limit = LotPrice(i128::from(MARK) * i128::from(TICK));
        Pallet::<T>::force(index, 0, Side::Short, 10, limit).expect("it has a position");
        let mine = Immediates::<T>::get(0);
        let others = (1..T::MaxImmediates::get()).map(|number| BookKey {
            number: u32::MAX - number,
            ..mine[0]
        });
        let keys: Vec<BookKey> = others.chain(mine.iter().copied()).collect();
        Immediates::<T>::insert(0, BoundedVec::truncate_from(keys));
        #[block]
        {
            Pallet::<T>::force(index, 0, Side::Short, 9, limit).expect("it has a position");
        }
        let orders = OrdersOf::<T>::get(index, 0);
        assert_eq!(
            orders.iter().filter(|order| order.flags.forced()).count(),
            1
        );
        assert_eq!(orders.len(), full::<T>() as usize);
    }

    /// A block in which nothing happens, in as many markets as there can be with a dormant order each.
    #[benchmark]
    fn quiet_block() {
        let caller: T::AccountId = whitelisted_caller();
        let index = trader::<T>(&caller, 1);
        for id in 0..markets::<T>() {
            let trigger = Some(Trigger {
                direction: Direction::AtOrAbove,
                price: MARK + 1,
            });
            let stop = OrderRequest {
                trigger,
                ..request(Side::Long, 10, MARK)
            };
            put::<T>(index, id as MarketId, &[stop]);
        }
        let asleep: Vec<DormantKey> = Dormant::<T>::iter_keys().collect();
        #[block]
        {
            Pallet::<T>::on_initialize(frame_system::Pallet::<T>::block_number());
        }
        assert_eq!(Dormant::<T>::iter_keys().count(), asleep.len());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
