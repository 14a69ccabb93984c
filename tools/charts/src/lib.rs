//! Lines over two axes, as SVG: the one look of the charts in all reports.
//!
//! What a chart shows is its caller's; how it looks is decided here. The same [`LineChart`] gives the same bytes, so that
//! committed charts can be compared with drawn ones.

use std::{fmt, ops::Range};

use plotters::{
    coord::{ranged1d::ValueFormatter, types::RangedCoordf64},
    prelude::*,
};

/// The colours of lines, in their order.
const COLOURS: [RGBColor; 5] = [
    RGBColor(31, 90, 160),
    RGBColor(200, 90, 20),
    RGBColor(90, 140, 60),
    RGBColor(140, 60, 140),
    RGBColor(100, 100, 100),
];

/// The colour of the grid, and of the frame of the legend.
const GRID: RGBColor = RGBColor(225, 225, 225);

/// The font of the title, and its size in pixels.
const TITLE: (&str, i32) = ("sans-serif", 18);

/// The font of all other text, and its size in pixels.
const TEXT: (&str, i32) = ("sans-serif", 15);

/// How wide lines are, in pixels.
const STROKE: u32 = 2;

/// Lines over two axes.
#[derive(Clone)]
pub struct LineChart<'a> {
    /// What it shows; stands above it.
    pub title: &'a str,
    /// Width and height of all of it, in pixels.
    pub size: (u32, u32),
    /// The axis below the lines.
    pub horizontal: Axis<'a>,
    /// Whether the horizontal axis is logarithmic. Its range must lie above nothing then.
    pub is_logarithmic: bool,
    /// The axis on the left of the lines. It is linear.
    pub vertical: Axis<'a>,
    /// The lines. With more than five of them, colours repeat.
    pub lines: &'a [Line<'a>],
    /// Where the names of the lines stand; without it, nowhere.
    pub legend: Option<Corner>,
}

/// An axis.
#[derive(Clone)]
pub struct Axis<'a> {
    /// What its figures are, with their unit; without it, nothing stands there.
    pub description: Option<&'a str>,
    /// The figures at its ends, in its unit.
    pub range: Range<f64>,
    /// How a figure beside it is written; without it, with a digit after the point at least.
    pub labels: Option<&'a dyn Fn(f64) -> String>,
    /// How many figures stand beside it at most. On a logarithmic axis they are powers of ten, with others between them where
    /// there are few.
    pub marks: usize,
    /// The room for figures and description, in pixels: the height below the lines, or the width on their left.
    pub room: u32,
}

/// A line with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// What stands in the legend.
    pub name: &'a str,
    /// Its points, each a figure of the horizontal and one of the vertical axis, in their units.
    pub points: Vec<(f64, f64)>,
}

/// A corner of the area in which lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Above, on the left.
    UpperLeft,
    /// Above, on the right.
    UpperRight,
}

