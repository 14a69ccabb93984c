//! Marks, averages, volatility.

use crate::ranges::{oracle_price, ppm, price, span, time};
use crate::session::Op;
use crate::term::{assume, bounded_by, check, define_quotient, int, lemma, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::limits::{MAX_LOT_PRICE, MAX_RETURN_PPB, MAX_TIME_MS};
use caisson_risk::mark::{band, basis, ema, mark, median_of_three, stable_price};
use caisson_risk::twap::Checkpoint;
use caisson_risk::volatility::{absolute_return_ppb, next_variance, over_horizon};
use caisson_risk::{LotPrice, Num, Ppm, Res};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "division_bounds",
            division_bounds,
            Mutant::Statement(division_wrong),
        ),
        theorem("median_of_three_is_the_middle", median, code(Op::Select, 1)),
        theorem("ema_stays_between", ema_between, code(Op::Add, 0)),
        theorem("mark_stays_in_its_band", mark_in_band, code(Op::Select, 5)),
        theorem("basis_stays_capped", basis_capped, code(Op::Select, 0)),
        theorem("stable_price_moves_slowly", stable, code(Op::Select, 1)),
        theorem("twap_stays_between", twap, code(Op::Add, 1)),
        theorem("return_is_bounded", returns, code(Op::Select, 1)),
        theorem("ewma_variance_stays_between", ewma, code(Op::Add, 1)),
        theorem("horizon_volatility_covers", horizon, code(Op::DivCeil, 1)),
    ]
}

/// The consequences of division that every other proof is given: a part `b <= d` of `a` lies between
/// zero and `a`, for both roundings and signs.
fn division_bounds() -> Res<()> {
    let (a, b, d) = (
        var("a", i128::MIN, i128::MAX),
        var("b", 0, i128::MAX),
        var("d", 1, i128::MAX),
    );
    for (label, up) in [("floor", false), ("ceil", true)] {
        let quotient = define_quotient(&a, &b, &d, up);
        check(label, &bounded_by(&a, &b, &d, &quotient));
    }
    Ok(())
}

fn division_wrong() -> Res<()> {
    let (a, b, d) = (
        var("a", 0, i128::MAX),
        var("b", 0, i128::MAX),
        var("d", 1, i128::MAX),
    );
    let quotient = define_quotient(&a, &b, &d, false);
    check("without b <= d", &quotient.at_most(&a));
    Ok(())
}

fn between(label: &str, x: &Term, a: &Term, b: &Term) {
    check(label, &a.min_of(b).at_most(x).and(&x.at_most(&a.max_of(b))));
}

/// The median is one of the three, at least one is not below it and at least one not above it besides
/// itself.
fn median() -> Res<()> {
    let [a, b, c] = ["a", "b", "c"].map(|name| var(name, -MAX_LOT_PRICE, MAX_LOT_PRICE));
    let m = median_of_three(&a, &b, &c);
    check(
        "one of them",
        &m.equals(&a).or(&m.equals(&b)).or(&m.equals(&c)),
    );
    let count = |hold: fn(&Term, &Term) -> crate::term::Cond| {
        [&a, &b, &c].into_iter().fold(int(0), |sum, x| {
            sum + Term::choose(&hold(x, &m), &int(1), &int(0))
        })
    };
    check(
        "two not above",
        &int(2).at_most(&count(|x, m| x.at_most(m))),
    );
    check(
        "two not below",
        &int(2).at_most(&count(|x, m| m.at_most(x))),
    );
    Ok(())
}

/// The average lies between its old value and the sample, and does not move in no time.
fn ema_between() -> Res<()> {
    let [old, sample] = ["old", "sample"].map(|name| var(name, -MAX_LOT_PRICE, MAX_LOT_PRICE));
    let (elapsed, constant) = (time("elapsed"), span("constant"));
    let new = ema(&old, &sample, &elapsed, &constant)?;
    let (moved, exact) = (
        (&new - &old) * (&constant + &elapsed),
        (&sample - &old) * &elapsed,
    );
    check("rounded down", &moved.at_most(&exact));
    between("between", &new, &old, &sample);
    check(
        "idempotent",
        &elapsed.equals(&int(0)).implies(&new.equals(&old)),
    );
    Ok(())
}

/// The mark is positive and inside the index band, whatever basis and clearing prices say.
fn mark_in_band() -> Res<()> {
    let index = price("index");
    let basis = LotPrice(var("basis", -MAX_LOT_PRICE, MAX_LOT_PRICE));
    let trade = price("trade");
    let width = Ppm(var("band", 0, 999_999));
    let value = mark(&index, &basis, Some(&trade), &width)?;
    let (low, high) = band(&index, &width)?;
    check("positive", &int(1).at_most(&value.0));
    check(
        "in band",
        &low.0.at_most(&value.0).and(&value.0.at_most(&high.0)),
    );
    let distance = (&value.0 - &index.0).max_of(&(&index.0 - &value.0));
    check(
        "distance",
        &(distance * int(1_000_000)).at_most(&(&index.0 * &width.0)),
    );
    let without = mark(&index, &basis, None, &width)?;
    check("the index without trades", &without.0.equals(&index.0));
    let with_basis = &index.0 + &basis.0;
    let agreed = trade.0.equals(&with_basis);
    let inside = low.0.at_most(&with_basis).and(&with_basis.at_most(&high.0));
    check(
        "two that agree",
        &agreed.and(&inside).implies(&value.0.equals(&with_basis)),
    );
    Ok(())
}

