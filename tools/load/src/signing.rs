//! Signs ahead, in threads.

use crate::{fleet::Fleet, plan::Kind, venue::Venue};
use caisson::chain::Life;
use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long a thread sleeps when all queues are long enough.
const SLEEP: Duration = Duration::from_millis(20);
/// The transactions a second for which queues are kept when the rate has no bound: more than any chain of this kind takes.
const UNBOUNDED: f64 = 2_000.0;
/// The fewest transactions that wait in a queue.
const FEWEST: usize = 2;

/// How much is signed ahead.
#[derive(Debug)]
pub struct Horizon {
    /// Of each part the transactions that one of its accounts sends in a second.
    each_second: Vec<f64>,
    ahead_ms: AtomicU64,
}

impl Horizon {
    /// For a rate in acts a second.
    pub fn new(kind: Kind, fleet: &Fleet, rate: Option<f64>, quotes: u32, ahead: Duration) -> Self {
        let all = rate.map_or(UNBOUNDED, |rate| kind.transactions_for(rate, quotes));
        let shares: u32 = kind.parts().iter().map(|part| part.transactions).sum();
        let parts = kind.parts().iter().zip(&fleet.parts);
        let each_second = parts.map(|(part, range)| {
            let of_part = all * f64::from(part.transactions) / f64::from(shares.max(1));
            // Accounts are far fewer than 2^53.
            #[allow(clippy::cast_precision_loss)]
            let members = range.len().max(1) as f64;
            of_part / members
        });
        let horizon = Self {
            each_second: each_second.collect(),
            ahead_ms: AtomicU64::new(0),
        };
        horizon.look(ahead);
        horizon
    }

    /// Looks so far ahead from now on.
    pub fn look(&self, ahead: Duration) {
        let ms = u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX);
        self.ahead_ms.store(ms, Ordering::Relaxed);
    }

    /// How many transactions wait at most in a queue of a part.
    fn most(&self, part: usize) -> usize {
        let each = self.each_second.get(part).copied().unwrap_or(0.0);
        // Queues are far shorter than 2^53.
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        let most = (each * self.ahead_ms.load(Ordering::Relaxed) as f64 / 1_000.0).ceil() as usize;
        most.max(FEWEST)
    }
}

/// What a signing thread works with.
#[derive(Clone)]
pub struct Desk {
    /// The accounts.
    pub fleet: Arc<Fleet>,
    /// Where they trade.
    pub venue: Arc<Venue>,
    /// For which chain.
    pub life: Life,
    /// How far ahead.
    pub horizon: Arc<Horizon>,
}

impl Desk {
    /// Signs one transaction for each account of every `step`th from `first` that has too few. Returns how many.
    fn pass(&self, first: usize, step: usize) -> usize {
        let mut signed = 0;
        for (part, range) in self.fleet.parts.iter().enumerate() {
            let most = self.horizon.most(part);
            for place in range.clone().skip(first).step_by(step.max(1)) {
                signed += usize::from(self.fleet.sign_one(place, most, &self.venue, &self.life));
            }
        }
        signed
    }

    /// Signs until all queues are as long as they should be, in so many threads.
    pub fn fill(&self, threads: usize) {
        thread::scope(|scope| {
            for first in 0..threads {
                scope.spawn(move || while self.pass(first, threads) > 0 {});
            }
        });
    }

    /// Keeps the queues filled until it is told to stop.
    pub fn keep_filled(&self, stop: Arc<AtomicBool>) -> JoinHandle<()> {
        let desk = self.clone();
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if desk.pass(0, 1) == 0 {
                    thread::sleep(SLEEP);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::bitcoin;
    use caisson_primitives::Hash;

    fn desk(ahead: Duration) -> Desk {
        let fleet = Fleet::new(Kind::Transfers, 10, 1, 50, 0).expect("a fleet");
        let horizon = Horizon::new(Kind::Transfers, &fleet, Some(20.0), 50, ahead);
        let venue = Venue {
            markets: vec![bitcoin()],
            asset: 1,
        };
        Desk {
            fleet: Arc::new(fleet),
            venue: Arc::new(venue),
            life: Life::immortal(Hash::repeat_byte(1)),
            horizon: Arc::new(horizon),
        }
    }

    #[test]
    fn queues_should_hold_what_is_sent_within_the_horizon() {
        let desk = desk(Duration::from_secs(5));
        desk.fill(2);
        // 20 a second over 10 accounts for 5 s.
        assert_eq!(desk.fleet.waiting(), 100);
        assert!(desk.fleet.members.iter().all(|one| one.waiting() == 10));
    }

    #[test]
    fn queues_should_not_grow_when_the_horizon_comes_closer() {
        let desk = desk(Duration::from_secs(5));
        desk.fill(1);
        desk.horizon.look(Duration::from_millis(10));
        assert_eq!(desk.pass(0, 1), 0);
        assert_eq!(desk.horizon.most(0), FEWEST);
    }
}
