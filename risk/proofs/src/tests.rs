//! The prover must be able to fail: each way a theorem can be wrong is caught.
//!
//! These need the solver, like the proofs themselves.

use crate::session::Op;
use crate::term::{assume, check, int, var, Term};
use crate::theorem::{prove, theorem, Mutant};
use crate::theorems;
use caisson_risk::{Num, Res, RiskError};
use std::collections::HashSet;

/// A sound theorem to vary: half of an even number, rounded down, is exact.
fn halves() -> Res<()> {
    let x = var("x", 0, 1_000);
    let half = Num::add(&x, &x)?.div_floor(&int(2))?;
    check("exact", &half.equals(&x));
    Ok(())
}

fn failures(body: fn() -> Res<()>, mutant: Mutant) -> String {
    prove(&theorem("test", body, mutant)).failures.join("\n")
}

#[test]
fn a_true_statement_should_pass_when_its_mutant_fails() {
    assert_eq!(failures(halves, Mutant::Code(Op::Add, 0)), "");
}

#[test]
fn a_false_statement_should_be_refuted() {
    fn wrong() -> Res<()> {
        let x = var("x", 0, 1_000);
        check("always small", &x.at_most(&int(999)));
        Ok(())
    }
    assert!(failures(wrong, Mutant::Statement(wrong)).contains("[always small] is refuted"));
}

#[test]
fn a_mutant_that_survives_should_fail_its_theorem() {
    // Rounding the other way changes nothing when nothing is rounded.
    let found = failures(halves, Mutant::Code(Op::DivFloor, 0));
    assert_eq!(found, "its mutant is not refuted");
    // An operation the code does not have can't be changed.
    assert_eq!(
        failures(halves, Mutant::Code(Op::Sub, 0)),
        "its mutant is not refuted"
    );
}

#[test]
fn a_contradictory_premise_should_be_vacuous() {
    fn vacuous() -> Res<()> {
        let x = var("x", 0, 1_000);
        assume(&x.below(&int(0)));
        check("anything", &x.equals(&int(5)));
        Ok(())
    }
    assert!(failures(vacuous, Mutant::Statement(vacuous)).contains("vacuous"));
}

#[test]
fn a_statement_without_conclusion_should_fail() {
    fn silent() -> Res<()> {
        var("x", 0, 1_000);
        Ok(())
    }
    assert!(failures(silent, Mutant::Statement(silent)).contains("states no conclusion"));
}

#[test]
fn an_overflow_should_be_found() {
    fn overflows() -> Res<()> {
        let x = var("x", 0, 1 << 64);
        let square = Num::mul(&x, &x)?;
        check("not negative", &int(0).at_most(&square));
        Ok(())
    }
    let found = failures(overflows, Mutant::Statement(overflows));
    assert!(found.contains("Overflow [fits i128] is refuted"), "{found}");
}

#[test]
fn a_divisor_that_may_be_zero_should_be_found() {
    fn divides() -> Res<()> {
        let (x, d) = (var("x", 0, 10), var("d", 0, 10));
        x.div_floor(&d)?;
        check("trivial", &x.at_most(&int(10)));
        Ok(())
    }
    assert!(failures(divides, Mutant::Statement(divides)).contains("[divisor > 0] is refuted"));
}

#[test]
fn an_unexpected_error_should_be_found_on_the_path_that_returns_it() {
    fn refuses() -> Res<()> {
        let x = var("x", 0, 10);
        check("trivial", &int(0).at_most(&x));
        if x.is_lt(&int(3)) {
            return Err(RiskError::OutOfRange);
        }
        Ok(())
    }
    let found = failures(refuses, Mutant::Statement(refuses));
    assert!(found.contains("Total [returns no error"), "{found}");
}

#[test]
fn every_possible_path_should_be_taken_and_no_other() {
    fn three_ways() -> Res<()> {
        let x = var("x", 0, 10);
        let sign = |low: bool, high: bool| int(i128::from(low) + 2 * i128::from(high));
        let (low, high) = (x.is_lt(&int(3)), int(7).is_lt(&x));
        let seen: Term = sign(low, high);
        check("never both", &seen.at_most(&int(2)));
        Ok(())
    }
    let report = prove(&theorem("test", three_ways, Mutant::Statement(three_ways)));
    assert_eq!(report.paths, 3);
}

#[test]
fn symbolic_rounding_should_agree_with_the_machine() {
    fn agrees() -> Res<()> {
        let cases = [
            (7, 1, 2),
            (-7, 1, 2),
            (-8, 1, 2),
            (7, -3, 4),
            (0, 5, 3),
            (i128::MAX, 10, 10),
        ];
        for (number, (a, b, d)) in cases.into_iter().enumerate() {
            // A variable of one value, so that nothing is folded away.
            let x = var(&format!("x{number}"), a, a);
            let (b_term, d_term) = (int(b), int(d));
            let floor = x.mul_div_floor(&b_term, &d_term)?;
            check("floor", &floor.equals(&int(a.mul_div_floor(&b, &d)?)));
            let ceil = x.mul_div_ceil(&b_term, &d_term)?;
            check("ceil", &ceil.equals(&int(a.mul_div_ceil(&b, &d)?)));
        }
        let root = var("square", 80, 80).sqrt_ceil()?;
        check("root", &root.equals(&int(80i128.sqrt_ceil()?)));
        Ok(())
    }
    let found = failures(agrees, Mutant::Code(Op::DivFloor, 0));
    assert_eq!(found, "");
}

#[test]
fn the_readme_should_name_every_theorem_and_no_other() {
    let readme = include_str!("../../README.md");
    let names: Vec<_> = theorems::all().iter().map(|theorem| theorem.name).collect();
    let distinct: HashSet<_> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len(), "two theorems of one name");
    for name in &names {
        assert!(readme.contains(&format!("`{name}`")), "{name} is missing");
    }
    let table = readme
        .split("## Theorems")
        .nth(1)
        .expect("the section exists");
    let table = table
        .split("\n## ")
        .next()
        .expect("split gives at least one part");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    for row in rows {
        for name in row.split('|').nth(1).unwrap_or("").split(',') {
            let name = name.trim().trim_matches('`');
            assert!(distinct.contains(name), "the README names {name}");
        }
    }
}

#[test]
fn slicing_should_keep_what_the_goal_is_built_from_and_drop_the_rest() {
    let context = "(declare-const x Int)\n(assert (<= 0 x))\n(assert (= t!1 (+ x 1)))\n\
                   (assert (= t!2 (* x x)))\n(assert (= t!1 (+ (* 2 q!3) r!4)))\n\
                   (assert (and (<= 0 r!4) (< r!4 2)))\n(assert (= t!5 (+ t!2 q!3)))\n";
    let kept = crate::slice::relevant(context, "(<= q!3 x)");
    let dropped = ["t!2", "t!5"];
    assert!(!dropped.iter().any(|name| kept.contains(name)), "{kept}");
    assert_eq!(kept.lines().count(), 5, "{kept}");
}
