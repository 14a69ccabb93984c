//! How much of a pot one market may take: leaky buckets. SPEC 4.
//!
//! Pure: no storage. The bucket is `caisson_risk`'s; this file decides its capacity.

use caisson_primitives::{trading::Cash, Moment};
use caisson_risk::{breaker::LeakyBucket, limits::PPM, Num, Ppm, Res};

use crate::types::{FundTerms, SubLimit, DAY_MS};

/// What bounds one market: its compartment's terms, and its own limit where that is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Inventory as a share of the insurance pot.
    pub inventory: Ppm<i128>,
    /// Share of the insurance pot in a window.
    pub drawdown: Ppm<i128>,
    /// That window, in milliseconds.
    pub window_ms: u32,
    /// Share of the backers' pot in a day.
    pub backers: Ppm<i128>,
    /// From the backstop in a day.
    pub backstop: Cash,
}

impl Bounds {
    /// Of a market with these terms and, maybe, a limit of its own. SPEC 3.3.
    pub fn of(terms: &FundTerms, limit: Option<&SubLimit>) -> Self {
        let tighter = |shared: u32, own: fn(&SubLimit) -> u32| {
            Ppm(limit.map_or(shared, |limit| shared.min(own(limit))).into())
        };
        Self {
            inventory: tighter(terms.inventory_ppm, |limit| limit.inventory_ppm),
            drawdown: tighter(terms.drawdown_ppm, |limit| limit.drawdown_ppm),
            window_ms: terms.window_ms,
            backers: tighter(terms.backers_ppm, |limit| limit.backers_ppm),
            backstop: limit.map_or(terms.backstop_cap, |limit| {
                terms.backstop_cap.smaller(&limit.backstop_cap)
            }),
        }
    }
}

/// A bucket at a moment: what is in it, and what still fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    bucket: LeakyBucket,
    capacity: Cash,
}

impl Allowance {
    /// Of a share of a pot: the capacity is that share of what the pot holds and what was taken from it together,
    /// rounded down, so that taking doesn't shrink it. SPEC 4.2.
    pub fn of_pot(
        stored: &LeakyBucket,
        pot: &Cash,
        share: &Ppm<i128>,
        window_ms: u32,
        now: Moment,
    ) -> Res<Self> {
        let before = pot.add(&stored.level)?.ratio_floor(share)?;
        let bucket = drained(stored, &before, window_ms, now)?;
        let capacity = pot.add(&bucket.level)?.ratio_floor(share)?;
        Ok(Self { bucket, capacity })
    }

    /// Of an amount a day. SPEC 4.3.
    pub fn of_day(stored: &LeakyBucket, capacity: &Cash, now: Moment) -> Res<Self> {
        let bucket = drained(stored, capacity, DAY_MS, now)?;
        Ok(Self {
            bucket,
            capacity: *capacity,
        })
    }

    /// What was taken and has not drained yet.
    pub fn used(&self) -> Cash {
        self.bucket.level
    }

    /// What can be taken now; never negative.
    pub fn left(&self) -> Res<Cash> {
        Ok(self.capacity.sub(&self.bucket.level)?.positive_part())
    }

    /// The bucket after something at most [`left`](Self::left) was taken.
    pub fn take(&self, amount: &Cash) -> Res<Self> {
        Ok(Self {
            bucket: LeakyBucket {
                level: self.bucket.level.add(amount)?,
                at_ms: self.bucket.at_ms,
            },
            capacity: self.capacity,
        })
    }

    /// What is to be stored.
    pub fn bucket(&self) -> LeakyBucket {
        self.bucket
    }

    /// The share that is used up, in parts per million, rounded up, at most one; one where nothing may be taken.
    pub fn used_ppm(&self) -> Res<u32> {
        if !self.capacity.is_positive() {
            return Ok(Ppm::ONE.0);
        }
        let used = self.used().0.mul_div_ceil(&PPM, &self.capacity.0)?;
        Ok(Ppm(used.min(PPM)).narrow()?.0)
    }
}

