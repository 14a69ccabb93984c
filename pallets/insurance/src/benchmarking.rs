//! Each call at its worst case: shares to strike off, an orphaned pot to claim, a loss that every layer pays for, that
//! wipes the backers out, and that trips the circuit breaker while all markets are restricted.

use alloc::{boxed::Box, vec::Vec};
use caisson_primitives::{
    trading::{
        Cash, CompartmentFunds, CompartmentId, InsuranceFunds, LotPrice, MarketId, Markets,
        SafetySignals,
    },
    AssetId, Balance,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungibles::Mutate, EnsureOrigin};
use frame_system::RawOrigin;

use crate::{
    coverage, money,
    pallet::{Backings, Call, Config, Coverages, Pallet, Records, Series, SubLimits, Terms, Turn},
    types::{Backing, Coverage, FundTerms, Leaving, ShareSeries, SubLimit, MAX_JUMPS, PPM},
};

/// The compartment of benchmarks.
const COMPARTMENT: CompartmentId = 0;
/// Another one.
const ELSEWHERE: CompartmentId = 1;
/// The first market of benchmarks.
const FIRST_MARKET: MarketId = 20_000;
/// One whole of the settlement asset.
const ONE: i128 = 1_000_000_000_000;
/// A stake, in units: little beside the pots, so that no gate holds it.
const STAKE: Balance = 1_000;
/// So many markets, with those of a genesis, are about as many as there can be.
const CROWD: u32 = 180;

/// The most jumps, and a whole share of each pot.
fn terms() -> FundTerms {
    let jumps = (1..=MAX_JUMPS as i32).map(|jump| jump * 50_000).collect();
    FundTerms {
        drawdown_ppm: 500_000,
        backers_ppm: PPM,
        min_backing: Cash(1),
        stress_jumps_ppm: frame_support::BoundedVec::truncate_from(jumps),
        tail: MAX_JUMPS as u8,
        ..FundTerms::standard()
    }
}

fn limit() -> SubLimit {
    let terms = terms();
    SubLimit {
        inventory_ppm: terms.inventory_ppm,
        drawdown_ppm: terms.drawdown_ppm,
        backers_ppm: terms.backers_ppm,
        backstop_cap: terms.backstop_cap,
    }
}

/// A compartment with a million in each pot; returns its asset.
fn compartment<T: Config>() -> AssetId {
    let pot = Cash(1_000_000 * ONE);
    T::Funds::benchmark_funds(COMPARTMENT, pot, pot);
    Terms::<T>::insert(COMPARTMENT, terms());
    let (asset, _) = T::Funds::settlement_asset(COMPARTMENT).expect("made above");
    asset
}

/// An account with much of an asset.
fn fund<T: Config>(asset: AssetId, who: &T::AccountId) {
    frame_system::Pallet::<T>::inc_providers(who);
    T::Assets::mint_into(asset, who, 1_000_000_000_000_000).expect("the asset exists");
}

/// Someone who can stake.
fn backer<T: Config>() -> T::AccountId {
    let who: T::AccountId = whitelisted_caller();
    fund::<T>(compartment::<T>(), &who);
    who
}

/// Someone who does: among other shares, so that the pot is not orphaned.
fn staked<T: Config>() -> T::AccountId {
    let who = backer::<T>();
    let shares = ONE * PPM as i128;
    Series::<T>::insert(COMPARTMENT, ShareSeries { number: 0, shares });
    Pallet::<T>::back(RawOrigin::Signed(who.clone()).into(), COMPARTMENT, STAKE).expect("stakes");
    who
}

fn held<T: Config>(who: &T::AccountId) -> Backing {
    Backings::<T>::get(COMPARTMENT, who).expect("it has a stake")
}

fn leaving<T: Config>(at: u64) -> T::AccountId {
    let who = staked::<T>();
    let backing = held::<T>(&who);
    Backings::<T>::insert(
        COMPARTMENT,
        &who,
        Backing {
            leaving: Some(Leaving {
                shares: backing.shares,
                at,
            }),
            ..backing
        },
    );
    who
}

fn market<T: Config>(number: u32, compartment: CompartmentId) -> MarketId {
    let market = FIRST_MARKET.saturating_add(number as MarketId);
    T::Markets::benchmark_market(market, compartment, LotPrice(ONE), |_, _| ());
    market
}

