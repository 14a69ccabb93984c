//! The weight of an empty block and that of an empty transaction, from `caisson-growth --only overhead`.
//!
//! The bencher has such a measurement too. This one needs no metadata and no client library of it, and measures on the runtime of
//! the node, in the same way as all other curves.

use super::files;
use crate::error::{Error, Result};
use crate::process;
use crate::setup::scratch::Scratch;
use crate::setup::Ready;
use std::fs;
use std::path::Path;
use std::process::Command;

/// How often each block is executed and timed.
const RUNS: u32 = 50;
/// The file that is written to the folder, below that of the measurement.
const TABLE: &str = "overhead.csv";

/// One of the two constants.
struct Constant {
    /// The name of its row in the table.
    row: &'static str,
    /// The name of its file.
    file: &'static str,
    name: &'static str,
    about: &'static str,
}

const CONSTANTS: [Constant; 2] = [
    Constant {
        row: "block",
        file: "block.rs",
        name: "BlockExecutionWeight",
        about: "Executing a block that has only its inherents.",
    },
    Constant {
        row: "transaction",
        file: "extrinsic.rs",
        name: "ExtrinsicBaseWeight",
        about: "Executing a transaction that does nothing (`system.remark`): signature, all extensions, fee and its events.",
    },
];

/// What was found, in nanoseconds.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    mean: u64,
    least: u64,
    most: u64,
}

/// Measures both and writes them into a folder.
pub fn measure(ready: &Ready, folder: &Path) -> Result<()> {
    let workspace = ready.workspace;
    let program = "caisson-growth";
    process::run_quietly(ready.cargo().args([
        "build",
        "--workspace",
        "--locked",
        "--bin",
        program,
    ]))?;
    let scratch = Scratch::new(workspace, "weights-overhead")?;
    let measured = scratch.path().join("measured");
    process::run_quietly(
        Command::new(workspace.binary(program))
            .args(["--only", "overhead", "--runs", &RUNS.to_string(), "--out"])
            .arg(&measured),
    )?;
    let table = files::read(&measured.join(TABLE))?;
    let processor = processor(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default());
    for constant in &CONSTANTS {
        let figures = figures(&table, constant.row).ok_or_else(|| {
            Error::new(format!(
                "{TABLE} has no row `{}` of three figures",
                constant.row
            ))
        })?;
        files::write(
            &scratch.path().join(constant.file),
            &source(constant, &figures, &processor),
        )?;
    }
    files::take_over(scratch.path(), folder)
}

/// The figures of a row: its name, then mean, least and most in microseconds.
fn figures(table: &str, row: &str) -> Option<Figures> {
    let line = table
        .lines()
        .find_map(|line| line.strip_prefix(row)?.strip_prefix(','))?;
    let mut nanos = line.split(',').map(|micros| {
        let micros: f64 = micros.parse().ok()?;
        Some((micros * 1e3).round() as u64)
    });
    Some(Figures {
        mean: nanos.next()??,
        least: nanos.next()??,
        most: nanos.next()??,
    })
}

/// The processor's name, as Linux has it.
fn processor(info: &str) -> String {
    info.lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split_once(": "))
        .map_or("a processor without a name", |(_, name)| name)
        .to_owned()
}

fn source(constant: &Constant, figures: &Figures, processor: &str) -> String {
    let Constant { name, about, .. } = constant;
    let Figures { mean, least, most } = figures;
    format!(
        "//! {about}
//!
//! Made by `cargo xtask weights --only overhead`; changes by hand are overwritten. Measured on {processor}: the least time, without
//! the database, of three blocks that were executed {RUNS} times each.

use frame_support::{{
    parameter_types,
    weights::{{constants::WEIGHT_REF_TIME_PER_NANOS, Weight}},
}};

parameter_types! {{
    /// {about}
    ///
    /// Nanoseconds: {least} to {most}, {mean} on average. The least counts: what else runs on the machine only ever adds.
    pub const {name}: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul({least}), 0);
}}
",
        least = grouped(*least),
        most = grouped(*most),
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

    const TABLE: &str =
        "what,\"mean, us\",\"least, us\",\"most, us\"\nblock,2500.25,2400,2700\ntransaction,99.5,98,101.125\n";

    #[test]
    fn figures_should_be_those_of_the_row() {
        let expected = Figures {
            mean: 99_500,
            least: 98_000,
            most: 101_125,
        };
        assert_eq!(figures(TABLE, "transaction"), Some(expected));
        assert_eq!(figures(TABLE, "nothing"), None);
        assert_eq!(figures("block,1,2", "block"), None);
    }

    #[test]
    fn source_should_hold_the_least() {
        let figures = figures(TABLE, "block").unwrap();
        let source = source(&CONSTANTS[0], &figures, "Some Processor");
        assert!(
            source.contains("BlockExecutionWeight: Weight = "),
            "{source}"
        );
        assert!(source.contains("saturating_mul(2_400_000)"), "{source}");
        assert!(source.contains("on Some Processor:"), "{source}");
    }

    #[test]
    fn processor_should_be_the_name_linux_gives() {
        let info = "processor\t: 0\nmodel name\t: Some Processor @ 2 GHz\n";
        assert_eq!(processor(info), "Some Processor @ 2 GHz");
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
