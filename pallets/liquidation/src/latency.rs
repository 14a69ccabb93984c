//! The headline figure: blocks from unsafe to restored. SPEC 8.

use crate::types::{Latencies, LATENCY_CLASSES};

/// The longest time of each class but the last, in blocks.
const BOUNDS: [u32; LATENCY_CLASSES - 1] = [0, 1, 2, 3, 4, 8, 16, 32, 64, 256, 1_024];

impl Latencies {
    /// Counts an account that was unsafe for so many blocks.
    pub fn note(&mut self, blocks: u32) {
        let class = BOUNDS.partition_point(|bound| *bound < blocks);
        if let Some(count) = self.0.get_mut(class) {
            *count = count.saturating_add(1);
        }
    }

    /// How many accounts were counted.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }

    /// The bound of the class in which the quantile lies, in blocks: `share_ppm` of the accounts took no longer. `None`
    /// without accounts; `u32::MAX` in the last class, which has no bound.
    pub fn quantile(&self, share_ppm: u32) -> Option<u32> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        // Rounded up: the quantile is an account that there is.
        let wanted = total
            .saturating_mul(share_ppm.into())
            .div_ceil(1_000_000)
            .max(1);
        let mut seen = 0u64;
        for (class, count) in self.0.iter().enumerate() {
            seen = seen.saturating_add((*count).into());
            if seen >= wanted {
                return Some(BOUNDS.get(class).copied().unwrap_or(u32::MAX));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_should_be_the_bound_of_their_class() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(500_000), None);
        for blocks in [0, 0, 0, 1, 3, 5, 2_000] {
            latencies.note(blocks);
        }
        assert_eq!(latencies.0, [3, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(latencies.quantile(0), Some(0));
        assert_eq!(latencies.quantile(428_571), Some(0));
        assert_eq!(latencies.quantile(500_000), Some(1));
        assert_eq!(latencies.quantile(800_000), Some(8));
        assert_eq!(latencies.quantile(990_000), Some(u32::MAX));
    }

    #[test]
    fn classes_should_end_at_their_bound() {
        for (class, bound) in BOUNDS.into_iter().enumerate() {
            let mut latencies = Latencies::default();
            latencies.note(bound);
            latencies.note(bound + 1);
            assert_eq!((latencies.0[class], latencies.0[class + 1]), (1, 1));
        }
    }
}
