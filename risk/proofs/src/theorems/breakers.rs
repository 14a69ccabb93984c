//! Circuit breaker: bands are exact, buckets hold, levels wait.

use crate::ranges::{amount, factor, ppm, price, span, time};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::breaker::{
    breached, bucket_capacity, may_step_down, robust_z, scaled_band, Horizon, LeakyBucket,
};
use caisson_risk::limits::{MAX_TIME_MS, PPM};
use caisson_risk::{Cash, Res};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "unbreached_price_is_in_every_band",
            bands,
            code(Op::Select, 0),
        ),
        theorem("scaled_band_stays_in_bounds", scaled, code(Op::Select, 1)),
        theorem(
            "leaky_bucket_holds_step",
            bucket_step,
            code(Op::DivFloor, 0),
        ),
        theorem("leaky_bucket_holds_2", bucket, code(Op::Add, 1)),
        theorem("bucket_capacity_has_a_floor", capacity, code(Op::Select, 0)),
        theorem(
            "robust_z_is_symmetric_and_monotone",
            z_score,
            code(Op::Sub, 0),
        ),
        theorem(
            "levels_wait_for_their_cool_down",
            cool_down,
            code(Op::Sub, 0),
        ),
    ]
}

/// If no horizon is breached the price is within each band; otherwise it is outside the named one.
fn bands() -> Res<()> {
    let horizons = ["0", "1"].map(|n| Horizon {
        reference: price(&format!("reference{n}")),
        band: ppm(&format!("band{n}")),
    });
    let at = price("price");
    let inside = |horizon: &Horizon<Term>| {
        let distance = (&at.0 - &horizon.reference.0).max_of(&(&horizon.reference.0 - &at.0));
        (distance * int(PPM)).at_most(&(&horizon.reference.0 * &horizon.band.0))
    };
    match breached(&horizons, &at)? {
        None => check(
            "inside all",
            &inside(&horizons[0]).and(&inside(&horizons[1])),
        ),
        Some(first) => check("outside", &inside(&horizons[first]).negated()),
    }
    Ok(())
}

/// A scaled band stays between its bounds and does not shrink when volatility grows.
fn scaled() -> Res<()> {
    let (band, usual) = (ppm("band"), factor("usual"));
    assume(&int(1).at_most(&usual.0));
    let (calm, wild) = (factor("calm"), factor("wild"));
    assume(&calm.0.at_most(&wild.0));
    let (narrow, wide) = (ppm("narrow"), ppm("wide"));
    assume(&narrow.0.at_most(&wide.0));
    let a = scaled_band(&band, &calm, &usual, &narrow, &wide)?;
    let b = scaled_band(&band, &wild, &usual, &narrow, &wide)?;
    check("bounds", &narrow.0.at_most(&a.0).and(&b.0.at_most(&wide.0)));
    check("monotone", &a.0.at_most(&b.0));
    let exact = &band.0 * &calm.0;
    check(
        "rounded down",
        &a.0.equals(&narrow.0).or(&(&a.0 * &usual.0).at_most(&exact)),
    );
    let full = exact.below(&((&a.0 + int(1)) * &usual.0));
    check("to the ppm", &a.0.equals(&wide.0).or(&full));
    Ok(())
}

/// Largest capacity for which the bound below is stated.
const MAX_CAPACITY: i128 = 1 << 100;

