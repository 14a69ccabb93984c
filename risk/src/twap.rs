//! Time-weighted average price from a cumulative sum, in O(1) per block.
//!
//! `A(t) = sum of price x milliseconds held`; over a window `TWAP = floor((A(now) - A(then)) / (now -
//! then))`. Checkpoints of `A` in a fixed ring answer any window the ring still reaches. Moving the
//! average by `d` during `dt` needs a price move of `d * window / dt`. Source: cumulative-price
//! oracles (Uniswap v2), without their wrap-around: [`MAX_ORACLE_PRICE`](crate::limits::MAX_ORACLE_PRICE)
//! times [`MAX_TIME_MS`](crate::limits::MAX_TIME_MS) is under 2^126.

use crate::error::{Res, RiskError};
use crate::num::Num;

/// The sum up to a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(
    feature = "codec",
    derive(
        codec::Encode,
        codec::Decode,
        codec::DecodeWithMemTracking,
        codec::MaxEncodedLen,
        scale_info::TypeInfo
    )
)]
pub struct Checkpoint<N = i128> {
    /// Milliseconds since the epoch of the feed.
    pub at_ms: N,
    /// Price unit times milliseconds.
    pub accumulated: N,
}

impl<N: Num> Checkpoint<N> {
    /// The sum at `now_ms`, with `price` held since the last checkpoint. Exact.
    ///
    /// Errors: [`RiskError::OutOfRange`] if time runs backwards.
    pub fn advance(&self, price: &N, now_ms: &N) -> Res<Self> {
        if now_ms.is_lt(&self.at_ms) {
            return Err(RiskError::OutOfRange);
        }
        let held = price.mul(&now_ms.sub(&self.at_ms)?)?;
        Ok(Self {
            at_ms: now_ms.clone(),
            accumulated: self.accumulated.add(&held)?,
        })
    }

    /// Average price from `earlier` to here, rounded down. It lies between the lowest and the
    /// highest price held. Errors: [`RiskError::DivisorNotPositive`] if no time passed.
    pub fn average_since(&self, earlier: &Self) -> Res<N> {
        let total = self.accumulated.sub(&earlier.accumulated)?;
        total.div_floor(&self.at_ms.sub(&earlier.at_ms)?)
    }
}

/// The last `SIZE` checkpoints, at least `spacing_ms` apart.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "codec",
    derive(
        codec::Encode,
        codec::Decode,
        codec::DecodeWithMemTracking,
        codec::MaxEncodedLen,
        scale_info::TypeInfo
    )
)]
pub struct Ring<const SIZE: usize> {
    entries: [Checkpoint; SIZE],
    /// How many entries were ever pushed; the newest sits at `(pushed - 1) % SIZE`.
    pushed: u64,
}

impl<const SIZE: usize> Default for Ring<SIZE> {
    fn default() -> Self {
        Self {
            entries: [Checkpoint {
                at_ms: 0,
                accumulated: 0,
            }; SIZE],
            pushed: 0,
        }
    }
}

impl<const SIZE: usize> Ring<SIZE> {
    /// Where the `number`-th checkpoint ever pushed is, or was, stored.
    fn slot(number: u64) -> Option<usize> {
        let size = u64::try_from(SIZE).ok()?;
        usize::try_from(number.checked_rem(size)?).ok()
    }

    fn nth_newest(&self, age: usize) -> Option<&Checkpoint> {
        if age >= SIZE {
            return None;
        }
        let age = u64::try_from(age).ok()?;
        let number = self.pushed.checked_sub(age)?.checked_sub(1)?;
        self.entries.get(Self::slot(number)?)
    }

    /// The newest checkpoint, if any.
    pub fn newest(&self) -> Option<&Checkpoint> {
        self.nth_newest(0)
    }

