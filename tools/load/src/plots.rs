//! Lines over the blocks of a run, as SVG.

use crate::{
    figures::percent,
    observer::{limits, Record},
    report::{BlockLatency, Report, SampleRow},
};
use caisson::error::{Error, Result};
use caisson_charts::{Axis, Corner, Line, LineChart};
use std::{collections::BTreeMap, fs, path::Path};

/// Width and height of a chart, in pixels.
const SIZE: (u32, u32) = (760, 280);

/// A chart: the name of its file, its title, its lines over seconds since the measurement began.
struct Chart {
    file: &'static str,
    title: String,
    lines: Vec<Line<'static>>,
}

/// Writes all charts of a report into a folder.
pub fn write(report: &Report, folder: &Path) -> Result<()> {
    for chart in charts(report) {
        let file = folder.join(chart.file);
        let svg = draw(&chart)?;
        fs::write(&file, svg)
            .map_err(|error| Error::new(format!("can't write {}: {error}", file.display())))?;
    }
    Ok(())
}

/// Where the lines of the charts come from; their first axis is seconds.
struct Lines<'a> {
    report: &'a Report,
}

impl Lines<'_> {
    /// Seconds since the first block of the measurement.
    fn at(&self, time_ms: u64) -> f64 {
        let begin = self.report.blocks.first().map_or(0, |block| block.time_ms);
        number(time_ms.saturating_sub(begin)) / 1_000.0
    }

    /// A figure of each block.
    fn of_blocks(&self, name: &'static str, figure: impl Fn(&Record) -> f64) -> Line<'static> {
        let blocks = self.report.blocks.iter();
        Line {
            name,
            points: blocks
                .map(|block| (self.at(block.time_ms), figure(block)))
                .collect(),
        }
    }

    /// A figure of the transactions of each block that has some.
    fn of_latencies(
        &self,
        name: &'static str,
        figure: impl Fn(&BlockLatency) -> u64,
    ) -> Line<'static> {
        let times: BTreeMap<_, _> = self
            .report
            .blocks
            .iter()
            .map(|block| (block.number, block.time_ms))
            .collect();
        let point = |one: &BlockLatency| {
            let time_ms = times.get(&one.block)?;
            Some((self.at(*time_ms), number(figure(one))))
        };
        Line {
            name,
            points: self.report.latencies.iter().filter_map(point).collect(),
        }
    }

    /// A figure of each sample.
    fn of_samples(&self, name: &'static str, figure: impl Fn(&SampleRow) -> f64) -> Line<'static> {
        let samples = self.report.samples.iter();
        Line {
            name,
            points: samples
                .map(|one| (number(one.at_ms) / 1_000.0, figure(one)))
                .collect(),
        }
    }
}

fn charts(report: &Report) -> Vec<Chart> {
    let (normal, whole) = limits();
    let lines = Lines { report };
    let chart = |file, title: &str, lines| Chart {
        file,
        title: format!("{}: {title}", report.asked.kind),
        lines,
    };
    vec![
        chart(
            "fill.svg",
            "weight of blocks, % of the limit",
            vec![
                lines.of_blocks("normal transactions, of what they may have", |block| {
                    percent(block.normal, normal)
                }),
                lines.of_blocks("all, of the whole", |block| {
                    percent(block.normal + block.operational + block.mandatory, whole)
                }),
            ],
        ),
        chart(
            "transactions.svg",
            "transactions and acts in a block",
            vec![
                lines.of_blocks("transactions", |block| number(block.counts.transactions)),
                lines.of_blocks("acts", |block| number(block.counts.acts())),
                lines.of_blocks("fills", |block| number(block.counts.fills)),
            ],
        ),
        chart(
            "latency.svg",
            "from being sent, ms",
            vec![
                lines.of_latencies("included, p50", |one| one.included_ms.p50),
                lines.of_latencies("included, p99", |one| one.included_ms.p99),
                lines.of_latencies("final, p99", |one| one.final_ms.p99),
            ],
        ),
        chart(
            "finality.svg",
            "blocks not final when a best block is seen",
            vec![lines.of_blocks("finality lag", |block| block.lag.map_or(0.0, f64::from))],
        ),
        chart(
            "under-way.svg",
            "transactions sent and in no block",
            vec![lines.of_samples("under way", |one| number(one.under_way as u64))],
        ),
        chart(
            "memory.svg",
            "memory, MiB",
            vec![
                lines.of_samples("nodes", |one| number(one.nodes_kib) / 1_024.0),
                lines.of_samples("generator", |one| number(one.own_kib) / 1_024.0),
            ],
        ),
    ]
}

/// Pixels need no more than 53 bits.
#[allow(clippy::cast_precision_loss)]
fn number(figure: u64) -> f64 {
    figure as f64
}

fn draw(chart: &Chart) -> Result<String> {
    let points = || chart.lines.iter().flat_map(|line| &line.points);
    let end = points().map(|point| point.0).fold(1.0, f64::max);
    let high = points().map(|point| point.1).fold(1.0, f64::max);
    let has_legend = chart.lines.len() > 1;
    // Room for the legend, which stands above the lines.
    let high = if has_legend { high * 1.4 } else { high * 1.1 };
    let whole = |figure: f64| format!("{figure:.0}");
    let drawing = LineChart {
        title: &chart.title,
        size: SIZE,
        horizontal: Axis {
            description: Some("seconds"),
            range: 0.0..end,
            labels: Some(&whole),
            marks: 8,
            room: 34,
        },
        is_logarithmic: false,
        vertical: Axis {
            description: None,
            range: 0.0..high,
            labels: Some(&whole),
            marks: 5,
            room: 64,
        },
        lines: &chart.lines,
        legend: has_legend.then_some(Corner::UpperRight),
    };
    drawing.svg().map_err(|error| Error::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chart_should_be_drawn_when_nothing_was_measured() {
        let chart = Chart {
            file: "x.svg",
            title: "nothing".to_owned(),
            lines: vec![],
        };
        assert!(draw(&chart).is_ok());
    }
}
