//! Lines over blocks, as SVG.

use caisson_charts::{Axis, Corner, LineChart};
use caisson_primitives::trading::Level;

use crate::{
    error::{Error, Result},
    figures::level_place,
    money::{grouped, price_of_whole, QUANTA},
    tape::{level_words, Sample, Tape},
};

/// Width and height of a chart, in pixels.
const SIZE: (u32, u32) = (760, 280);

/// The most points of a line.
const MOST_POINTS: usize = 600;

/// A point: block, and a figure.
type Point = (i64, i128);

/// A named line.
struct Line {
    name: &'static str,
    points: Vec<Point>,
}

/// A plot: a file's name without the scenario's, what it shows, and its drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// The end of the file's name.
    pub name: &'static str,
    /// What it shows.
    pub caption: String,
    /// The drawing.
    pub svg: String,
}

/// How the figures of a chart's axis are written.
#[derive(Clone, Copy)]
enum Scale {
    /// As they are.
    Count,
    /// Hundredths, without them.
    Hundredths,
    /// Places of levels.
    Levels,
}

/// All plots of a tape that have something to show. `origin` stands in each.
pub fn draw(tape: &Tape, base: &str, origin: &str) -> Result<Vec<Plot>> {
    let Some(subject) = &tape.subject else {
        return Ok(Vec::new());
    };
    let line = |name, figure: &dyn Fn(&Sample) -> i128| Line {
        name,
        points: decimate(&points(tape, figure)),
    };
    let price = |per_lot| price_of_whole(per_lot, subject.lot_size);
    let lots_of_whole = i128::try_from(10u128.pow(18) / subject.lot_size.max(1))
        .unwrap_or(1)
        .max(1);
    let mut charts = vec![
        (
            "mark",
            format!("Mark and index, USDD for one {base}"),
            Scale::Hundredths,
            vec![
                line("index", &|sample| price(sample.state.index)),
                line("mark", &|sample| price(sample.state.mark)),
            ],
        ),
        (
            "interest",
            format!("Open interest, {base}"),
            Scale::Hundredths,
            vec![line("open interest", &|sample| {
                i128::from(sample.state.open_interest) * 100 / lots_of_whole
            })],
        ),
        (
            "liquidations",
            "Accounts found short of margin in a block".to_owned(),
            Scale::Count,
            vec![line("found in the block", &|sample| sample.found.into())],
        ),
        (
            "latency",
            "The longest that an account restored in the block had waited, blocks".to_owned(),
            Scale::Count,
            vec![line("had waited, blocks", &|sample| sample.waited.into())],
        ),
        (
            "fund",
            "Insurance fund, backers and open deficit, USDD".to_owned(),
            Scale::Count,
            vec![
                line("insurance fund", &|sample| sample.state.insurance / QUANTA),
                line("backers", &|sample| sample.state.backers / QUANTA),
                line("deficit", &|sample| sample.state.deficit / QUANTA),
            ],
        ),
        (
            "haircuts",
            "Cut from profits so far, USDD".to_owned(),
            Scale::Count,
            vec![line("cut from profits", &|sample| {
                sample.state.haircuts / QUANTA
            })],
        ),
        (
            "deleveraging",
            "Lots closed at the mark against the winning side so far".to_owned(),
            Scale::Count,
            vec![line("lots deleveraged", &|sample| {
                sample.state.deleveraged.into()
            })],
        ),
    ];
    charts.retain(|(name, _, _, lines)| match *name {
        "liquidations" | "latency" | "haircuts" | "deleveraging" => lines
            .iter()
            .any(|line| line.points.iter().any(|point| point.1 != 0)),
        _ => true,
    });
    let levels = points(tape, &|sample| {
        i128::try_from(level_place(sample.state.level)).unwrap_or_default()
    });
    charts.push((
        "level",
        "Level of the circuit breaker".to_owned(),
        Scale::Levels,
        vec![Line {
            name: "level",
            points: steps(&levels),
        }],
    ));
    charts
        .into_iter()
        .map(|(name, caption, scale, lines)| {
            let svg = chart(&format!("{caption} ({origin})"), scale, &lines)?;
            Ok(Plot { name, caption, svg })
        })
        .collect()
}

fn points(tape: &Tape, figure: &dyn Fn(&Sample) -> i128) -> Vec<Point> {
    tape.samples
        .iter()
        .map(|sample| (i64::from(sample.place), figure(sample)))
        .collect()
}

