//! Curves as SVG: what grows on a logarithmic axis, costs on a linear one from nothing on.

use std::path::Path;

use plotters::prelude::*;

use crate::{
    error::{Error, Result},
    table::Table,
};

/// Width and height of a chart.
const SIZE: (u32, u32) = (760, 320);

/// The colours of lines, in their order.
const COLOURS: [RGBColor; 5] = [
    RGBColor(31, 90, 160),
    RGBColor(200, 90, 20),
    RGBColor(90, 140, 60),
    RGBColor(140, 60, 140),
    RGBColor(100, 100, 100),
];

/// Draws some columns of a table over its first one, into `FOLDER/NAME-SUFFIX.svg`.
pub fn draw(
    table: &Table,
    (suffix, unit): (&str, &str),
    columns: &[usize],
    folder: &Path,
) -> Result<()> {
    let file = folder.join(format!("{}-{suffix}.svg", table.name));
    let mut svg = String::new();
    lines(&mut svg, table, unit, columns)
        .map_err(|error| Error::new(format!("{} can't be drawn: {error}", table.name)))?;
    if !svg.ends_with('\n') {
        svg.push('\n');
    }
    std::fs::write(&file, svg).map_err(|error| Error::file("write", &file, &error))
}

fn lines(
    svg: &mut String,
    table: &Table,
    unit: &str,
    columns: &[usize],
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let points = |column: usize| {
        table
            .rows
            .iter()
            .map(move |row| (row[0], row[column]))
            .collect::<Vec<_>>()
    };
    let first = table.rows.first().map_or(1.0, |row| row[0]);
    let last = table.rows.last().map_or(2.0, |row| row[0]);
    let highest = columns
        .iter()
        .flat_map(|&column| points(column))
        .map(|point| point.1)
        .fold(f64::MIN_POSITIVE, f64::max);
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(table.title, ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(
            (first..last.max(first * 2.0)).log_scale(),
            0f64..highest * 1.3,
        )?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(RGBColor(225, 225, 225))
        .x_desc(table.columns[0].name)
        .y_desc(unit)
        .label_style(("sans-serif", 15))
        .draw()?;
    for (&column, colour) in columns.iter().zip(COLOURS.iter().cycle()) {
        let line = PathElement::new(points(column), colour.stroke_width(2));
        chart
            .draw_series(std::iter::once(line))?
            .label(table.columns[column].name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .label_font(("sans-serif", 14))
        .draw()?;
    root.present()?;
    Ok(())
}
