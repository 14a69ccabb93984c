//! What may leave a compartment, and how fast. SPEC 7.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Admission, Cash, CompartmentFunds, CompartmentId, Permit, Ppm, WithdrawalGate},
    Moment,
};
use caisson_risk::{
    breaker::{bucket_capacity, LeakyBucket},
    Res,
};
use frame_support::ensure;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    api::WithdrawalsLeft,
    deficits, levels,
    pallet::{Config, Error, Outflows, Pallet},
    terms::WithdrawalTerms,
    types::Outflow,
};

/// An hour, in milliseconds.
pub const HOUR_MS: Moment = 3_600_000;
/// A day.
pub const DAY_MS: Moment = 24 * HOUR_MS;

/// What the three buckets hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacities {
    /// In an hour.
    pub hour: Cash,
    /// In a day.
    pub day: Cash,
    /// In an hour, of small ones beside the queue.
    pub small: Cash,
}

/// SPEC 7.1: `max(floor, share of custody)`, rounded down; the small one a share of the hour's.
pub fn capacities(terms: &WithdrawalTerms, custody: &Cash) -> Res<Capacities> {
    let custody = custody.positive_part();
    let ppm = |share: u32| Ppm(i128::from(share));
    let hour = bucket_capacity(&terms.hour_floor, &ppm(terms.hour_ppm), &custody)?;
    Ok(Capacities {
        hour,
        day: bucket_capacity(&terms.day_floor, &ppm(terms.day_ppm), &custody)?,
        small: hour.ratio_floor(&ppm(terms.small_ppm))?,
    })
}

/// All that a decision needs.
struct Desk {
    now: i128,
    capacities: Capacities,
    outflow: Outflow,
}

impl Desk {
    fn open<T: Config>(
        compartment: CompartmentId,
        outflow: Outflow,
        terms: &WithdrawalTerms,
    ) -> Res<Self> {
        let now = i128::from(T::Time::now_ms());
        let capacities = capacities(terms, &T::Funds::pots(compartment).custody)?;
        let drained = Outflow {
            hour: outflow
                .hour
                .drained(&now, &capacities.hour, &HOUR_MS.into())?,
            day: outflow.day.drained(&now, &capacities.day, &DAY_MS.into())?,
            small: outflow
                .small
                .drained(&now, &capacities.small, &HOUR_MS.into())?,
            covered_at: outflow.covered_at,
        };
        Ok(Self {
            now,
            capacities,
            outflow: drained,
        })
    }

    /// What both large buckets have room for.
    fn room(&self) -> Res<Cash> {
        let hour = room(&self.capacities.hour, &self.outflow.hour)?;
        let day = room(&self.capacities.day, &self.outflow.day)?;
        Ok(hour.smaller(&day))
    }

    /// Counts what leaves in both large buckets, room or not.
    fn count(&mut self, amount: &Cash) -> Res<()> {
        for bucket in [&mut self.outflow.hour, &mut self.outflow.day] {
            bucket.level = bucket.level.add(amount)?;
        }
        Ok(())
    }

    /// SPEC 7.3: a small one passes while the small bucket has room, and is counted everywhere.
    fn admit_small(&mut self, amount: &Cash) -> Res<bool> {
        let taken =
            self.outflow
                .small
                .take(amount, &self.now, &self.capacities.small, &HOUR_MS.into())?;
        let Some(small) = taken else {
            return Ok(false);
        };
        self.outflow.small = small;
        self.count(amount)?;
        Ok(true)
    }

    fn admit(&mut self, amount: &Cash, others_wait: bool, small: &Cash) -> Res<Admission> {
        if amount.is_le(small) && self.admit_small(amount)? {
            return Ok(Admission::Now);
        }
        if others_wait || self.room()?.is_lt(amount) {
            return Ok(Admission::Queue);
        }
        self.count(amount)?;
        Ok(Admission::Now)
    }
}

