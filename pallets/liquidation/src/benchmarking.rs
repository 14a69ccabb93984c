//! Each part of the step at its worst case: accounts in as many markets as there can be, a fund with as many holders as it looks at
//! in a block. What the exchange does with orders is its own weights' matter: an account of a benchmark has none of its own, and
//! where a visit alone is measured its prices are stale, so that none are entered.

use alloc::{vec, vec::Vec};
use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{
        AccountIndex, Cash, CompartmentFunds, CompartmentId, Fill, FillKind, LiquidationAccounts,
        LotPrice, Lots, MarketId, Markets, Phase, Side, TradingAccounts, MAX_POSITIONS,
    },
};
use frame_benchmarking::v2::*;
use frame_support::{traits::EnsureOrigin, traits::Get, weights::WeightMeter};
use frame_system::RawOrigin;

use crate::{
    engine,
    pallet::{Call, Config, CurrentTerms, InProgress, Pallet, TotalsOf, UnsafeAccounts, Work},
    types::{Terms, MAX_HOLDERS},
};

const COMPARTMENT: CompartmentId = 0;
const MARK: i128 = 1_000_000_000_000;

fn markets<T: Config>() -> u32 {
    T::MaxMarkets::get().min(MAX_POSITIONS)
}

/// So many markets, at a maintenance margin of a tenth.
fn make_markets<T: Config>(count: u32, status: FeedStatus) {
    for market in 0..count {
        T::Markets::benchmark_market(
            market as MarketId,
            COMPARTMENT,
            LotPrice(MARK),
            |contract, prices| {
                contract.phase = Phase::Trading;
                contract.tick = 1_000_000_000;
                contract.tier_bounds = vec![Lots(1_000_000)].try_into().expect("one tier");
                contract.open_interest_cap = u64::MAX;
                contract.band_ppm = 500_000;
                contract.liquidation_penalty_ppm = 10_000;
                prices.status = status;
                prices.maintenance = vec![LotPrice(MARK / 10)].try_into().expect("one tier");
                prices.initial = vec![LotPrice(MARK / 5)].try_into().expect("one tier");
            },
        );
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

/// An account long a lot in each of so many markets, with a share of its maintenance margin in thousandths.
fn short_of_margin<T: Config>(owner: u32, count: u32, thousandths: i128) -> AccountIndex {
    let owner: T::AccountId = account("owner", owner, 0);
    let index = T::Accounts::benchmark_account(&owner, COMPARTMENT, Cash(MARK * 1_000));
    for market in 0..count {
        give::<T>(index, market as MarketId, Side::Long, 1, MARK);
    }
    set_money::<T>(index, MARK / 10 * i128::from(count) * thousandths / 1_000);
    index
}

#[benchmarks]
mod benches {
    use super::*;

    #[benchmark]
    fn quiet() {
        #[block]
        {
            engine::run::<T>();
        }
        assert_eq!(UnsafeAccounts::<T>::get(), 0);
    }

    #[benchmark]
    fn find(n: Linear<1, 64>) {
        make_markets::<T>(markets::<T>(), FeedStatus::Live);
        for owner in 0..n {
            short_of_margin::<T>(owner, 1, 900);
        }
        let found;
        #[block]
        {
            found = T::Accounts::endangered(n);
        }
        assert_eq!(found.len() as u32, n);
    }

    #[benchmark]
    fn visit(p: Linear<1, MAX_POSITIONS>) {
        let count = p.min(markets::<T>());
        make_markets::<T>(count, FeedStatus::Stale);
        let index = short_of_margin::<T>(0, count, 900);
        #[block]
        {
            crate::visit::visit::<T>(index).expect("an account that can be assessed");
        }
        assert_eq!(InProgress::<T>::get(index), None);
    }

    #[benchmark]
    fn take_over(p: Linear<1, MAX_POSITIONS>) {
        let count = p.min(markets::<T>());
        make_markets::<T>(count, FeedStatus::Live);
        let index = short_of_margin::<T>(0, count, 100);
        let account = T::Accounts::load(index).expect("made before");
        let standing = T::Accounts::standing(&account).expect("adds up");
        #[block]
        {
            crate::takeover::take_over::<T>(index, account, &standing, None).expect("taken over");
        }
        assert_eq!(
            TotalsOf::<T>::iter_values()
                .map(|one| one.taken_over)
                .sum::<u32>(),
            1
        );
        assert_eq!(UnsafeAccounts::<T>::get(), 0);
    }

    #[benchmark]
    fn fund(n: Linear<1, MAX_HOLDERS>) {
        make_markets::<T>(markets::<T>(), FeedStatus::Live);
        let market: MarketId = 0;
        let inventory = T::Accounts::inventory(market).expect("there is such a market");
        give::<T>(inventory, market, Side::Long, n.into(), MARK);
        // Nothing can be held, and what is missing is more than the pots may pay.
        T::Accounts::benchmark_funds(COMPARTMENT, Cash(10), Cash(10));
        set_money::<T>(inventory, -MARK * i128::from(n));
        crate::fund::put_to_work::<T>(market, inventory, Side::Long).expect("room");
        for owner in 0..n {
            let owner: T::AccountId = account("holder", owner, 0);
            let index = T::Accounts::benchmark_account(&owner, COMPARTMENT, Cash(MARK * 1_000));
            for other in 1..markets::<T>() {
                give::<T>(index, other as MarketId, Side::Long, 1, MARK);
            }
            // Sold at twice the mark: a profit of what a lot is worth.
            give::<T>(index, market, Side::Short, 1, MARK * 2);
        }
        let working: Vec<MarketId> = vec![market];
        #[block]
        {
            crate::fund::run::<T>(&working, &mut WeightMeter::new());
        }
        let totals = TotalsOf::<T>::get(market);
        assert_eq!(totals.deleveraged, u64::from(n));
        assert!(totals.haircuts.is_positive());
        assert_eq!(Work::<T>::get(market), None);
    }

    #[benchmark]
    fn liquidate() {
        make_markets::<T>(markets::<T>(), FeedStatus::Live);
        let index = short_of_margin::<T>(0, markets::<T>(), 900);
        #[extrinsic_call]
        _(RawOrigin::Signed(whitelisted_caller()), index);

        assert_eq!(InProgress::<T>::get(index).map(|one| one.attempts), Some(1));
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