/// At most `MOST_POINTS` of these points: of each stretch the lowest and the highest, so that no spike is lost.
pub fn decimate(points: &[(i64, i128)]) -> Vec<(i64, i128)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MOST_POINTS / 2);
    points
        .chunks(stretch)
        .flat_map(|chunk| {
            let low = chunk.iter().min_by_key(|point| point.1);
            let high = chunk.iter().max_by_key(|point| point.1);
            let mut pair: Vec<_> = low.into_iter().chain(high).copied().collect();
            pair.sort_unstable();
            pair.dedup();
            pair
        })
        .collect()
}

/// The corners of a step line: a figure holds until the next one.
fn steps(points: &[Point]) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::new();
    for &(at, figure) in points {
        match corners.last().copied() {
            Some((_, before)) if before == figure => {}
            Some((_, before)) => corners.extend([(at, before), (at, figure)]),
            None => corners.push((at, figure)),
        }
    }
    if let (Some(last), Some((_, figure))) = (points.last(), corners.last().copied()) {
        corners.push((last.0, figure));
    }
    corners
}

/// Room above and below the figures, so that lines don't lie on the frame.
fn bounds(scale: Scale, lines: &[Line]) -> (i128, i128) {
    if matches!(scale, Scale::Levels) {
        return (0, 4);
    }
    let all = || {
        lines
            .iter()
            .flat_map(|line| &line.points)
            .map(|point| point.1)
    };
    let (low, high) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
    let room = ((high - low) / 20).max(1);
    // Several lines have a legend, which stands above them.
    let above = if lines.len() > 1 { room * 7 } else { room };
    // Counts and money begin at nothing; prices would be flat then.
    let low = match scale {
        Scale::Hundredths => (low - room).max(0),
        _ => low.min(0),
    };
    (low, high + above)
}

/// What is written at the axis.
fn label(scale: Scale, figure: f64) -> String {
    // The axis is drawing, not money: what it says is rounded anyway.
    #[allow(clippy::cast_possible_truncation)]
    let rounded = figure.round() as i128;
    match scale {
        Scale::Count => grouped(rounded),
        Scale::Hundredths => grouped(rounded / 100),
        Scale::Levels => {
            let levels = [
                Level::Open,
                Level::LongCalls,
                Level::ReduceOnly,
                Level::CancelOnly,
                Level::Halted,
            ];
            usize::try_from(rounded)
                .ok()
                .and_then(|place| levels.get(place))
                .map_or_else(String::new, |level| level_words(*level).to_owned())
        }
    }
}

/// Pixels are the one place for floating point.
fn pixels(point: &Point) -> (f64, f64) {
    (point.0 as f64, point.1 as f64)
}

fn chart(title: &str, scale: Scale, lines: &[Line]) -> Result<String> {
    let end = lines
        .iter()
        .filter_map(|line| line.points.last())
        .map(|point| point.0)
        .max()
        .unwrap_or(1)
        .max(2);
    let (low, high) = bounds(scale, lines);
    let drawn: Vec<_> = lines
        .iter()
        .map(|line| caisson_charts::Line {
            name: line.name,
            points: line.points.iter().map(pixels).collect(),
        })
        .collect();
    let block = |block: f64| label(Scale::Count, block);
    let figure = |figure: f64| label(scale, figure);
    let chart = LineChart {
        title,
        size: SIZE,
        horizontal: Axis {
            description: Some("block"),
            range: 1.0..end as f64,
            labels: Some(&block),
            marks: 8,
            room: 34,
        },
        is_logarithmic: false,
        vertical: Axis {
            description: None,
            range: low as f64..high as f64,
            labels: Some(&figure),
            marks: 5,
            room: 84,
        },
        lines: &drawn,
        legend: (lines.len() > 1).then_some(Corner::UpperRight),
    };
    chart.svg().map_err(|error| Error::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimation_should_keep_spikes_when_there_are_many_points() {
        let mut points: Vec<_> = (0..10_000i64).map(|at| (at, 0i128)).collect();
        points[7_777].1 = 99;
        points[3_333].1 = -5;
        let few = decimate(&points);
        assert!(few.len() <= MOST_POINTS, "{}", few.len());
        assert!(few.contains(&(7_777, 99)) && few.contains(&(3_333, -5)));
        assert!(few.is_sorted());
        assert_eq!(decimate(&points[..600]), points[..600]);
    }

    #[test]
    fn steps_should_have_corners_when_the_figure_changes() {
        let corners = steps(&[(1, 0), (2, 0), (3, 2), (4, 2), (5, 1)]);
        assert_eq!(corners, [(1, 0), (3, 0), (3, 2), (5, 2), (5, 1), (5, 1)]);
        assert_eq!(steps(&[]), []);
    }
}
