//! What is under way, and how long it took.

use caisson_primitives::{BlockNumber, Hash};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// A transaction that was sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    member: usize,
    limited: u32,
    at: Instant,
    /// When the block that has it was seen here first.
    included: Option<Instant>,
}

/// A transaction that came into a block, or that nobody saw again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Whose it was.
    pub member: usize,
    /// The acts that the chain counted for it.
    pub limited: u32,
}

/// How long a transaction took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// The final block that has it.
    pub block: BlockNumber,
    /// Whose it was.
    pub member: usize,
    /// From being sent until a block with it was seen, in milliseconds.
    pub included_ms: u64,
    /// From being sent until that block was seen to be final, in milliseconds.
    pub final_ms: u64,
}

/// All that was sent.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Mutex<HashMap<Hash, Sent>>,
    took: Mutex<Vec<Took>>,
    /// Sent and in no block yet: what back-pressure bounds.
    under_way: AtomicUsize,
}

impl Ledger {
    /// How many transactions were sent and are in no block yet.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Whether nothing waits for a block, or for the finality of one.
    pub fn is_settled(&self) -> bool {
        self.open.lock().is_empty()
    }

    /// A member sends this now.
    pub fn sent(&self, hash: Hash, member: usize, limited: u32, at: Instant) {
        let sent = Sent {
            member,
            limited,
            at,
            included: None,
        };
        self.open.lock().insert(hash, sent);
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    /// The node did not take it. Nothing if a block has it already.
    pub fn refused(&self, hash: &Hash) -> Option<Settled> {
        let mut open = self.open.lock();
        if open.get(hash)?.included.is_some() {
            return None;
        }
        let sent = open.remove(hash)?;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        Some(settled(&sent))
    }

    /// A block with these was seen now. Returns whose came into a block for the first time.
    pub fn seen(&self, hashes: &[Hash], now: Instant) -> Vec<Settled> {
        let mut open = self.open.lock();
        let mut news = Vec::new();
        for hash in hashes {
            match open.get_mut(hash) {
                Some(sent) if sent.included.is_none() => {
                    sent.included = Some(now);
                    news.push(settled(sent));
                }
                _ => {}
            }
        }
        self.under_way.fetch_sub(news.len(), Ordering::Relaxed);
        news
    }

    /// A block with these is final now. Returns how many of them were sent from here.
    pub fn finalised(&self, block: BlockNumber, hashes: &[Hash], now: Instant) -> usize {
        let mut open = self.open.lock();
        let mut took = self.took.lock();
        let before = took.len();
        for hash in hashes {
            let Some(sent) = open.remove(hash) else {
                continue;
            };
            let included = sent.included.unwrap_or(now);
            took.push(Took {
                block,
                member: sent.member,
                included_ms: milliseconds(included.saturating_duration_since(sent.at)),
                final_ms: milliseconds(now.saturating_duration_since(sent.at)),
            });
        }
        took.len() - before
    }

    /// Gives up what was sent before that time and is in no block.
    pub fn give_up(&self, before: Instant) -> Vec<Settled> {
        let mut open = self.open.lock();
        let mut missed = Vec::new();
        open.retain(|_, sent| {
            let stays = sent.included.is_some() || sent.at >= before;
            if !stays {
                missed.push(settled(sent));
            }
            stays
        });
        self.under_way.fetch_sub(missed.len(), Ordering::Relaxed);
        missed
    }

    /// How long those in final blocks of this range took, both ends included.
    pub fn took(&self, first: BlockNumber, last: BlockNumber) -> Vec<Took> {
        let took = self.took.lock();
        let within = took
            .iter()
            .filter(|one| (first..=last).contains(&one.block));
        within.copied().collect()
    }
}

fn settled(sent: &Sent) -> Settled {
    Settled {
        member: sent.member,
        limited: sent.limited,
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u8) -> Hash {
        Hash::repeat_byte(number)
    }

    #[test]
    fn ledger_should_time_a_transaction_from_being_sent_to_being_final() {
        let (ledger, start) = (Ledger::default(), Instant::now());
        let after = |ms| start + Duration::from_millis(ms);
        ledger.sent(hash(1), 4, 2, after(0));
        ledger.sent(hash(2), 5, 0, after(100));
        assert_eq!(ledger.under_way(), 2);
        let news = ledger.seen(&[hash(9), hash(1)], after(700));
        assert_eq!(
            news,
            [Settled {
                member: 4,
                limited: 2
            }]
        );
        assert_eq!(ledger.under_way(), 1);
        assert_eq!(ledger.finalised(8, &[hash(9), hash(1)], after(2_500)), 1);
        assert_eq!(
            ledger.took(8, 8),
            [Took {
                block: 8,
                member: 4,
                included_ms: 700,
                final_ms: 2_500
            }]
        );
        assert!(ledger.took(9, 20).is_empty());
        assert!(!ledger.is_settled());
    }

    #[test]
    fn ledger_should_count_a_transaction_once_when_two_forks_have_it() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        ledger.sent(hash(1), 0, 0, now);
        assert_eq!(ledger.seen(&[hash(1)], now).len(), 1);
        let later = now + Duration::from_secs(1);
        assert!(ledger.seen(&[hash(1)], later).is_empty());
        assert_eq!(ledger.under_way(), 0);
        assert_eq!(ledger.finalised(3, &[hash(1)], later), 1);
        assert_eq!(ledger.took(3, 3)[0].included_ms, 0, "the first time counts");
        assert!(ledger.is_settled());
    }

    #[test]
    fn ledger_should_give_up_only_what_is_old_and_in_no_block() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        let later = now + Duration::from_secs(60);
        ledger.sent(hash(1), 1, 0, now);
        ledger.sent(hash(2), 2, 0, now);
        ledger.sent(hash(3), 3, 0, later);
        ledger.seen(&[hash(2)], now);
        let missed = ledger.give_up(later);
        assert_eq!(missed.len(), 1);
        assert_eq!(missed[0].member, 1);
        assert_eq!(ledger.under_way(), 1);
    }

    #[test]
    fn ledger_should_not_take_back_what_is_in_a_block() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        ledger.sent(hash(1), 1, 0, now);
        ledger.seen(&[hash(1)], now);
        assert_eq!(ledger.refused(&hash(1)), None);
        ledger.sent(hash(2), 1, 0, now);
        assert!(ledger.refused(&hash(2)).is_some());
        assert_eq!(ledger.under_way(), 0);
    }
}
