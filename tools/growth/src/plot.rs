//! Curves as SVG: what grows on a logarithmic axis, costs on a linear one from nothing on.

use std::path::Path;

use caisson_charts::{Axis, Corner, Line, LineChart};

use crate::{
    error::{Error, Result},
    table::Table,
};

/// Width and height of a chart, in pixels.
const SIZE: (u32, u32) = (760, 320);

/// Draws some columns of a table over its first one, into `FOLDER/NAME-SUFFIX.svg`.
pub fn draw(
    table: &Table,
    (suffix, unit): (&str, &str),
    columns: &[usize],
    folder: &Path,
) -> Result<()> {
    let file = folder.join(format!("{}-{suffix}.svg", table.name));
    let svg = svg(table, unit, columns)?;
    std::fs::write(&file, svg).map_err(|error| Error::file("write", &file, &error))
}

fn svg(table: &Table, unit: &str, columns: &[usize]) -> Result<String> {
    let line = |&column: &usize| Line {
        name: table.columns[column].name,
        points: table.rows.iter().map(|row| (row[0], row[column])).collect(),
    };
    let lines: Vec<_> = columns.iter().map(line).collect();
    let first = table.rows.first().map_or(1.0, |row| row[0]);
    let last = table.rows.last().map_or(2.0, |row| row[0]);
    let highest = lines
        .iter()
        .flat_map(|line| &line.points)
        .map(|point| point.1)
        .fold(f64::MIN_POSITIVE, f64::max);
    let chart = LineChart {
        title: table.title,
        size: SIZE,
        horizontal: Axis {
            description: Some(table.columns[0].name),
            range: first..last.max(first * 2.0),
            labels: None,
            marks: 11,
            room: 40,
        },
        is_logarithmic: true,
        vertical: Axis {
            description: Some(unit),
            // Room for the legend, which stands above the lines.
            range: 0.0..highest * 1.3,
            labels: None,
            marks: 11,
            room: 70,
        },
        lines: &lines,
        // A single line has one too: it says more than the unit beside the axis.
        legend: Some(Corner::UpperLeft),
    };
    chart.svg().map_err(|error| Error::new(error.to_string()))
}
