//! Figures of many measurements.

use serde::Serialize;

/// How measurements of one kind are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many there are.
    pub count: u64,
    /// Half of them are at most this.
    pub p50: u64,
    /// 99 of a hundred are at most this.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Spread {
    /// Of these measurements. Percentiles are measurements that were made (nearest rank), nothing between them.
    pub fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        Self {
            count: values.len() as u64,
            p50: percentile(&values, 50),
            p99: percentile(&values, 99),
            max: values.last().copied().unwrap_or(0),
        }
    }
}

/// The nearest-rank percentile of sorted values; zero without any.
pub fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// How many slots between two blocks of a chain have no block on it.
///
/// Each block is its number and its slot. A slot whose block was retracted in favour of another chain counts as missed too.
pub const fn missed_slots(first: (u32, u64), last: (u32, u64)) -> u64 {
    let slots = last.1.saturating_sub(first.1);
    let blocks = last.0.saturating_sub(first.0) as u64;
    slots.saturating_sub(blocks)
}

/// A count over a time, for one second, to two decimal places.
pub fn per_second(count: u64, milliseconds: u64) -> f64 {
    // Counts of a run are far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let rate = count as f64 * 1_000.0 / milliseconds.max(1) as f64;
    (rate * 100.0).round() / 100.0
}

/// A part of a whole in percent, to two decimal places.
pub fn percent(part: u64, whole: u64) -> f64 {
    // Weights are picoseconds of less than an hour.
    #[allow(clippy::cast_precision_loss)]
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    (share * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_should_be_of_measurements_that_were_made() {
        let spread = Spread::of((1..=200).rev().collect());
        assert_eq!((spread.p50, spread.p99, spread.max), (100, 198, 200));
        let one = Spread::of(vec![7]);
        assert_eq!((one.count, one.p50, one.p99, one.max), (1, 7, 7, 7));
        assert_eq!(Spread::of(vec![]), Spread::default());
        // One outlier in two hundred is beyond the 99th of a hundred, but is the maximum.
        let mut values = vec![1; 199];
        values.push(1_000);
        let spread = Spread::of(values);
        assert_eq!((spread.p99, spread.max), (1, 1_000));
    }

    #[test]
    fn missed_slots_should_be_those_without_a_block() {
        assert_eq!(missed_slots((10, 100), (15, 105)), 0);
        assert_eq!(missed_slots((10, 100), (15, 108)), 3);
        assert_eq!(missed_slots((10, 100), (10, 100)), 0);
    }

    #[test]
    fn rates_should_be_for_a_second() {
        assert_eq!(per_second(5_000, 10_000), 500.0);
        assert_eq!(per_second(1, 3_000), 0.33);
        assert_eq!(percent(1, 3), 33.33);
        assert_eq!(percent(1, 0), 100.0);
    }
}
