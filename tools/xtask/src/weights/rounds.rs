//! Several rounds of the same runs, of which the least time of each counts.
//!
//! The speed of a machine that is shared with others drifts within minutes, while the runs of one value of a component follow one
//! another: taken from one round, a slow minute would look like the cost of that value.

use crate::error::{Error, Result};

/// What stands before each time in the bencher's results, in nanoseconds.
const TIME: &str = "\"extrinsic_time\":";

/// The results of the first round, with the least time of all rounds for each run.
pub fn least(rounds: &[String]) -> Result<String> {
    let rounds: Vec<Vec<&str>> = rounds
        .iter()
        .map(|round| round.split(TIME).collect())
        .collect();
    let Some(first) = rounds.first() else {
        return Err(Error::new("no round was measured"));
    };
    if first.len() < 2 || rounds.iter().any(|round| round.len() != first.len()) {
        return Err(Error::new(
            "the bencher's results have no times, or not the same runs in each round",
        ));
    }
    let mut merged = first[0].to_owned();
    for place in 1..first.len() {
        let times = rounds.iter().map(|round| leading_number(round[place]));
        let least = times
            .collect::<Option<Vec<u128>>>()
            .and_then(|times| times.into_iter().min())
            .ok_or_else(|| Error::new(format!("no number follows {TIME}")))?;
        let rest = first[place]
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        merged.push_str(&format!("{TIME}{least}{rest}"));
    }
    Ok(merged)
}

fn leading_number(text: &str) -> Option<u128> {
    let digits: String = text
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(times: [u32; 2]) -> String {
        let [first, second] = times;
        format!("[{{\"extrinsic_time\": {first},\"reads\":1}},{{\"extrinsic_time\":{second}}}]")
    }

    #[test]
    fn least_should_take_each_time_from_the_quickest_round() {
        let merged = least(&[round([20, 5]), round([10, 7])]).unwrap();
        assert_eq!(
            merged,
            "[{\"extrinsic_time\":10,\"reads\":1},{\"extrinsic_time\":5}]"
        );
    }

    #[test]
    fn least_should_refuse_rounds_that_differ() {
        assert!(least(&[]).is_err());
        assert!(least(&["[]".to_owned()]).is_err());
        let longer = round([1, 2]) + &round([3, 4]);
        assert!(least(&[round([1, 2]), longer]).is_err());
    }
}
