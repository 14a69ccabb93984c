//! Each weight function at its worst case. What the exchange does with orders is its own weights' matter: an account of a
//! benchmark has none of its own, and where orders are planned the exchange refuses them.
//!
//! In a benchmark with `m`, the last of several accounts of one market is in `m` markets more.

use alloc::{vec, vec::Vec};
use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        AccountIndex, Cash, CompartmentFunds, CompartmentId, Fill, FillKind, ForcedOrders,
        LiquidationAccounts, LotPrice, Lots, MarketId, Markets, Phase, Side, TradingAccounts,
        MAX_POSITIONS, MAX_TIERS,
    },
};
use frame_benchmarking::v2::*;
use frame_support::{traits::EnsureOrigin, weights::WeightMeter, BoundedVec};

use crate::{
    engine,
    fund::{self, Desk},
    pallet::{
        BacklogState, Call, Config, CurrentTerms, InProgress, Pallet, TotalsOf, UnsafeAccounts,
        Work,
    },
    types::{Backlog, Progress, Terms, MAX_HOLDERS, MAX_ORDERS},
    unwinding, visit,
};

const COMPARTMENT: CompartmentId = 0;
const MARK: i128 = 1_000_000_000_000;
/// The market that all accounts are in.
const FIRST: MarketId = 0;
/// Positions beyond the first.
const MORE: u32 = MAX_POSITIONS - 1;
/// Orders beyond the first.
const MORE_ORDERS: u32 = MAX_ORDERS as u32 - 1;

/// The first market and so many more, at a maintenance margin of a tenth, in all tiers that there can be.
fn make_markets<T: Config>(more: u32, phase: Phase) {
    for market in 0..=more as MarketId {
        T::Markets::benchmark_market(market, COMPARTMENT, LotPrice(MARK), |contract, prices| {
            let bounds = (1..=i64::from(MAX_TIERS)).map(|tier| Lots(tier * 1_000_000));
            let all = |margin| (0..MAX_TIERS).map(|_| LotPrice(margin)).collect::<Vec<_>>();
            contract.phase = phase;
            contract.tick = 1_000_000_000;
            contract.tier_bounds = BoundedVec::truncate_from(bounds.collect());
            contract.open_interest_cap = u64::MAX;
            contract.band_ppm = 500_000;
            contract.liquidation_penalty_ppm = 10_000;
            prices.maintenance = BoundedVec::truncate_from(all(MARK / 10));
            prices.initial = BoundedVec::truncate_from(all(MARK / 5));
        });
    }
}

/// Gives an account lots of a market at a price, from nobody.
fn give<T: Config>(index: AccountIndex, market: MarketId, side: Side, lots: u64, price: i128) {
    let mut account = T::Accounts::load(index).expect("made before");
    let contract = T::Markets::contract(market).expect("made before");
    let prices = T::Markets::prices(market).expect("made before");
    let fill = Fill {
        market,
        side,
        lots,
        price: LotPrice(price),
        kind: FillKind::AtMark,
    };
    let now = T::Time::now_ms();
    let settled =
        T::Accounts::fill(&mut account, &contract, &prices, now, &fill).expect("a sound fill");
    T::Accounts::settle(index, account).expect("a sound account");
    T::Accounts::conclude(market, &contract, Cash::ZERO, settled.long_lots.max(0))
        .expect("a sound market");
}

fn set_money<T: Config>(index: AccountIndex, money: i128) {
    let mut account = T::Accounts::load(index).expect("made before");
    account.collateral = Cash(money);
    T::Accounts::settle(index, account).expect("a sound account");
}

/// An account with so much money, of an owner of that number.
fn open<T: Config>(owner: u32, money: i128) -> AccountIndex {
    let owner: T::AccountId = account("owner", owner, 0);
    T::Accounts::benchmark_account(&owner, COMPARTMENT, Cash(money))
}

/// Accounts long a lot of the first market, the last of them of so many markets more, with a share of their maintenance margin in
/// thousandths. All are marked unsafe.
fn short_of_margin<T: Config>(count: u32, more: u32, thousandths: i128) -> Vec<AccountIndex> {
    (1..=count)
        .map(|owner| {
            let index = open::<T>(owner, MARK * 1_000);
            let more = if owner == count { more } else { 0 };
            for market in 0..=more as MarketId {
                give::<T>(index, market, Side::Long, 1, MARK);
            }
            let maintenance = MARK / 10 * (1 + i128::from(more));
            set_money::<T>(index, maintenance * thousandths / 1_000);
            index
        })
        .collect()
}

/// Accounts whose orders were in the calls of so many blocks.
fn tried<T: Config>(accounts: &[AccountIndex], attempts: u8) {
    for index in accounts {
        let progress = Progress {
            market: FIRST,
            attempts,
            last: 0,
            // The breaker is told of it when the account is restored.
            offered: Cash(MARK),
        };
        InProgress::<T>::insert(index, progress);
    }
}

fn visit_all<T: Config>(accounts: Vec<AccountIndex>) {
    for index in accounts {
        visit::visit::<T>(index).expect("an account that can be assessed");
    }
}

/// The inventory of the first market with so many lots and so much money, at work.
fn inventory<T: Config>(lots: u64, money: i128) -> AccountIndex {
    let inventory = T::Accounts::inventory(FIRST).expect("there is such a market");
    give::<T>(inventory, FIRST, Side::Long, lots, MARK);
    set_money::<T>(inventory, money);
    fund::put_to_work::<T>(FIRST, inventory, Side::Long).expect("room");
    inventory
}

