//! Sources that fail are asked less often: after one second, two, four, up to half a minute.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use sp_runtime::offchain::storage::StorageValueRef;

/// Where the failures are kept between two runs, in the node's own database.
const KEY: &[u8] = b"caisson/oracle/failures";
/// The first pause, in milliseconds.
const FIRST_MS: u64 = 1_000;
/// The longest pause, in milliseconds.
const LONGEST_MS: u64 = 32_000;
/// How many failing sources are remembered: all there can be.
const MOST: usize = 2_048;

/// One source that failed when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Failure {
    /// The hash of its URL.
    source: u64,
    /// How often it failed in a row.
    count: u8,
    /// When it may be asked again.
    retry_at: u64,
}

/// The failures of all sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Failures(Vec<Failure>);

impl Failures {
    /// What earlier runs left.
    pub fn load() -> Self {
        StorageValueRef::persistent(KEY)
            .get::<Self>()
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Leaves it to later runs.
    pub fn store(&self) {
        StorageValueRef::persistent(KEY).set(self);
    }

    /// Whether a source may be asked now.
    pub fn may_ask(&self, url: &str, now: u64) -> bool {
        let source = name(url);
        self.0
            .iter()
            .find(|failure| failure.source == source)
            .is_none_or(|failure| now >= failure.retry_at)
    }

    /// Notes what came of asking.
    pub fn note(&mut self, url: &str, answered: bool, now: u64) {
        let source = name(url);
        let known = self.0.iter().position(|failure| failure.source == source);
        if answered {
            if let Some(at) = known {
                self.0.swap_remove(at);
            }
            return;
        }
        let count = known
            .and_then(|at| self.0.get(at))
            .map_or(0, |failure| failure.count)
            .saturating_add(1);
        let failure = Failure {
            source,
            count,
            retry_at: now.saturating_add(pause(count)),
        };
        let old = known.and_then(|at| self.0.get_mut(at));
        if let Some(old) = old {
            *old = failure;
        } else if self.0.len() < MOST {
            self.0.push(failure);
        }
    }
}

/// How long to leave a source alone after so many failures in a row.
fn pause(count: u8) -> u64 {
    let doublings = u32::from(count).saturating_sub(1).min(16);
    FIRST_MS.saturating_mul(1 << doublings).min(LONGEST_MS)
}

fn name(url: &str) -> u64 {
    u64::from_le_bytes(sp_io::hashing::twox_64(url.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_should_double_up_to_half_a_minute() {
        let pauses: Vec<_> = (1..=8).map(pause).collect();
        assert_eq!(
            pauses,
            [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000, 32_000]
        );
        assert_eq!(pause(255), LONGEST_MS);
    }

    #[test]
    fn failing_source_should_rest_and_be_forgiven_when_it_answers() {
        let mut failures = Failures::default();
        failures.note("a", false, 0);
        assert!(!failures.may_ask("a", 999) && failures.may_ask("a", 1_000));
        assert!(failures.may_ask("b", 0));
        failures.note("a", false, 1_000);
        assert!(!failures.may_ask("a", 2_999) && failures.may_ask("a", 3_000));
        failures.note("a", true, 3_000);
        assert_eq!(failures, Failures::default());
        failures.note("b", true, 0);
        assert!(failures.may_ask("a", 0));
    }

    #[test]
    fn failures_should_be_bounded() {
        let mut failures = Failures::default();
        for n in 0..3_000 {
            failures.note(&alloc::format!("{n}"), false, 0);
        }
        assert_eq!(failures.0.len(), MOST);
    }
}
