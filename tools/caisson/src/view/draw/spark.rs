//! A line of small bars.

use caisson_primitives::trading::LotPrice;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Marks as bars from the lowest to the highest of them, at most `width` wide. More marks than that are thinned out, the last one
/// stays.
pub fn spark(marks: &[LotPrice], width: usize) -> String {
    let Some(lowest) = marks.iter().map(|mark| mark.0).min() else {
        return String::new();
    };
    let highest = marks.iter().map(|mark| mark.0).max().unwrap_or(lowest);
    let range = highest.saturating_sub(lowest);
    let bars = width.min(marks.len());
    (1..=bars)
        .filter_map(|bar| marks.get((marks.len() * bar / bars).checked_sub(1)?))
        .map(|mark| bar(mark.0.saturating_sub(lowest), range))
        .collect()
}

fn bar(height: i128, range: i128) -> char {
    let steps = BARS.len() as i128;
    // A market that stands still is a flat line in the middle.
    let step = height
        .saturating_mul(steps)
        .checked_div(range)
        .unwrap_or(steps / 2 - 1)
        .clamp(0, steps - 1);
    usize::try_from(step)
        .ok()
        .and_then(|step| BARS.get(step).copied())
        .unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(marks: &[i128], width: usize) -> String {
        let marks: Vec<LotPrice> = marks.iter().map(|mark| LotPrice(*mark)).collect();
        spark(&marks, width)
    }

    #[test]
    fn spark_should_reach_from_the_lowest_to_the_highest_bar() {
        assert_eq!(of(&[0, 50, 100], 10), "▁▅█");
        assert_eq!(of(&[7, 7], 10), "▄▄");
        assert_eq!(of(&[], 10), "");
    }

    #[test]
    fn spark_should_keep_the_last_mark_when_there_are_too_many() {
        let marks: Vec<i128> = (0..100).collect();
        let bars = of(&marks, 10);
        assert_eq!(bars.chars().count(), 10);
        assert!(bars.ends_with('█'), "{bars}");
        assert_eq!(of(&marks, 0), "");
    }
}