fn room(capacity: &Cash, bucket: &LeakyBucket) -> Res<Cash> {
    Ok(capacity.sub(&bucket.level)?.positive_part())
}

/// SPEC 7.4: what closes the gate altogether.
fn ensure_open<T: Config>(compartment: CompartmentId, outflow: &Outflow) -> DispatchResult {
    let level = levels::of_compartment::<T>(compartment).level;
    ensure!(
        level.permits(Permit::Withdraw),
        Error::<T>::WithdrawalsHalted
    );
    ensure!(
        !deficits::is_open::<T>(compartment),
        Error::<T>::WithdrawalsGated
    );
    let is_cool = outflow
        .covered_at
        .is_none_or(|at| deficits::reopening::<T>(at) <= T::Time::now_ms());
    ensure!(is_cool, Error::<T>::WithdrawalsGated);
    Ok(())
}

impl<T: Config> WithdrawalGate for Pallet<T> {
    /// Five reads, one write.
    fn admit(
        compartment: CompartmentId,
        amount: Cash,
        others_wait: bool,
    ) -> Result<Admission, DispatchError> {
        let outflow = Outflows::<T>::get(compartment);
        ensure_open::<T>(compartment, &outflow)?;
        ensure!(!amount.is_negative(), Error::<T>::Arithmetic);
        let terms = Self::terms().withdrawals;
        let decide = || {
            let mut desk = Desk::open::<T>(compartment, outflow, &terms)?;
            let admission = desk.admit(&amount, others_wait, &terms.small)?;
            Ok((desk, admission))
        };
        let (desk, admission) = decide().map_err(arithmetic::<T>)?;
        // When it waits, too: what drained is written down, because one update drains at most one capacity.
        Outflows::<T>::insert(compartment, desk.outflow);
        Ok(admission)
    }

    /// Five reads, one write.
    fn release(compartment: CompartmentId, wanted: Cash) -> Cash {
        let outflow = Outflows::<T>::get(compartment);
        if ensure_open::<T>(compartment, &outflow).is_err() {
            return Cash::ZERO;
        }
        let terms = Self::terms().withdrawals;
        let decide = || -> Res<_> {
            let mut desk = Desk::open::<T>(compartment, outflow, &terms)?;
            let amount = desk.room()?.smaller(&wanted.positive_part());
            desk.count(&amount)?;
            Ok((desk, amount))
        };
        match decide() {
            Ok((desk, amount)) => {
                // When nothing leaves, too: a bucket that was filled when more was in custody must still drain.
                Outflows::<T>::insert(compartment, desk.outflow);
                amount
            }
            Err(error) => {
                log::error!(target: crate::LOG_TARGET, "compartment {compartment}: release {wanted:?}: {error:?}");
                Cash::ZERO
            }
        }
    }
}

fn arithmetic<T: Config>(error: caisson_risk::RiskError) -> DispatchError {
    log::error!(target: crate::LOG_TARGET, "withdrawal: {error}");
    Error::<T>::Arithmetic.into()
}

/// For clients.
pub fn left<T: Config>(compartment: CompartmentId) -> WithdrawalsLeft {
    let outflow = Outflows::<T>::get(compartment);
    let terms = Pallet::<T>::terms().withdrawals;
    let look = || -> Res<WithdrawalsLeft> {
        let desk = Desk::open::<T>(compartment, outflow, &terms)?;
        Ok(WithdrawalsLeft {
            open: ensure_open::<T>(compartment, &outflow).is_ok(),
            hour: room(&desk.capacities.hour, &desk.outflow.hour)?,
            day: room(&desk.capacities.day, &desk.outflow.day)?,
            small: room(&desk.capacities.small, &desk.outflow.small)?,
            hour_capacity: desk.capacities.hour,
            day_capacity: desk.capacities.day,
            small_capacity: desk.capacities.small,
            deficit_open: deficits::is_open::<T>(compartment),
            gated_until: outflow.covered_at.map(deficits::reopening::<T>),
        })
    };
    look().unwrap_or_default()
}
