//! So many acts a second.

use std::time::{Duration, Instant};

/// How long tokens gather while nothing can be sent. A longer burst would ask more of the pool than the rate says.
const BURST: Duration = Duration::from_millis(100);

/// A bucket of tokens that fills at a rate. One act costs one.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Acts a second; nothing is without a bound.
    rate: Option<f64>,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A bucket that is empty now.
    pub fn new(rate: Option<f64>, now: Instant) -> Self {
        Self {
            rate,
            tokens: 0.0,
            filled: now,
        }
    }

    /// Adds what has come since the last time.
    pub fn fill(&mut self, now: Instant) {
        if let Some(rate) = self.rate {
            let since = now.saturating_duration_since(self.filled).as_secs_f64();
            // At least one act, or a slow rate would never send any.
            let most = (rate * BURST.as_secs_f64()).max(1.0);
            self.tokens = (self.tokens + rate * since).min(most);
        }
        self.filled = now;
    }

    /// Whether something may be sent: there is a whole token. What costs more is owed.
    pub fn is_open(&self) -> bool {
        self.rate.is_none() || self.tokens >= 1.0
    }

    /// Pays for something that was sent.
    pub fn pay(&mut self, acts: u32) {
        if self.rate.is_some() {
            self.tokens -= f64::from(acts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_in(rate: f64, cost: u32, seconds: u64) -> u64 {
        let start = Instant::now();
        let mut bucket = Bucket::new(Some(rate), start);
        let mut sent = 0;
        for step in 1..=seconds * 200 {
            bucket.fill(start + Duration::from_millis(step * 5));
            while bucket.is_open() {
                bucket.pay(cost);
                sent += u64::from(cost);
            }
        }
        sent
    }

    #[test]
    fn bucket_should_keep_its_rate_whatever_one_transaction_costs() {
        let single = sent_in(1_000.0, 1, 10);
        assert!((9_990..=10_000).contains(&single), "{single}");
        let ladders = sent_in(5_000.0, 50, 10);
        assert!((49_950..=50_050).contains(&ladders), "{ladders}");
        assert_eq!(sent_in(2.0, 1, 10), 20);
    }

    #[test]
    fn bucket_should_forget_what_it_could_not_send() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Some(1_000.0), start);
        bucket.fill(start + Duration::from_secs(60));
        let mut sent = 0;
        while bucket.is_open() {
            bucket.pay(1);
            sent += 1;
        }
        assert_eq!(sent, 100);
    }

    #[test]
    fn bucket_should_always_be_open_without_a_rate() {
        let mut bucket = Bucket::new(None, Instant::now());
        bucket.pay(1_000);
        assert!(bucket.is_open());
    }
}
