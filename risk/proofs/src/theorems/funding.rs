//! Funding moves money between traders and makes none.

use crate::ranges::{funding_index, lots, ppm, price, span, time};
use crate::session::Op;
use crate::term::{assume, check, int, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::funding::{rate_cap_ppb, rate_ppb, FundingIndex, PremiumAverage};
use caisson_risk::limits::{MAX_LOT_PRICE, PPB, PPM};
use caisson_risk::{LotPrice, Res};

/// Largest funding rate per period: 100 %.
const MAX_RATE_PPB: i128 = PPB;
/// Longest time one update accrues: a day.
const MAX_STEP_MS: i128 = 86_400_000;

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "funding_sums_to_zero",
            zero_sum,
            Mutant::Statement(zero_sum_open),
        ),
        theorem("funding_settles_lazily_or_eagerly", lazy, code(Op::Sub, 1)),
        theorem("funding_index_loses_nothing", exact, code(Op::Sub, 0)),
        theorem(
            "funding_index_moves_within_its_rate",
            bounded,
            code(Op::DivFloor, 0),
        ),
        theorem(
            "funding_remainder_survives_a_new_period",
            rebased,
            code(Op::DivFloor, 0),
        ),
        theorem("funding_rate_stays_capped", capped, code(Op::Select, 4)),
        theorem("premium_average_stays_between", premium, code(Op::Add, 1)),
    ]
}

fn at(index: LotPrice<Term>) -> FundingIndex<Term> {
    FundingIndex {
        index,
        remainder: int(0),
    }
}

/// With balanced positions and one checkpoint the payments of four accounts sum to exactly zero.
fn zero_sum() -> Res<()> {
    payments(true)
}

fn zero_sum_open() -> Res<()> {
    payments(false)
}

fn payments(balanced: bool) -> Res<()> {
    let positions = ["s0", "s1", "s2", "s3"].map(lots);
    if balanced {
        let sum = positions
            .iter()
            .fold(int(0), |sum, position| sum + &position.0);
        assume(&sum.equals(&int(0)));
    }
    let (index, checkpoint) = (at(funding_index("now")), funding_index("then"));
    let mut paid = int(0);
    for position in &positions {
        paid = paid + index.owed(position, &checkpoint)?.0;
    }
    check("sum is zero", &paid.equals(&int(0)));
    Ok(())
}

/// Settling at a moment between and again later pays exactly what settling once pays.
fn lazy() -> Res<()> {
    let position = lots("lots");
    let [then, between, now] = ["then", "between", "now"].map(funding_index);
    let eager = at(between.clone()).owed(&position, &then)?.0
        + at(now.clone()).owed(&position, &between)?.0;
    let owed = at(now.clone()).owed(&position, &then)?;
    check("equal", &owed.0.equals(&eager));
    check(
        "longs pay a rising index",
        &owed.0.equals(&(&position.0 * (&now.0 - &then.0))),
    );
    Ok(())
}

fn any_index() -> (FundingIndex<Term>, Term) {
    let period = span("period");
    let remainder = var("remainder", 0, i128::MAX);
    assume(&remainder.below(&(&period * int(PPB))));
    (
        FundingIndex {
            index: funding_index("index"),
            remainder,
        },
        period,
    )
}

/// Index and remainder together advance by exactly rate x mark x time; the remainder stays below one
/// quantum; nothing moves in no time.
fn exact() -> Res<()> {
    let (old, period) = any_index();
    let mark = price("mark");
    let (rate, elapsed) = (
        var("rate", -MAX_RATE_PPB, MAX_RATE_PPB),
        var("elapsed", 0, MAX_STEP_MS),
    );
    let new = old.advance(&mark, &rate, &elapsed, &period)?;
    let whole = &period * int(PPB);
    let units = |f: &FundingIndex<Term>| &f.index.0 * &whole + &f.remainder;
    check(
        "exact",
        &units(&new).equals(&(units(&old) + &mark.0 * &rate * &elapsed)),
    );
    check(
        "remainder",
        &int(0)
            .at_most(&new.remainder)
            .and(&new.remainder.below(&whole)),
    );
    let still = new
        .index
        .0
        .equals(&old.index.0)
        .and(&new.remainder.equals(&old.remainder));
    check("idempotent", &elapsed.equals(&int(0)).implies(&still));
    Ok(())
}

