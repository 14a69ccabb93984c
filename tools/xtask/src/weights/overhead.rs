//! The weight of an empty block and that of an empty transaction.
//!
//! The bencher writes its own form of file, with a date and crates that the runtime doesn't use; only the figures are
//! taken from it.

use super::bencher::{Bencher, OVERHEAD_REPEATS};
use super::files;
use crate::error::{Error, Result};
use std::path::Path;

/// One of the two constants.
struct Constant {
    /// The file that the bencher writes, and ours.
    files: (&'static str, &'static str),
    name: &'static str,
    about: &'static str,
}

const CONSTANTS: [Constant; 2] = [
    Constant {
        files: ("block_weights.rs", "block.rs"),
        name: "BlockExecutionWeight",
        about: "Executing a block that has only its inherents.",
    },
    Constant {
        files: ("extrinsic_weights.rs", "extrinsic.rs"),
        name: "ExtrinsicBaseWeight",
        about: "Executing a transaction that does nothing (`system.remark`): signature, extensions and fee.",
    },
];

/// What the bencher found, in nanoseconds.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    mean: u64,
    least: u64,
    most: u64,
    median: u64,
    processor: String,
    version: String,
}

/// Measures both and writes them into a folder.
pub fn measure(bencher: &Bencher, folder: &Path) -> Result<()> {
    let scratch = bencher.scratch("overhead")?;
    bencher.overhead(scratch.path())?;
    for constant in &CONSTANTS {
        let written = scratch.path().join(constant.files.0);
        let figures = figures(&files::read(&written)?).ok_or_else(|| {
            Error::new(format!(
                "{} has another form than the one known here",
                constant.files.0
            ))
        })?;
        let ours = scratch.path().join(constant.files.1);
        files::write(&ours, &source(constant, &figures))?;
        std::fs::remove_file(&written).map_err(|error| Error::io("remove", &written, &error))?;
    }
    files::take_over(scratch.path(), folder)
}

fn figures(written: &str) -> Option<Figures> {
    let (least, most) = after(written, "Min, Max:")?.split_once(',')?;
    let mean = after(written, "WEIGHT_REF_TIME_PER_NANOS.saturating_mul(")?;
    let processor = after(written, "CPU: `")?;
    Some(Figures {
        mean: number(mean.split_once(')')?.0)?,
        least: number(least)?,
        most: number(most)?,
        median: number(after(written, "Median:")?)?,
        processor: processor.split_once('`')?.0.to_owned(),
        version: after(written, "CLI VERSION")?.trim().to_owned(),
    })
}

/// The rest of the line after the first occurrence of a mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark)?.1.lines().next()
}

fn number(text: &str) -> Option<u64> {
    text.trim().replace('_', "").parse().ok()
}

fn source(constant: &Constant, figures: &Figures) -> String {
    let Constant { name, about, .. } = constant;
    let Figures {
        mean,
        least,
        most,
        median,
        processor,
        version,
    } = figures;
    format!(
        "//! {about}
//!
//! Made by `cargo xtask weights --only overhead`; changes by hand are overwritten. Measured on {processor} with
//! frame-benchmarking-cli {version}: the mean of {OVERHEAD_REPEATS} runs of a full block, without the database.

use frame_support::{{
    parameter_types,
    weights::{{constants::WEIGHT_REF_TIME_PER_NANOS, Weight}},
}};

parameter_types! {{
    /// {about}
    ///
    /// Nanoseconds: {least} to {most}, median {median}.
    pub const {name}: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul({mean}), 0);
}}
",
        least = grouped(*least),
        most = grouped(*most),
        median = grouped(*median),
        mean = grouped(*mean),
    )
}

/// A number with its thousands apart, as Rust writes them.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "
//! THIS FILE WAS AUTO-GENERATED USING THE SUBSTRATE BENCHMARK CLI VERSION 64.0.0
//! DATE: 2026-01-01 (Y/M/D)
//! HOSTNAME: `some-host`, CPU: `Some Processor @ 2 GHz`
	/// Stats nanoseconds:
	///   Min, Max: 1_098_457, 1_236_401
	///   Average:  1_111_222
	///   Median:   1_109_000
	pub const BlockExecutionWeight: Weight =
		Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(1_111_223), 0);
";

    #[test]
    fn figures_should_be_those_the_bencher_wrote() {
        assert_eq!(
            figures(WRITTEN),
            Some(Figures {
                mean: 1_111_223,
                least: 1_098_457,
                most: 1_236_401,
                median: 1_109_000,
                processor: "Some Processor @ 2 GHz".into(),
                version: "64.0.0".into(),
            })
        );
        assert_eq!(figures("another form"), None);
    }

    #[test]
    fn source_should_hold_the_mean_and_no_date() {
        let source = source(&CONSTANTS[0], &figures(WRITTEN).unwrap());
        assert!(
            source.contains("BlockExecutionWeight: Weight = "),
            "{source}"
        );
        assert!(source.contains("saturating_mul(1_111_223)"), "{source}");
        assert!(
            !source.contains("2026") && !source.contains("some-host"),
            "{source}"
        );
    }

    #[test]
    fn grouped_should_part_thousands() {
        for (number, text) in [
            (7, "7"),
            (123, "123"),
            (1_234, "1_234"),
            (1_000_000, "1_000_000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
