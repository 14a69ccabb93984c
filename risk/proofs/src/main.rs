//! `prove`: executes the formulas of `caisson-risk` on symbolic numbers and proves them with z3.
//!
//! ```text
//! prove                  prove everything, two solvers at most; exit code 1 on any failure
//! prove NAME..           only theorems whose name contains one of the words
//! prove --mutate NAME..  change every operation of the code in turn and list what no theorem notices
//! ```

mod mutate;
mod place;
mod ranges;
mod session;
mod slice;
mod solver;
mod term;
mod theorem;
mod theorems;

#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::Instant;
use theorem::{prove, Report, Theorem};

/// The machine has two cores to spare, and a solver uses one each.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (flags, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|w| w.starts_with("--"));
    match solver::version() {
        Ok(version) => println!("{version}"),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    }
    let selected: Vec<Theorem> = theorems::all()
        .into_iter()
        .filter(|t| words.is_empty() || words.iter().any(|word| t.name.contains(word.as_str())))
        .collect();
    if selected.is_empty() {
        eprintln!("error: no theorem has that name");
        return ExitCode::FAILURE;
    }
    if flags.iter().any(|flag| flag == "--mutate") {
        mutate::survey(&selected, WORKERS);
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    let reports = in_parallel(&selected);
    let failed = reports.iter().filter(|report| !report.passed()).count();
    let obligations: usize = reports.iter().map(|report| report.obligations).sum();
    let paths: usize = reports.iter().map(|report| report.paths).sum();
    println!(
        "{paths} paths, {obligations} obligations, {} mutants, {:.1} s",
        reports.len(),
        start.elapsed().as_secs_f64()
    );
    println!("{} passed, {failed} failed", reports.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn in_parallel(theorems: &[Theorem]) -> Vec<Report> {
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(theorem) = theorems.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = prove(theorem);
                    print_report(&report);
                    reports.lock().expect("no worker panics").push(report);
                }
            });
        }
    });
    reports.into_inner().expect("no worker panics")
}

fn print_report(report: &Report) {
    println!(
        "{} {}: {} paths, {} obligations, {:.2} s (slowest {:.2} s: {})",
        if report.passed() { "proved" } else { "FAILED" },
        report.name,
        report.paths,
        report.obligations,
        report.time.as_secs_f64(),
        report.slowest.0.as_secs_f64(),
        report.slowest.1
    );
    for failure in &report.failures {
        println!("    {failure}");
    }
}
