//! How large the funds should be, and how large they are: one compartment in each block. SPEC 8.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        Cash, CompartmentFunds, CompartmentId, LotPrice, MarketId, Markets, OpenInterestSource,
    },
};
use caisson_risk::{
    insurance::{coverage, expected_shortfall, loss_at_jump, Bucket},
    limits::PPM,
    Lots, Num, Ppm, Res, RiskError,
};
use frame_support::{defensive, weights::Weight};

use crate::{
    pallet::{Config, Coverages, Event, Pallet, Terms, Turn},
    types::{Coverage, FundTerms},
    weights::WeightInfo,
};

/// Looks at the compartment whose turn it is; returns what it cost. Compartments are numbered from zero without gaps,
/// so the first that doesn't exist is the end of the round.
pub fn take_turn<T: Config>() -> Weight {
    let turn = Turn::<T>::get();
    let exists = |compartment| T::Funds::settlement_asset(compartment).is_some();
    let (compartment, is_there) = match turn {
        0 => (0, exists(0)),
        turn if exists(turn) => (turn, true),
        _ => (0, exists(0)),
    };
    if !is_there {
        return T::WeightInfo::look(0, 0);
    }
    Turn::<T>::put(compartment.saturating_add(1));
    look::<T>(compartment)
}

/// Computes a compartment's coverage, and says so when it crosses one.
pub fn look<T: Config>(compartment: CompartmentId) -> Weight {
    let live = T::Markets::live();
    let is_own = |market: &MarketId| {
        T::Markets::contract(*market).is_some_and(|contract| contract.compartment == compartment)
    };
    let own: Vec<_> = live.iter().copied().filter(is_own).collect();
    match measure::<T>(compartment, &own) {
        Ok(after) => store::<T>(compartment, after),
        // Sums of notional in range fit; what was known stays.
        Err(_) => {
            defensive!("insurance: coverage out of range");
        }
    }
    let count = |markets: usize| u32::try_from(markets).unwrap_or(u32::MAX);
    let others = live.len().saturating_sub(own.len());
    T::WeightInfo::look(count(others), count(own.len()))
}

fn measure<T: Config>(compartment: CompartmentId, own: &[MarketId]) -> Res<Coverage> {
    let terms = Terms::<T>::get(compartment);
    let mut buckets = Vec::with_capacity(own.len());
    for market in own {
        buckets.extend(bucket::<T>(*market)?);
    }
    let target = target(&terms, &buckets)?;
    let pots = T::Funds::pots(compartment);
    let fund = pots.insurance.add(&pots.backers)?;
    Ok(Coverage {
        target,
        fund,
        coverage_ppm: ratio(&fund, &target)?,
        at: T::Time::now_ms(),
    })
}

/// All open interest of a market as one position at its maintenance margin: nothing without a price or a position.
fn bucket<T: Config>(market: MarketId) -> Res<Option<Bucket>> {
    let Some(prices) = T::Markets::prices(market) else {
        return Ok(None);
    };
    let lots = T::OpenInterest::open_interest(market);
    let least = prices.maintenance.first().copied().unwrap_or_default();
    if lots == 0 {
        return Ok(None);
    }
    bucket_of(&prices.mark, &least, lots).map(Some)
}

/// The margin ratio rounds down, so the loss is overstated.
pub fn bucket_of(mark: &LotPrice, maintenance: &LotPrice, lots: u64) -> Res<Bucket> {
    Ok(Bucket {
        margin_ratio: Ppm(maintenance.0.mul_div_floor(&PPM, &mark.0)?),
        notional: mark.times(&Lots(i128::from(lots)))?,
    })
}

/// The mean of the worst losses over the jumps, rounded up. The same number of lots is long and short, so a fall and
/// a rise of the same size cost the same.
pub fn target(terms: &FundTerms, buckets: &[Bucket]) -> Res<Cash> {
    let mut losses = Vec::with_capacity(terms.stress_jumps_ppm.len());
    for jump in &terms.stress_jumps_ppm {
        let size = Ppm(i128::from(jump.unsigned_abs()));
        losses.push(loss_at_jump(buckets, &size)?);
    }
    losses.sort_unstable_by(|a: &Cash, b| b.cmp(a));
    expected_shortfall(&losses, terms.tail.into())
}

/// Fund over target in stored form.
pub fn ratio(fund: &Cash, target: &Cash) -> Res<Option<u32>> {
    match coverage(fund, target)? {
        Some(ratio) => Ok(Some(
            u32::try_from(ratio.0).map_err(|_| RiskError::OutOfRange)?,
        )),
        None => Ok(None),
    }
}

fn store<T: Config>(compartment: CompartmentId, after: Coverage) {
    let before = Coverages::<T>::get(compartment);
    let was_reached = before.is_none_or(|before| before.is_reached());
    Coverages::<T>::insert(compartment, after);
    let Coverage { target, fund, .. } = after;
    match (was_reached, after.is_reached()) {
        (true, false) => Pallet::<T>::deposit_event(Event::FundBelowTarget {
            compartment,
            target,
            fund,
        }),
        (false, true) => Pallet::<T>::deposit_event(Event::FundReachedTarget {
            compartment,
            target,
            fund,
        }),
        _ => {}
    }
}