/// In one step the index rises by no more than the rate allows, rounded up to a whole quantum.
fn bounded() -> Res<()> {
    let (old, period) = any_index();
    let mark = price("mark");
    let (rate, elapsed) = (var("rate", 0, MAX_RATE_PPB), var("elapsed", 0, MAX_STEP_MS));
    let new = old.advance(&mark, &rate, &elapsed, &period)?;
    let whole = &period * int(PPB);
    let step = &new.index.0 - &old.index.0;
    check("not backwards", &int(0).at_most(&step));
    check(
        "within",
        &(&step * &whole).at_most(&(&mark.0 * &rate * &elapsed + &old.remainder)),
    );
    Ok(())
}

/// After a change of period the remainder is still below one quantum and worth no more than before.
fn rebased() -> Res<()> {
    let (old, period) = any_index();
    let other = span("other_period");
    let new = old.rebased(&period, &other)?;
    check("same index", &new.index.0.equals(&old.index.0));
    check("not negative", &int(0).at_most(&new.remainder));
    check(
        "still below one",
        &new.remainder.below(&(&other * int(PPB))),
    );
    check(
        "worth no more",
        &(&new.remainder * &period).at_most(&(&old.remainder * &other)),
    );
    Ok(())
}

/// The rate never exceeds its cap, and the cap never exceeds the gap between the two margins.
fn capped() -> Res<()> {
    let (initial, maintenance, kappa) = (ppm("initial"), ppm("maintenance"), ppm("kappa"));
    let cap = rate_cap_ppb(&initial, &maintenance, &kappa)?;
    let gap = (&initial.0 - &maintenance.0).max_of(&int(0));
    check("cap >= 0", &int(0).at_most(&cap));
    check(
        "cap rounded down",
        &(&cap * int(PPM)).at_most(&(&gap * int(1_000) * &kappa.0)),
    );
    check("cap within gap", &cap.at_most(&(gap * int(1_000))));
    let [premium, interest] = ["premium", "interest"].map(|n| var(n, -1_000 * PPB, 1_000 * PPB));
    let spread = var("spread", 0, PPB);
    let rate = rate_ppb(&premium, &interest, &spread, &cap)?;
    let (low, high) = (premium.min_of(&interest), premium.max_of(&interest));
    let free = low.at_most(&rate).and(&rate.at_most(&high));
    let both_inside = (int(0) - &cap).at_most(&low).and(&high.at_most(&cap));
    check("not held inside the cap", &both_inside.implies(&free));
    let held = rate.equals(&cap).or(&rate.equals(&(int(0) - &cap)));
    check("from premium toward interest", &free.or(&held));
    let pulled = (&rate - &premium).max_of(&(&premium - &rate));
    check("by at most the spread", &pulled.at_most(&spread).or(&held));
    check(
        "all the way if it can",
        &pulled.equals(&spread).or(&rate.equals(&interest)).or(&held),
    );
    check(
        "within cap",
        &(int(0) - &cap).at_most(&rate).and(&rate.at_most(&cap)),
    );
    Ok(())
}

/// The time-weighted premium lies between the lowest and the highest premium observed.
fn premium() -> Res<()> {
    let bound = MAX_LOT_PRICE;
    let [a, b] = ["a", "b"].map(|name| var(name, -bound, bound));
    let (first, second) = (time("first"), time("second"));
    assume(&int(1).at_most(&(&first + &second)));
    let empty = PremiumAverage {
        weighted: int(0),
        elapsed_ms: int(0),
    };
    let average = empty
        .observe(&a, &first)?
        .observe(&b, &second)?
        .average_ppb()?;
    let (time, weighted) = (&first + &second, &a * &first + &b * &second);
    check("rounded down", &(&average * &time).at_most(&weighted));
    check(
        "between",
        &a.min_of(&b)
            .at_most(&average)
            .and(&average.at_most(&a.max_of(&b))),
    );
    Ok(())
}