/// A fund at work with its steps' surroundings.
fn desk<T: Config>(inventory: AccountIndex) -> Desk<T> {
    Desk {
        market: FIRST,
        contract: T::Markets::contract(FIRST).expect("made before"),
        prices: T::Markets::prices(FIRST).expect("made before"),
        fund: T::Accounts::load(inventory).expect("made before"),
        work: Work::<T>::get(FIRST).expect("made before"),
        closed: Vec::new(),
    }
}

#[benchmarks]
mod benches {
    use super::*;

    /// After a block with a backlog.
    #[benchmark]
    fn quiet() {
        let backlog = Backlog {
            accounts: 1,
            since: Some(0),
        };
        BacklogState::<T>::put(backlog);
        #[block]
        {
            engine::run::<T>();
        }
        assert_eq!(BacklogState::<T>::get(), Backlog::default());
    }

    #[benchmark]
    fn recover(a: Linear<1, 32>, m: Linear<0, MORE>) {
        make_markets::<T>(m, Phase::Trading);
        let accounts = short_of_margin::<T>(a, m, 900);
        assert_eq!(UnsafeAccounts::<T>::get(), a);
        tried::<T>(&accounts, 1);
        for index in &accounts {
            // Stored without a look at it.
            let mut account = T::Accounts::load(*index).expect("made above");
            account.collateral.0 += MARK;
            T::Accounts::store(*index, &account);
        }
        #[block]
        {
            visit_all::<T>(accounts);
        }
        assert_eq!(UnsafeAccounts::<T>::get(), 0);
        assert_eq!(InProgress::<T>::iter().count(), 0);
    }

    /// Of as many positions as one visit takes orders are refused.
    #[benchmark]
    fn offer(p: Linear<1, MAX_POSITIONS>) {
        make_markets::<T>(p - 1, Phase::Settling);
        let accounts = short_of_margin::<T>(1, p - 1, 350);
        tried::<T>(&accounts, 1);
        let index = accounts[0];
        #[block]
        {
            visit_all::<T>(accounts);
        }
        assert_eq!(InProgress::<T>::get(index).map(|one| one.attempts), Some(2));
    }

    #[benchmark]
    fn buy(a: Linear<1, 32>, m: Linear<0, MORE_ORDERS>) {
        make_markets::<T>(m, Phase::Trading);
        let accounts = short_of_margin::<T>(a, m, 350);
        tried::<T>(&accounts, CurrentTerms::<T>::get().max_attempts);
        #[block]
        {
            visit_all::<T>(accounts);
        }
        let bought: u64 = TotalsOf::<T>::iter_values().map(|one| one.bought).sum();
        assert_eq!(bought, u64::from(a + m));
        assert_eq!(UnsafeAccounts::<T>::get(), 0);
    }

    #[benchmark]
    fn take_over(a: Linear<1, 32>, m: Linear<0, MORE>) {
        make_markets::<T>(m, Phase::Trading);
        let accounts = short_of_margin::<T>(a, m, 100);
        tried::<T>(&accounts, 1);
        #[block]
        {
            visit_all::<T>(accounts);
        }
        let taken: u32 = TotalsOf::<T>::iter_values().map(|one| one.taken_over).sum();
        assert_eq!(taken, a);
        assert_eq!(UnsafeAccounts::<T>::get(), 0);
    }

    /// Half of the lots of each holder are closed, all his slack is cut, and still the market is given up.
    #[benchmark]
    fn fund(n: Linear<1, MAX_HOLDERS>, m: Linear<0, MORE>) {
        make_markets::<T>(m, Phase::Trading);
        // Nothing can be held, and what is missing is more than the pots may pay.
        T::Accounts::benchmark_funds(COMPARTMENT, Cash(1_000_000), Cash(1_000_000));
        inventory::<T>(5 * u64::from(n), -3 * MARK * i128::from(n));
        for owner in 1..=n {
            let index = open::<T>(owner, MARK * 1_000);
            let more = if owner == n { m } else { 0 };
            for other in 1..=more as MarketId {
                give::<T>(index, other, Side::Long, 1, MARK);
            }
            // Sold at twice the mark. The profit of ten is what its money lacks but for a slack of one.
            give::<T>(index, FIRST, Side::Short, 10, MARK * 2);
            set_money::<T>(index, -8 * MARK + MARK / 10 * i128::from(more));
        }
        assert_eq!(UnsafeAccounts::<T>::get(), 0);
        let working: Vec<MarketId> = vec![FIRST];
        #[block]
        {
            crate::fund::run::<T>(&working, &mut WeightMeter::new());
        }
        let totals = TotalsOf::<T>::get(FIRST);
        assert_eq!(totals.deleveraged, 5 * u64::from(n));
        assert!(totals.haircuts.0 >= MARK * i128::from(n));
        assert!(Work::<T>::get(FIRST).is_some_and(|work| work.given_up));
    }

    /// To as many bids as are looked at.
    #[benchmark]
    fn unwind() {
        make_markets::<T>(0, Phase::Trading);
        let inventory = inventory::<T>(1_000, 0);
        for owner in 1..=unwinding::DEPTH_ORDERS {
            let index = open::<T>(owner, MARK * 1_000);
            give::<T>(index, FIRST, Side::Short, 10, MARK);
            T::Orders::force(index, FIRST, Side::Long, 10, LotPrice(MARK)).expect("it reduces");
        }
        let before = T::Accounts::load(inventory).expect("made above").orders;
        let desk = desk::<T>(inventory);
        #[block]
        {
            unwinding::run(&desk).expect("sells");
        }
        let after = T::Accounts::load(inventory).expect("made above").orders;
        assert_eq!(after, before + 1);
    }

    #[benchmark]
    fn set_terms() -> Result<(), BenchmarkError> {
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let terms = Terms {
            max_attempts: 9,
            ..Terms::default()
        };
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, terms);

        assert_eq!(CurrentTerms::<T>::get(), terms);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
