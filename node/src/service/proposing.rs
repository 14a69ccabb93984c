//! How an author divides the time that it has for a block.
//!
//! BABE throws a block away that isn't done in its part of the slot, and the SDK's proposer takes transactions until a tenth of that
//! time is left. What comes then, `on_finalize` and above all the state root, takes from a quarter as long as the transactions did to
//! twice as long, so under more load than a block holds every second slot went by without a block. This proposer leaves half of
//! the time, and more after a block that took too long all the same: what weights claim is measured on one machine, and this one may be
//! slower, or slow for a while.

use futures::{future::MapOk, TryFutureExt};
use sp_consensus::{Environment, ProposeArgs, Proposer};
use sp_runtime::traits::Block;
use std::{
    future::Future,
    pin::Pin,
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

/// The whole of a block's time, in the parts that a pace is counted in.
const WHOLE: u32 = 1_000;
/// The most of it that the proposer inside is told it has; it takes transactions for nine tenths of that.
const MOST: u32 = 600;
/// The least: enough that a few transactions always get in.
const LEAST: u32 = 75;
/// A block that took more of its time was too long.
const TOO_LONG: u32 = 800;
/// What the pace gains by each block that was not.
const GAIN: u32 = 25;

/// Makes proposers that keep time for what comes after the transactions.
pub struct Punctual<E> {
    inner: E,
    pace: Pace,
}

impl<E> Punctual<E> {
    /// `usual` is the time for a block when none was missed before. After missed slots BABE gives more, for blocks whose hooks need
    /// it; transactions don't get any of that.
    pub fn new(inner: E, usual: Duration) -> Self {
        let parts = Arc::new(AtomicU32::new(MOST));
        Self {
            inner,
            pace: Pace { usual, parts },
        }
    }
}

impl<B: Block, E: Environment<B>> Environment<B> for Punctual<E> {
    type Proposer = PunctualProposer<E::Proposer>;
    type CreateProposer = MapOk<E::CreateProposer, WithPace<E::Proposer>>;
    type Error = E::Error;

    fn init(&mut self, parent: &B::Header) -> Self::CreateProposer {
        let pace = self.pace.clone();
        let with_pace: WithPace<_> = Box::new(|inner| PunctualProposer { inner, pace });
        self.inner.init(parent).map_ok(with_pace)
    }
}

type WithPace<P> = Box<dyn FnOnce(P) -> PunctualProposer<P> + Send>;

/// Proposes one block.
pub struct PunctualProposer<P> {
    inner: P,
    pace: Pace,
}

impl<B: Block, P: Proposer<B>> Proposer<B> for PunctualProposer<P> {
    type Proposal = Pin<Box<dyn Future<Output = <P::Proposal as Future>::Output> + Send>>;
    type Error = P::Error;

    fn propose(self, mut args: ProposeArgs<B>) -> Self::Proposal {
        args.max_duration = self.pace.time_for_transactions(args.max_duration);
        let watch = Watch {
            pace: self.pace,
            began: Instant::now(),
        };
        let proposal = self.inner.propose(args);
        Box::pin(async move {
            // Dropped when the block is done, or when it is thrown away.
            let _watch = watch;
            proposal.await
        })
    }
}

/// How much of a block's time goes to transactions. As in congestion control, a block that took too long halves it, each other one adds
/// a little.
#[derive(Clone)]
struct Pace {
    usual: Duration,
    parts: Arc<AtomicU32>,
}

impl Pace {
    fn time_for_transactions(&self, allowed: Duration) -> Duration {
        allowed.min(self.usual) * self.parts.load(Ordering::Relaxed) / WHOLE
    }

    fn learn(&self, took: Duration) {
        let parts = self.parts.load(Ordering::Relaxed);
        let next = if took > self.usual * TOO_LONG / WHOLE {
            (parts / 2).max(LEAST)
        } else {
            (parts + GAIN).min(MOST)
        };
        self.parts.store(next, Ordering::Relaxed);
    }
}

/// Tells the pace how long a block took.
struct Watch {
    pace: Pace,
    began: Instant,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.pace.learn(self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Duration = Duration::from_millis(950);

    fn pace() -> Pace {
        Pace {
            usual: USUAL,
            parts: Arc::new(AtomicU32::new(MOST)),
        }
    }

    #[test]
    fn transactions_should_get_half_of_a_slot_and_nothing_of_what_missed_slots_add() {
        let pace = pace();
        let told = pace.time_for_transactions(USUAL);
        assert_eq!(told, Duration::from_millis(570));
        // The SDK's proposer leaves a tenth.
        assert!((480..=520).contains(&(told.as_millis() * 9 / 10)));
        assert_eq!(pace.time_for_transactions(USUAL * 8), told);
        assert_eq!(pace.time_for_transactions(USUAL / 2), told / 2);
    }

    #[test]
    fn pace_should_halve_after_a_block_that_took_too_long_and_come_back() {
        let pace = pace();
        let full = pace.time_for_transactions(USUAL);
        pace.learn(Duration::from_millis(800));
        assert_eq!(pace.time_for_transactions(USUAL), full / 2);
        for _ in 0..20 {
            pace.learn(Duration::from_millis(700));
        }
        assert_eq!(pace.time_for_transactions(USUAL), full);
    }

    #[test]
    fn pace_should_never_leave_transactions_without_time() {
        let pace = pace();
        for _ in 0..50 {
            pace.learn(Duration::from_secs(5));
        }
        let left = pace.time_for_transactions(USUAL);
        assert!(left >= Duration::from_millis(70), "{left:?}");
    }

    #[test]
    fn block_that_was_thrown_away_should_count_as_too_long() {
        let pace = pace();
        let began = Instant::now() - USUAL;
        let watch = Watch {
            pace: pace.clone(),
            began,
        };
        drop(watch);
        assert_eq!(pace.parts.load(Ordering::Relaxed), MOST / 2);
    }
}