/// The bucket now. A level above the capacity, because the pot or the terms became smaller, counts as full; else it
/// would take more than a window to drain. Time that seems to run backwards stands still.
fn drained(stored: &LeakyBucket, capacity: &Cash, window_ms: u32, now: Moment) -> Res<LeakyBucket> {
    let at_most_full = LeakyBucket {
        level: stored.level.smaller(capacity),
        at_ms: stored.at_ms,
    };
    let now = i128::from(now).max(stored.at_ms);
    at_most_full.drained(&now, capacity, &window_ms.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: u32 = 1_000;

    fn pot(stored: &LeakyBucket, pot: i128, now: u64) -> Allowance {
        Allowance::of_pot(stored, &Cash(pot), &Ppm(200_000), WINDOW, now).unwrap()
    }

    #[test]
    fn taking_should_not_change_the_capacity() {
        let fresh = pot(&LeakyBucket::default(), 1_000, 5_000);
        assert_eq!(fresh.left(), Ok(Cash(200)));
        let half = fresh.take(&Cash(100)).unwrap();
        let again = pot(&half.bucket(), 900, 5_000);
        assert_eq!((again.used(), again.left()), (Cash(100), Ok(Cash(100))));
        assert_eq!(again.used_ppm(), Ok(500_000));
        let full = pot(&again.take(&Cash(100)).unwrap().bucket(), 800, 5_000);
        assert_eq!(full.left(), Ok(Cash(0)));
        assert_eq!(full.used_ppm(), Ok(1_000_000));
    }

    #[test]
    fn window_should_drain_with_time_toward_a_share_of_what_is_left() {
        let full = LeakyBucket {
            level: Cash(200),
            at_ms: 5_000,
        };
        // Half of 200 drained; a fifth of 800 + 100 is 180.
        let half = pot(&full, 800, 5_500);
        assert_eq!((half.used(), half.left()), (Cash(100), Ok(Cash(80))));
        let empty = pot(&full, 800, 6_000);
        assert_eq!((empty.used(), empty.left()), (Cash(0), Ok(Cash(160))));
        assert_eq!(pot(&full, 800, 4_000).left(), Ok(Cash(0)), "no time passed");
    }

    #[test]
    fn bucket_should_be_empty_after_a_window_when_its_capacity_shrank() {
        let full = LeakyBucket {
            level: Cash(200),
            at_ms: 0,
        };
        assert_eq!(pot(&full, 0, 0).left(), Ok(Cash(0)));
        assert_eq!(pot(&full, 50, 1_000).left(), Ok(Cash(10)));
        let day = |now| Allowance::of_day(&full, &Cash(10), now).unwrap().left();
        assert_eq!(day(0), Ok(Cash(0)));
        assert_eq!(day(u64::from(DAY_MS) / 2), Ok(Cash(5)));
        assert_eq!(day(u64::from(DAY_MS)), Ok(Cash(10)));
    }

    #[test]
    fn empty_pot_should_count_as_used_up() {
        let none = pot(&LeakyBucket::default(), 0, 9);
        assert_eq!(none.left(), Ok(Cash(0)));
        assert_eq!(none.used_ppm(), Ok(1_000_000));
    }

    #[test]
    fn own_limit_should_only_tighten() {
        let terms = FundTerms::standard();
        let limit = SubLimit {
            inventory_ppm: 1,
            drawdown_ppm: u32::MAX,
            backers_ppm: 2,
            backstop_cap: Cash(3),
        };
        let bounds = Bounds::of(&terms, Some(&limit));
        assert_eq!(bounds.inventory, Ppm(1));
        assert_eq!(bounds.drawdown, Ppm(terms.drawdown_ppm.into()));
        assert_eq!(bounds.backers, Ppm(2));
        assert_eq!(bounds.backstop, Cash(3));
        assert_eq!(Bounds::of(&terms, None).backstop, terms.backstop_cap);
    }
}