    /// Remembers a checkpoint unless the newest is less than `spacing_ms` older; says if it did.
    ///
    /// Errors: [`RiskError::OutOfRange`] if it is older than the newest.
    pub fn push(&mut self, checkpoint: Checkpoint, spacing_ms: i128) -> Res<bool> {
        if let Some(newest) = self.newest() {
            let gap = Num::sub(&checkpoint.at_ms, &newest.at_ms)?;
            if gap < 0 {
                return Err(RiskError::OutOfRange);
            }
            if gap < spacing_ms {
                return Ok(false);
            }
        }
        let slot = Self::slot(self.pushed).ok_or(RiskError::Empty)?;
        *self.entries.get_mut(slot).ok_or(RiskError::OutOfRange)? = checkpoint;
        self.pushed = self.pushed.checked_add(1).ok_or(RiskError::Overflow)?;
        Ok(true)
    }

    /// The youngest checkpoint at least `window_ms` older than `now_ms`; `None` if the ring no
    /// longer, or not yet, reaches that far back. At most `SIZE` steps.
    pub fn reaching(&self, now_ms: i128, window_ms: i128) -> Option<&Checkpoint> {
        let limit = now_ms.checked_sub(window_ms)?;
        (0..SIZE)
            .map_while(|age| self.nth_newest(age))
            .find(|checkpoint| checkpoint.at_ms <= limit)
    }

    /// Average price over at least `window_ms` up to `now`, rounded down. Errors:
    /// [`RiskError::Empty`] if the ring does not reach back that far.
    pub fn average(&self, now: &Checkpoint, window_ms: i128) -> Res<i128> {
        let from = self
            .reaching(now.at_ms, window_ms)
            .ok_or(RiskError::Empty)?;
        now.average_since(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(at_ms: i128, accumulated: i128) -> Checkpoint {
        Checkpoint { at_ms, accumulated }
    }

    #[test]
    fn average_should_weigh_prices_by_time_held() {
        let start = checkpoint(1_000, 77);
        let later = start
            .advance(&10, &1_400)
            .unwrap()
            .advance(&20, &2_000)
            .unwrap();
        assert_eq!(later.average_since(&start), Ok(16));
        assert_eq!(
            start.average_since(&start),
            Err(RiskError::DivisorNotPositive)
        );
        assert_eq!(start.advance(&1, &999), Err(RiskError::OutOfRange));
        assert_eq!(start.advance(&1, &1_000), Ok(start));
    }

    #[test]
    fn ring_should_forget_the_oldest_when_full() {
        let mut ring = Ring::<3>::default();
        assert_eq!(ring.average(&checkpoint(5, 5), 1), Err(RiskError::Empty));
        for i in 1..=5 {
            assert_eq!(ring.push(checkpoint(i * 100, i * 1_000), 100), Ok(true));
        }
        assert_eq!(ring.newest(), Some(&checkpoint(500, 5_000)));
        assert_eq!(ring.reaching(500, 0), Some(&checkpoint(500, 5_000)));
        assert_eq!(ring.reaching(550, 100), Some(&checkpoint(400, 4_000)));
        assert_eq!(ring.reaching(500, 200), Some(&checkpoint(300, 3_000)));
        assert_eq!(ring.reaching(500, 201), None, "200 was overwritten");
        assert_eq!(ring.average(&checkpoint(600, 7_000), 250), Ok(13));
    }

    #[test]
    fn ring_should_keep_its_spacing_and_refuse_the_past() {
        let mut ring = Ring::<2>::default();
        assert_eq!(ring.push(checkpoint(100, 0), 50), Ok(true));
        assert_eq!(ring.push(checkpoint(149, 0), 50), Ok(false));
        assert_eq!(ring.push(checkpoint(150, 0), 50), Ok(true));
        assert_eq!(
            ring.push(checkpoint(149, 0), 50),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(
            ring.push(checkpoint(150, 1), 50),
            Ok(false),
            "the same moment is not the past"
        );
        assert_eq!(ring.push(checkpoint(150, 1), 0), Ok(true));
        assert_eq!(
            Ring::<0>::default().push(checkpoint(1, 1), 0),
            Err(RiskError::Empty)
        );
    }
}