/// The basis never leaves its cap once inside, whatever the calls say.
fn basis_capped() -> Res<()> {
    let (index, mid) = (price("index"), price("mid"));
    let cap = ppm("cap");
    let old = LotPrice(var("old", -MAX_LOT_PRICE, MAX_LOT_PRICE));
    let limit = index.ratio_floor(&cap)?;
    assume(
        &(int(0) - &limit.0)
            .at_most(&old.0)
            .and(&old.0.at_most(&limit.0)),
    );
    let new = basis(
        &old,
        &mid,
        &index,
        &cap,
        &time("elapsed"),
        &span("constant"),
    )?;
    let sample = &mid.0 - &index.0;
    let inside = (int(0) - &limit.0)
        .at_most(&sample)
        .and(&sample.at_most(&limit.0));
    let (low, high) = (sample.min_of(&old.0), sample.max_of(&old.0));
    let toward = low.at_most(&new.0).and(&new.0.at_most(&high));
    check("toward the sample", &inside.implies(&toward));
    check(
        "capped",
        &(int(0) - &limit.0)
            .at_most(&new.0)
            .and(&new.0.at_most(&limit.0)),
    );
    Ok(())
}

/// The stable price stays between itself and the mark and moves no faster than its rate.
fn stable() -> Res<()> {
    let (old, target) = (price("old"), price("mark"));
    let (elapsed, constant, rate) = (time("elapsed"), span("constant"), ppm("rate"));
    let new = stable_price(&old, &target, &elapsed, &constant, &rate)?;
    between("between", &new.0, &old.0, &target.0);
    let step = (&new.0 - &old.0).max_of(&(&old.0 - &new.0));
    let hour = int(3_600_000) * int(1_000_000);
    check(
        "rate",
        &(step * hour).at_most(&(&old.0 * &rate.0 * &elapsed)),
    );
    Ok(())
}

/// Over three holding periods the average lies between the lowest and the highest price held.
fn twap() -> Res<()> {
    let start = Checkpoint {
        at_ms: time("start"),
        accumulated: var("sum", 0, 1 << 126),
    };
    let prices = ["p1", "p2", "p3"].map(oracle_price);
    let mut now = start.clone();
    for (price, name) in prices.iter().zip(["t1", "t2", "t3"]) {
        let at = var(name, 0, MAX_TIME_MS);
        assume(&now.at_ms.at_most(&at));
        // What the sum can have reached by then: the price bound times the time.
        assume(&now.accumulated.at_most(&(&now.at_ms * int(1 << 84))));
        now = now.advance(price, &at)?;
    }
    assume(&start.at_ms.below(&now.at_ms));
    let average = now.average_since(&start)?;
    let total = &now.accumulated - &start.accumulated;
    check(
        "rounded down",
        &(&average * (&now.at_ms - &start.at_ms)).at_most(&total),
    );
    let low = prices[0].min_of(&prices[1]).min_of(&prices[2]);
    let high = prices[0].max_of(&prices[1]).max_of(&prices[2]);
    check(
        "between",
        &low.at_most(&average).and(&average.at_most(&high)),
    );
    Ok(())
}

/// A return is not negative, zero exactly when nothing moved, and capped.
fn returns() -> Res<()> {
    let (before, after) = (oracle_price("before"), oracle_price("after"));
    let value = absolute_return_ppb(&before, &after)?;
    check(
        "range",
        &int(0)
            .at_most(&value)
            .and(&value.at_most(&int(MAX_RETURN_PPB))),
    );
    let still = before.equals(&after);
    let zero = value.equals(&int(0));
    check(
        "zero iff still",
        &still.implies(&zero).and(&zero.implies(&still)),
    );
    Ok(())
}

/// The variance lies between its old value and the sample, rounded up.
fn ewma() -> Res<()> {
    let return_ppb = var("return", 0, MAX_RETURN_PPB);
    let (elapsed, interval, constant) = (span("elapsed"), span("interval"), time("constant"));
    // Largest sample: the largest return squared, over a millisecond of the longest interval.
    let old = var("old", 0, 1 << 122);
    let new = next_variance(&old, &return_ppb, &elapsed, &interval, &constant)?;
    let sample = (&return_ppb * &return_ppb).mul_div_ceil(&interval, &elapsed)?;
    between("between", &new, &old, &sample);
    let exact = &return_ppb * &return_ppb * &interval;
    check(
        "sample not understated",
        &exact.at_most(&(&sample * &elapsed)),
    );
    let moved = (&new - &old) * (&constant + &elapsed);
    check(
        "not understated",
        &(&exact - &old * &elapsed).at_most(&moved),
    );
    Ok(())
}

/// Volatility over a horizon is never understated: squared, it covers the scaled variance; and it does
/// not fall when the horizon grows.
fn horizon() -> Res<()> {
    let variance = var("variance", 0, 1 << 84);
    let (interval, first, second) = (span("interval"), time("first"), time("second"));
    assume(&first.at_most(&second));
    let volatility = over_horizon(&variance, &first, &interval)?;
    let ppb = &volatility.0 * int(1_000);
    let scaled = variance.mul_div_ceil(&first, &interval)?;
    lemma("covers scaled", &scaled.at_most(&(&ppb * &ppb)));
    check(
        "covers",
        &(&variance * &first).at_most(&(&ppb * &ppb * &interval)),
    );
    let longer = over_horizon(&variance, &second, &interval)?;
    check("monotone", &volatility.0.at_most(&longer.0));
    Ok(())
}
