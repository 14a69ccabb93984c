//! All rows of a curve are measured side by side, so that they meet the same hours of the machine.

use caisson_chain_harness::acts::Effort;

use crate::progress::Progress;

/// As many rounds as asked for; in each of them every row once.
pub fn in_rounds<R>(
    rows: &mut [R],
    effort: Effort,
    progress: &Progress,
    mut measure: impl FnMut(&mut R),
) {
    for round in 1..=effort.runs {
        progress.say(&format!("round {round} of {}", effort.runs));
        rows.iter_mut().for_each(&mut measure);
    }
}