/// Induction step for any number of withdrawals: whatever went out so far is at most what drained
/// plus the level; the step keeps that, and the level never exceeds the capacity. So over any time at
/// most `capacity + capacity * time / window` goes out.
fn bucket_step() -> Res<()> {
    let (capacity, window) = (Cash(var("capacity", 0, MAX_CAPACITY)), span("window"));
    let bucket = LeakyBucket {
        level: Cash(var("level", 0, MAX_CAPACITY)),
        at_ms: time("then"),
    };
    let (out, start) = (var("out", 0, 1 << 115), time("start"));
    assume(
        &start
            .at_most(&bucket.at_ms)
            .and(&bucket.level.0.at_most(&capacity.0)),
    );
    // out <= level + capacity * (then - start) / window
    let drained = |at: &Term| &capacity.0 * (at - &start);
    assume(&(&out * &window).at_most(&(&bucket.level.0 * &window + drained(&bucket.at_ms))));
    let (amount, now) = (Cash(var("amount", 0, MAX_CAPACITY)), time("now"));
    assume(&bucket.at_ms.at_most(&now));
    if let Some(after) = bucket.take(&amount, &now, &capacity, &window)? {
        let out = &out + &amount.0;
        check(
            "range",
            &int(0)
                .at_most(&after.level.0)
                .and(&after.level.0.at_most(&capacity.0)),
        );
        let kept = &after.level.0 - &amount.0;
        let passed = &capacity.0 * (&now - &bucket.at_ms);
        lemma(
            "drain",
            &(&bucket.level.0 * &window).at_most(&(&kept * &window + &passed)),
        );
        check(
            "kept",
            &(&out * &window).at_most(&(&after.level.0 * &window + drained(&now))),
        );
        check(
            "bound",
            &(&out * &window).at_most(&(&capacity.0 * &window + drained(&now))),
        );
    }
    Ok(())
}

/// Two withdrawals through the real bucket: together at most the capacity plus what drained.
fn bucket() -> Res<()> {
    let (capacity, window) = (Cash(var("capacity", 0, MAX_CAPACITY)), span("window"));
    let start = LeakyBucket {
        level: Cash(int(0)),
        at_ms: int(0),
    };
    let amounts = ["a", "b"].map(|n| Cash(var(n, 0, MAX_CAPACITY)));
    let (first, second) = (time("first"), var("second", 0, MAX_TIME_MS));
    assume(&first.at_most(&second));
    let Some(bucket) = start.take(&amounts[0], &first, &capacity, &window)? else {
        check("refused alone", &capacity.0.below(&amounts[0].0));
        return Ok(());
    };
    if bucket
        .take(&amounts[1], &second, &capacity, &window)?
        .is_some()
    {
        let out = &amounts[0].0 + &amounts[1].0;
        let allowed = &capacity.0 * &window + &capacity.0 * (&second - &first);
        check("bound", &(out * &window).at_most(&allowed));
    }
    Ok(())
}

/// Capacity is at least its floor, and at least the rounded share.
fn capacity() -> Res<()> {
    let (least, share, locked) = (amount("least"), ppm("share"), amount("locked"));
    let value = bucket_capacity(&least, &share, &locked)?;
    check("floor", &least.0.at_most(&value.0));
    check(
        "share",
        &(&locked.0 * &share.0).below(&((&value.0 + int(1)) * int(PPM))),
    );
    check(
        "no more",
        &value
            .0
            .equals(&least.0)
            .or(&(&value.0 * int(PPM)).at_most(&(&locked.0 * &share.0))),
    );
    Ok(())
}

/// The score is not negative, the same on both sides, and grows with the distance.
fn z_score() -> Res<()> {
    let median = var("median", 0, 1 << 100);
    let (near, far) = (var("near", 0, 1 << 100), var("far", 0, 1 << 100));
    assume(&near.at_most(&far));
    let (mad, least) = (var("mad", 0, 1 << 100), var("least", 1, 1 << 100));
    let score = |value: Term| robust_z(&value, &median, &mad, &least);
    let (up, down) = (score(&median + &far)?, score(&median - &far)?);
    check("symmetric", &up.equals(&down));
    let (scale, distance) = (mad.max_of(&least), &far * int(674_490));
    check("rounded down", &(&up * &scale).at_most(&distance));
    check("exact", &distance.below(&((&up + int(1)) * &scale)));
    check("monotone", &score(&median + &near)?.at_most(&up));
    check("not negative", &int(0).at_most(&up));
    Ok(())
}

/// A level steps down only when clear and only after its time.
fn cool_down() -> Res<()> {
    let (raised, now, wait) = (time("raised"), time("now"), time("wait"));
    if may_step_down(true, &raised, &now, &wait)? {
        check("waited", &(&raised + &wait).at_most(&now));
    } else {
        check("still waiting", &now.below(&(&raised + &wait)));
    }
    if may_step_down(false, &raised, &now, &wait)? {
        check("never while it lasts", &crate::term::Cond::Known(false));
    }
    Ok(())
}
