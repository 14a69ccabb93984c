//! What a read and a write cost in the database of a node: `cargo run -p caisson-database-cost`.
//!
//! The weights of calls count reads and writes, and the runtime gives each a price (`runtime/src/weights/database.rs`). This
//! program measures what that price stands for, on the backend that a node uses (ParityDb, its trie cache, its pruning), in a
//! state of as many keys as asked for:
//!
//! - a read is looking a random key up in the trie, cold or with the cache that a node has;
//! - a write is its share of the state root of a block and of committing the block, with as many writes in the block as a
//!   busy block has. What an empty block costs is no part of it.
//!
//! `docs/performance.md` has the figures that the runtime's prices were taken from.

mod figures;
mod state;

use clap::Parser;
use figures::Spread;
use state::{Database, KeyOrder};
use std::{path::PathBuf, process::ExitCode};

/// Measures what reads and writes cost in the database of a node.
#[derive(Debug, Parser)]
struct Options {
    /// How many keys the state has; an account with one position has about four.
    #[arg(long, default_value_t = 1_000_000)]
    keys: u32,
    /// The length of a value, in bytes; an account's record is about 200.
    #[arg(long, default_value_t = 150)]
    value_bytes: usize,
    /// How the keys of a block lie in the trie.
    #[arg(long, value_enum, default_value = "scattered")]
    order: KeyOrder,
    /// How many keys a block writes, one row for each.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "1,10,100,1000,5000,10000"
    )]
    writes: Vec<u32>,
    /// How many of the keys are ever written, if not all: the accounts that are active.
    #[arg(long)]
    active: Option<u32>,
    /// How many blocks are timed for each row.
    #[arg(long, default_value_t = 30)]
    blocks: u32,
    /// How many reads are timed.
    #[arg(long, default_value_t = 20_000)]
    reads: u32,
    /// The size of the node's trie cache in bytes; a node's default is 1 GiB.
    #[arg(long, default_value_t = 1 << 30)]
    trie_cache: usize,
    /// Where the database is made; a folder that is removed after, unless given.
    #[arg(long)]
    path: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> state::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = options.path.clone().unwrap_or_else(|| folder.path().into());
    if options.keys == 0 || options.blocks == 0 || options.reads == 0 {
        return Err("--keys, --blocks and --reads must be at least 1".into());
    }
    eprintln!(
        "writing {} keys of {} bytes to {}",
        options.keys,
        options.value_bytes,
        path.display()
    );
    let mut database = Database::create(&path, options.keys, options.value_bytes, options.order)?;
    println!(
        "state of {} keys, values of {} bytes",
        options.keys, options.value_bytes
    );

    database = database.reopen(None)?;
    report_reads("read, no trie cache", &database.time_reads(options.reads)?);
    database = database.reopen(Some(options.trie_cache))?;
    report_reads(
        "read, trie cache empty at first",
        &database.time_reads(options.reads)?,
    );
    report_reads(
        "read, the same keys again",
        &database.time_reads(options.reads)?,
    );

    database.write_only(options.active.unwrap_or(options.keys));
    let empty = time_blocks(&mut database, 0, options.blocks)?;
    println!(
        "block without writes: median {:.1} us, of the processor {:.1} us",
        empty.wall.median, empty.processor.median
    );
    for &writes in &options.writes {
        eprintln!("timing {} blocks of {writes} writes", options.blocks);
        let block = time_blocks(&mut database, writes, options.blocks)?;
        let each = |figure: f64, empty: f64| (figure - empty) / f64::from(writes);
        println!(
            "block of {writes} writes, each: median {:.2} us, mean {:.2} us; of the processor median {:.2} us, mean {:.2} us",
            each(block.wall.median, empty.wall.median),
            each(block.wall.mean, empty.wall.mean),
            each(block.processor.median, empty.processor.median),
            each(block.processor.mean, empty.processor.mean),
        );
    }
    Ok(())
}

/// What blocks took, on the clock and of the processor.
struct Blocks {
    wall: Spread,
    processor: Spread,
}

fn time_blocks(database: &mut Database, writes: u32, blocks: u32) -> state::Result<Blocks> {
    let taken: state::Result<Vec<_>> = (0..blocks).map(|_| database.time_block(writes)).collect();
    let taken = taken?;
    let spread = |of: fn(&state::Taken) -> std::time::Duration| {
        Spread::of(&taken.iter().map(of).collect::<Vec<_>>())
    };
    Ok(Blocks {
        wall: spread(|taken| taken.wall),
        processor: spread(|taken| taken.processor),
    })
}

fn report_reads(what: &str, times: &[std::time::Duration]) {
    let spread = Spread::of(times);
    println!(
        "{what}: median {:.2} us, mean {:.2} us, p99 {:.2} us",
        spread.median, spread.mean, spread.p99
    );
}