/// A chain in trouble: markets of another compartment that were liquidated too much of, and owe. What the circuit breaker
/// keeps of them is read by whoever tells it something.
fn crowd<T: Config>() {
    T::Funds::benchmark_funds(ELSEWHERE, Cash(ONE), Cash(ONE));
    for number in 1..=CROWD {
        let market = market::<T>(number, ELSEWHERE);
        T::Signals::liquidated(market, Cash(1 << 100));
        T::Signals::deficit(ELSEWHERE, market, Cash(1));
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// The round of compartments begins anew, and the fund has reached its target.
    ///
    /// Markets of benchmarks have no positions. What the losses of all would be is computed beside, from as many.
    #[benchmark]
    fn look(l: Linear<0, 90>, m: Linear<0, 90>) {
        compartment::<T>();
        for number in 0..l {
            market::<T>(number, ELSEWHERE);
        }
        for number in 0..m {
            market::<T>(CROWD + number, COMPARTMENT);
        }
        Turn::<T>::put(CompartmentId::MAX);
        let before = Coverage {
            target: Cash(ONE),
            fund: Cash(0),
            coverage_ppm: Some(0),
            at: 0,
        };
        Coverages::<T>::insert(COMPARTMENT, before);
        let (terms, price) = (terms(), LotPrice(ONE));
        #[block]
        {
            coverage::take_turn::<T>();
            let buckets: Vec<_> = (0..m)
                .filter_map(|lots| coverage::bucket_of(&price, &price, u64::from(lots)).ok())
                .collect();
            coverage::target(&terms, &buckets).expect("in range");
        }
        assert_eq!(Turn::<T>::get(), COMPARTMENT + 1);
        assert!(Coverages::<T>::get(COMPARTMENT).is_some_and(|after| after.is_reached()));
    }

    #[benchmark]
    fn cover() {
        let asset = compartment::<T>();
        crowd::<T>();
        fund::<T>(asset, &money::backstop_account::<T>());
        let market = market::<T>(0, COMPARTMENT);
        SubLimits::<T>::insert(COMPARTMENT, market, limit());
        let shares = ONE;
        Series::<T>::insert(COMPARTMENT, ShareSeries { number: 0, shares });
        // Half of the fund, all of the backers', and one more and a bit.
        let loss = Cash(1_500_001 * ONE + 1);
        let covered;
        #[block]
        {
            covered = <Pallet<T> as InsuranceFunds>::cover(COMPARTMENT, market, loss);
        }
        let covered = covered.expect("covers");
        assert_eq!(covered.treasury, Cash(ONE + 1));
        assert_eq!(Series::<T>::get(COMPARTMENT).number, 1);
        assert_eq!(Records::<T>::get(COMPARTMENT, market).paid, loss);
    }

    #[benchmark]
    fn set_terms() -> Result<(), BenchmarkError> {
        compartment::<T>();
        let mut other = terms();
        other.tail = 1;
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(
            origin as T::RuntimeOrigin,
            COMPARTMENT,
            Box::new(other.clone()),
        );
        assert_eq!(Terms::<T>::get(COMPARTMENT), other);
        Ok(())
    }

    #[benchmark]
    fn set_sub_limit() -> Result<(), BenchmarkError> {
        compartment::<T>();
        let market = market::<T>(0, COMPARTMENT);
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(
            origin as T::RuntimeOrigin,
            COMPARTMENT,
            market,
            Some(limit()),
        );
        assert!(SubLimits::<T>::contains_key(COMPARTMENT, market));
        Ok(())
    }

    /// To an account that has nothing of the asset yet.
    #[benchmark]
    fn spend_backstop() -> Result<(), BenchmarkError> {
        let asset = compartment::<T>();
        let who: T::AccountId = account("recipient", 0, 0);
        frame_system::Pallet::<T>::inc_providers(&who);
        fund::<T>(asset, &money::backstop_account::<T>());
        let before = money::backstop_units::<T>(asset);
        let origin =
            T::SpendOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, asset, who, 1_000_000);
        assert_eq!(money::backstop_units::<T>(asset), before - 1_000_000);
        Ok(())
    }

    /// After a series that was wiped out: the backer's old shares and what is left in the pot are in the way.
    #[benchmark]
    fn back() {
        let who = backer::<T>();
        let stale = Backing {
            series: 0,
            shares: 1,
            leaving: None,
        };
        Backings::<T>::insert(COMPARTMENT, &who, stale);
        let series = ShareSeries {
            number: 1,
            shares: 0,
        };
        Series::<T>::insert(COMPARTMENT, series);
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT, STAKE);
        assert_eq!(held::<T>(&who).series, 1);
    }

    #[benchmark]
    fn leave() {
        let who = staked::<T>();
        let shares = held::<T>(&who).shares;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT, shares);
        assert!(held::<T>(&who).leaving.is_some());
    }

    #[benchmark]
    fn stay() {
        let who = leaving::<T>(u64::MAX);
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT);
        assert!(held::<T>(&who).leaving.is_none());
    }

    #[benchmark]
    fn redeem() {
        crowd::<T>();
        let who = leaving::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), COMPARTMENT);
        assert!(!Backings::<T>::contains_key(COMPARTMENT, &who));
    }

    #[benchmark]
    fn donate() {
        let who = backer::<T>();
        let before = T::Funds::pots(COMPARTMENT).insurance;
        #[extrinsic_call]
        _(RawOrigin::Signed(who), COMPARTMENT, STAKE);
        assert!(T::Funds::pots(COMPARTMENT).insurance > before);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