/// Which chart can't be drawn, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl LineChart<'_> {
    /// The drawing, as the text of an SVG file.
    pub fn svg(&self) -> Result<String, Error> {
        let mut svg = String::new();
        let range = self.horizontal.range.clone();
        let drawn = if self.is_logarithmic {
            self.draw(&mut svg, LogCoord::<f64>::from(range.log_scale()))
        } else {
            self.draw(&mut svg, RangedCoordf64::from(range))
        };
        drawn.map(|()| svg).map_err(|error| {
            Error(format!(
                "the plot \"{}\" can't be drawn: {error}",
                self.title
            ))
        })
    }

    /// Linear and logarithmic axes are different types, and all else is the same for both.
    fn draw<X>(&self, svg: &mut String, horizontal: X) -> Result<(), Box<dyn std::error::Error>>
    where
        X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let root = SVGBackend::with_string(svg, self.size).into_drawing_area();
        root.fill(&WHITE)?;
        let mut area = ChartBuilder::on(&root)
            .caption(self.title, TITLE)
            .margin(10)
            .x_label_area_size(self.horizontal.room)
            .y_label_area_size(self.vertical.room)
            .build_cartesian_2d(horizontal, self.vertical.range.clone())?;
        let below = self
            .horizontal
            .labels
            .map(|labels| move |figure: &f64| labels(*figure));
        let left = self
            .vertical
            .labels
            .map(|labels| move |figure: &f64| labels(*figure));
        {
            let mut mesh = area.configure_mesh();
            mesh.max_light_lines(0)
                .bold_line_style(GRID)
                .x_labels(self.horizontal.marks)
                .y_labels(self.vertical.marks)
                .label_style(TEXT);
            if let Some(description) = self.horizontal.description {
                mesh.x_desc(description);
            }
            if let Some(description) = self.vertical.description {
                mesh.y_desc(description);
            }
            if let Some(labels) = &below {
                mesh.x_label_formatter(labels);
            }
            if let Some(labels) = &left {
                mesh.y_label_formatter(labels);
            }
            mesh.draw()?;
        }
        for (line, colour) in self.lines.iter().zip(COLOURS.into_iter().cycle()) {
            let style = colour.stroke_width(STROKE);
            let path: PathElement<(f64, f64)> = PathElement::new(line.points.clone(), style);
            area.draw_series(std::iter::once(path))?
                .label(line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
        }
        if let Some(corner) = self.legend {
            area.configure_series_labels()
                .position(match corner {
                    Corner::UpperLeft => SeriesLabelPosition::UpperLeft,
                    Corner::UpperRight => SeriesLabelPosition::UpperRight,
                })
                .background_style(WHITE)
                .border_style(GRID)
                .label_font(TEXT)
                .draw()?;
        }
        root.present()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(range: Range<f64>) -> Axis<'static> {
        Axis {
            description: None,
            range,
            labels: None,
            marks: 11,
            room: 40,
        }
    }

    fn chart<'a>(title: &'a str, lines: &'a [Line<'a>]) -> LineChart<'a> {
        LineChart {
            title,
            size: (760, 280),
            horizontal: axis(0.0..600.0),
            is_logarithmic: false,
            vertical: axis(0.0..100.0),
            lines,
            legend: None,
        }
    }

    fn line(name: &str) -> Line<'_> {
        Line {
            name,
            points: (0..600)
                .map(|at| (f64::from(at), f64::from(at * at % 97)))
                .collect(),
        }
    }

    #[test]
    fn chart_should_be_small_and_say_its_title_when_it_is_full() {
        let lines = [line("one")];
        let svg = chart("Something (SYNTHETIC path)", &lines)
            .svg()
            .expect("it is drawn");
        assert!(svg.contains("SYNTHETIC path"));
        assert!(svg.len() < 60_000, "{}", svg.len());
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn legend_should_name_all_lines_when_it_is_wanted() {
        let lines = [line("first line"), line("second line")];
        let mut chart = chart("lines", &lines);
        assert!(!chart.svg().expect("it is drawn").contains("line\n"));
        chart.legend = Some(Corner::UpperLeft);
        let left = chart.svg().expect("it is drawn");
        assert!(left.contains("\nfirst line\n") && left.contains("\nsecond line\n"));
        chart.legend = Some(Corner::UpperRight);
        assert_ne!(chart.svg().expect("it is drawn"), left);
    }

    #[test]
    fn axes_should_have_descriptions_and_labels_when_they_are_given() {
        let mut chart = chart("empty", &[]);
        let plain = chart.svg().expect("it is drawn");
        assert!(plain.contains("\n100.0\n") && !plain.contains("seconds"));
        let lots = |figure: f64| format!("{figure:.0} lots");
        chart.horizontal.description = Some("seconds");
        chart.vertical.description = Some("size");
        chart.vertical.labels = Some(&lots);
        let svg = chart.svg().expect("it is drawn");
        assert!(svg.contains("\nseconds\n") && svg.contains("\nsize\n"));
        assert!(svg.contains("\n50 lots\n"));
    }

    #[test]
    fn marks_should_be_powers_of_ten_when_the_axis_is_logarithmic() {
        let mut chart = chart("powers", &[]);
        chart.horizontal.range = 1e3..1e6;
        let is_marked = |chart: &LineChart<'_>| {
            let svg = chart.svg().expect("it is drawn");
            ["\n1000.0\n", "\n10000.0\n", "\n100000.0\n"].map(|mark| svg.contains(mark))
        };
        assert_eq!(is_marked(&chart), [false, false, true]);
        chart.is_logarithmic = true;
        assert_eq!(is_marked(&chart), [true; 3]);
    }
}
