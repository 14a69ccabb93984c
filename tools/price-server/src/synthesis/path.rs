//! Paths through given points.

use super::dice::Dice;

/// The values of each row, with uneven steps between the points, which are (row, values) in ascending
/// order. All values of a row have made the same part of their way.
pub fn through<const N: usize>(points: &[(usize, [i64; N])], dice: &mut Dice) -> Vec<[i64; N]> {
    let mut rows = Vec::new();
    rows.extend(points.first().map(|(_, values)| *values));
    for pair in points.windows(2) {
        let ((from_row, from), (to_row, to)) = (pair[0], pair[1]);
        // The cube of a uniform number: most steps are small, the largest several times the mean.
        let weights: Vec<i64> = (from_row..to_row)
            .map(|_| 1 + dice.up_to(100).pow(3))
            .collect();
        let total: i64 = weights.iter().sum();
        let mut passed = 0;
        for weight in weights {
            passed += weight;
            rows.push(std::array::from_fn(|symbol| {
                from[symbol] + (to[symbol] - from[symbol]) * passed / total
            }));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_should_meet_its_points_and_go_straight_between_them() {
        let points = [(0, [100, 5]), (50, [1_100, 505]), (80, [800, 205])];
        let rows = through(&points, &mut Dice::new(3));
        assert_eq!(rows.len(), 81);
        for (row, values) in points {
            assert_eq!(rows[row], values);
        }
        assert!(rows[..=50].is_sorted());
        assert!(rows[50..].iter().rev().is_sorted());
    }
}
