//! Median, mean and a high percentile of times.

use std::time::Duration;

/// What a set of times looks like, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Half of the times are shorter.
    pub median: f64,
    /// The sum over the count: what a block of many pays for each.
    pub mean: f64,
    /// One time in a hundred is longer.
    pub p99: f64,
}

impl Spread {
    /// Of these times; zeros of none.
    pub fn of(times: &[Duration]) -> Self {
        let mut micros: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        micros.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let last = micros.len().saturating_sub(1);
            micros
                .get(last * percent / 100)
                .copied()
                .unwrap_or_default()
        };
        Self {
            median: at(50),
            mean: micros.iter().sum::<f64>() / micros.len().max(1) as f64,
            p99: at(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_should_be_that_of_the_sorted_times() {
        let times: Vec<_> = (0..=100).rev().map(Duration::from_micros).collect();
        let spread = Spread::of(&times);
        assert!((spread.median - 50.0).abs() < 1e-6);
        assert!((spread.mean - 50.0).abs() < 1e-6);
        assert!((spread.p99 - 99.0).abs() < 1e-6);
    }

    #[test]
    fn spread_should_be_zero_when_there_are_no_times() {
        assert_eq!(Spread::of(&[]), Spread::default());
    }
}
