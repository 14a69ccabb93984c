//! Proving one theorem: all paths, all obligations, its mutant, and that it is not vacuous.

use crate::session::{with, Kind, Mutation, Op, OBLIGATION_TIMEOUT_MS};
use crate::solver::Answer;
use crate::term::Cond;
use caisson_risk::Res;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};

/// A statement about the code, and a change that must break it.
pub struct Theorem {
    pub name: &'static str,
    /// Builds the variables, assumes the premises, runs the code and checks the conclusions.
    pub body: fn() -> Res<()>,
    pub mutant: Mutant,
}

/// A theorem by name, body and mutant.
pub fn theorem(name: &'static str, body: fn() -> Res<()>, mutant: Mutant) -> Theorem {
    Theorem { name, body, mutant }
}

/// What must be refuted, or the theorem proves nothing.
#[derive(Clone, Copy)]
pub enum Mutant {
    /// The same code with one operation changed.
    Code(Op, usize),
    /// The same conclusions with a premise dropped, or about a wrong formula.
    Statement(fn() -> Res<()>),
}

#[derive(Default)]
pub struct Report {
    pub name: &'static str,
    pub paths: usize,
    pub obligations: usize,
    pub failures: Vec<String>,
    pub time: Duration,
    pub slowest: (Duration, String),
}

impl Report {
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Runs everything about one theorem on this thread's solver.
pub fn prove(theorem: &Theorem) -> Report {
    let start = Instant::now();
    let mut report = Report {
        name: theorem.name,
        ..Report::default()
    };
    with(|s| s.begin(None));
    let mut settled = HashSet::new();
    let mut reached: BTreeMap<String, bool> = BTreeMap::new();
    loop {
        report.paths += 1;
        for obligation in run(theorem.body) {
            if obligation.kind == Kind::Check {
                let known = reached.entry(obligation.label.clone()).or_default();
                // Not vacuous: some assignment reaches this conclusion.
                *known = *known || satisfiable(&obligation.context);
            }
            let key = format!("{}|{}", obligation.context, obligation.formula);
            if !settled.insert(key) {
                continue;
            }
            report.obligations += 1;
            let asked = Instant::now();
            let answer = with(|s| s.confirm(&obligation));
            let took = asked.elapsed();
            if took > report.slowest.0 {
                report.slowest = (took, obligation.label.clone());
            }
            if answer != Answer::Unsat {
                report.failures.push(format!(
                    "path {}: {:?} [{}] is {}",
                    report.paths,
                    obligation.kind,
                    obligation.label,
                    if answer == Answer::Sat {
                        "refuted"
                    } else {
                        "undecided"
                    }
                ));
            }
        }
        if !with(|s| s.turn()) {
            break;
        }
    }
    if reached.is_empty() {
        report.failures.push("states no conclusion".into());
    }
    for (label, _) in reached.iter().filter(|(_, reached)| !**reached) {
        report
            .failures
            .push(format!("vacuous: nothing shown to reach [{label}]"));
    }
    if !is_refuted(theorem) {
        report.failures.push("its mutant is not refuted".into());
    }
    report.time = start.elapsed();
    report
}

/// One path: its obligations, with an unexpected error as one that can't be met.
fn run(body: fn() -> Res<()>) -> Vec<crate::session::Obligation> {
    with(|s| s.begin_path());
    if let Err(error) = body() {
        with(|s| {
            s.oblige(
                Kind::Total,
                &format!("returns no error ({error})"),
                &Cond::Known(false),
            )
        });
    }
    with(|s| std::mem::take(&mut s.obligations))
}

fn satisfiable(context: &str) -> bool {
    with(|s| s.ask(context, OBLIGATION_TIMEOUT_MS)) == Answer::Sat
}

/// Whether a counterexample to some conclusion of the mutant is found.
fn is_refuted(theorem: &Theorem) -> bool {
    let (body, mutation) = match theorem.mutant {
        Mutant::Code(op, nth) => (theorem.body, Some(Mutation::Nth(op, nth))),
        Mutant::Statement(body) => (body, None),
    };
    refutes(body, mutation, OBLIGATION_TIMEOUT_MS, |kind| {
        kind == Kind::Check
    })
}

/// Whether some obligation of the given kinds is refuted.
pub fn refutes(
    body: fn() -> Res<()>,
    mutation: Option<Mutation>,
    patience_ms: u32,
    counts: fn(Kind) -> bool,
) -> bool {
    with(|s| s.begin(mutation));
    with(|s| s.patience_ms = patience_ms);
    loop {
        for obligation in run(body).iter().filter(|o| counts(o.kind)) {
            if with(|s| s.discharge(obligation)) == Answer::Sat {
                return true;
            }
        }
        if !with(|s| s.turn()) {
            return false;
        }
    }
}

/// Every operation of the code that the theorem executes, with its place in the source.
pub fn operations(theorem: &Theorem) -> BTreeSet<(Op, String)> {
    with(|s| s.begin(None));
    with(|s| s.places = Some(BTreeSet::new()));
    loop {
        run(theorem.body);
        if !with(|s| s.turn()) {
            return with(|s| s.places.take()).unwrap_or_default();
        }
    }
}
