//! Losses are shared exactly, within what each can bear, and always covered.

use crate::ranges::{amount, cash, lots, per_lot, ppm, price, size, size_or_none};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Cond, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::apportion::Apportionment;
use caisson_risk::limits::{MAX_CASH, PPM};
use caisson_risk::margin::unrealised;
use caisson_risk::waterfall::{
    absorb, capacity_lots, haircut, haircut_weight, settlement, takes_over, water_fill, Capacity,
    Claim,
};
use caisson_risk::{Cash, Lots, Res};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem("apportionment_step", step, code(Op::DivFloor, 0)),
        theorem(
            "apportionment_is_complete",
            complete,
            Mutant::Statement(incomplete),
        ),
        theorem(
            "haircut_is_exact_and_spares_the_healthy",
            haircuts,
            code(Op::Select, 0),
        ),
        theorem(
            "settlement_pays_within_profits",
            settled,
            code(Op::Select, 0),
        ),
        theorem("water_filling_2", filling::<2>, code(Op::Sub, 0)),
        theorem("water_filling_3", filling::<3>, code(Op::Sub, 0)),
        theorem("water_filling_common_level", level, code(Op::Sub, 0)),
        theorem(
            "deleveraging_at_mark_moves_no_equity",
            at_mark,
            Mutant::Statement(off_mark),
        ),
        theorem("layers_pay_exactly", layers, code(Op::Select, 0)),
        theorem(
            "fund_stays_within_capacity",
            capacity,
            code(Op::DivFloor, 0),
        ),
        theorem("take_over_is_justified", take_over, code(Op::Le, 0)),
        theorem(
            "waterfall_is_feasible_4",
            feasible,
            Mutant::Statement(infeasible),
        ),
        theorem(
            "waterfall_is_feasible_step",
            feasible_step,
            Mutant::Statement(feasible_step_wrong),
        ),
    ]
}

/// A division after any number of claims: the shares given are the rounded part due.
fn under_way() -> Apportionment<Term> {
    let (total, weights) = (var("total", 0, MAX_CASH), var("weights", 1, MAX_CASH));
    assume(&total.at_most(&weights));
    let (seen, given) = (var("seen", 0, MAX_CASH), var("given", 0, MAX_CASH));
    assume(&seen.at_most(&weights));
    assume(&invariant(&total, &weights, &seen, &given));
    Apportionment {
        total,
        weight_total: weights,
        weight_seen: seen,
        given,
    }
}

/// `given == floor(total * seen / weights)`, without dividing.
fn invariant(total: &Term, weights: &Term, seen: &Term, given: &Term) -> Cond {
    let due = total * seen;
    (given * weights)
        .at_most(&due)
        .and(&due.below(&((given + int(1)) * weights)))
}

/// Induction step for any number of claims: the invariant is kept, and the share is not negative,
/// within its weight, and within one unit of the exact proportion.
fn step() -> Res<()> {
    let mut division = under_way();
    let before = division.clone();
    let weight = var("weight", 0, MAX_CASH);
    assume(&(&before.weight_seen + &weight).at_most(&before.weight_total));
    let share = division.next(&weight)?;
    let (total, weights) = (&before.total, &before.weight_total);
    check(
        "invariant",
        &invariant(total, weights, &division.weight_seen, &division.given),
    );
    let exact = total * &weight;
    lemma(
        "share x weights",
        &((&share - int(1)) * weights).below(&exact),
    );
    lemma("exact within", &exact.at_most(&(&weight * weights)));
    check(
        "within one below",
        &exact.below(&((&share + int(1)) * weights)),
    );
    check("within weight", &share.at_most(&weight));
    check("not negative", &int(0).at_most(&share));
    check("adds up", &division.given.equals(&(&before.given + &share)));
    Ok(())
}

/// Once every claim is served, exactly the total has been given.
fn complete() -> Res<()> {
    finished(true)
}

fn incomplete() -> Res<()> {
    finished(false)
}

fn finished(all_served: bool) -> Res<()> {
    let mut division = under_way();
    let last = var("last", 0, MAX_CASH);
    let seen = &division.weight_seen + &last;
    assume(&seen.at_most(&division.weight_total));
    if all_served {
        assume(&seen.equals(&division.weight_total));
    }
    division.next(&last)?;
    check("exactly the total", &division.given.equals(&division.total));
    Ok(())
}

/// Three accounts: haircuts sum to what the weights can cover of the deficit, each takes profit only,
/// and leaves a healthy account healthy and a solvent one solvent.
fn haircuts() -> Res<()> {
    let names = ["0", "1", "2"];
    let accounts = names.map(|n| {
        (
            cash(&format!("profit{n}")),
            cash(&format!("equity{n}")),
            amount(&format!("maintenance{n}")),
        )
    });
    let mut weights = Vec::new();
    let mut total = Cash(int(0));
    for (profit, equity, maintenance) in &accounts {
        let weight = haircut_weight(profit, equity, maintenance)?;
        total = total.add(&weight)?;
        weights.push(weight);
    }
    assume(&int(1).at_most(&total.0));
    let deficit = amount("deficit");
    let (mut division, left) = haircut(&deficit, &total)?;
    check(
        "rest",
        &left.0.equals(&(&deficit.0 - &total.0).max_of(&int(0))),
    );
    let covered = division.total.clone();
    lemma("covered", &covered.at_most(&total.0));
    let mut sum = int(0);
    for ((profit, equity, maintenance), weight) in accounts.iter().zip(&weights) {
        let cut = division.next(&weight.0)?;
        lemma(
            "within weight",
            &int(0).at_most(&cut).and(&cut.at_most(&weight.0)),
        );
        check("profit only", &cut.at_most(&profit.0.max_of(&int(0))));
        let healthy = maintenance.0.at_most(&equity.0);
        check(
            "stays healthy",
            &healthy.implies(&maintenance.0.at_most(&(&equity.0 - &cut))),
        );
        check("sick untouched", &healthy.or(&cut.equals(&int(0))));
        sum = sum + cut;
    }
    check("sum", &sum.equals(&deficit.0.min_of(&total.0)));
    Ok(())
}

/// Settlement pays two profits at most what they are, and together exactly what is available.
fn settled() -> Res<()> {
    let profits = [amount("p0"), amount("p1")];
    let total = Cash(&profits[0].0 + &profits[1].0);
    assume(&int(1).at_most(&total.0));
    let available = cash("available");
    let mut division = settlement(&available, &total)?;
    let mut sum = int(0);
    for profit in &profits {
        let paid = division.next(&profit.0)?;
        check(
            "within profit",
            &int(0).at_most(&paid).and(&paid.at_most(&profit.0)),
        );
        sum = sum + paid;
    }
    check(
        "sum",
        &sum.equals(&available.0.min_of(&total.0).max_of(&int(0))),
    );
    Ok(())
}

fn claims<const COUNT: usize>() -> Vec<Claim<Term>> {
    (0..COUNT)
        .map(|i| Claim {
            lots: size(&format!("lots{i}")),
            equity: Cash(var(&format!("equity{i}"), 1, MAX_CASH)),
            reduction: Lots(int(0)),
        })
        .collect()
}

/// Reductions sum to the quantity exactly, none is negative or larger than its position.
fn filling<const COUNT: usize>() -> Res<()> {
    let mut claims = claims::<COUNT>();
    let mut all = int(0);
    for pair in claims.windows(2) {
        let [first, second] = pair else { continue };
        assume(&(&second.lots.0 * &first.equity.0).at_most(&(&first.lots.0 * &second.equity.0)));
    }
    for claim in &claims {
        all = all + &claim.lots.0;
    }
    let quantity = size_or_none("quantity");
    assume(&quantity.0.at_most(&all));
    water_fill(&mut claims, &quantity)?;
    level_is_below_all(&claims, &quantity.0);
    let sum = claims
        .iter()
        .fold(int(0), |sum, claim| sum + &claim.reduction.0);
    check("sum", &sum.equals(&quantity.0));
    for claim in &claims {
        check("not negative", &int(0).at_most(&claim.reduction.0));
        check("never flips", &claim.reduction.0.at_most(&claim.lots.0));
    }
    Ok(())
}

/// Steps on the way: the common level is at most the leverage of every claim that is reduced. First
/// of the least leveraged of them, then, through it, of the others.
fn level_is_below_all(claims: &[Claim<Term>], quantity: &Term) {
    // Claims past the level keep the literal zero the code gave them.
    let reduced: Vec<_> = claims
        .iter()
        .filter(|claim| matches!(claim.reduction.0, Term::Named(_)))
        .collect();
    let Some((last, others)) = reduced.split_last() else {
        return;
    };
    let sum = |part: fn(&Claim<Term>) -> &Term| {
        reduced.iter().fold(int(0), |sum, claim| sum + part(claim))
    };
    let (kept, equity) = (sum(|c| &c.lots.0) - quantity, sum(|c| &c.equity.0));
    let at_most_one_over = |claim: &Claim<Term>| {
        let keeps = &claim.lots.0 - &claim.reduction.0;
        let over = ((keeps - int(1)) * &equity).below(&(&kept * &claim.equity.0));
        lemma("within one lot", &over);
        lemma("reduced", &int(0).at_most(&claim.reduction.0));
    };
    lemma(
        "below the last",
        &(&kept * &last.equity.0).at_most(&(&last.lots.0 * &equity)),
    );
    at_most_one_over(last);
    for (i, claim) in others.iter().enumerate() {
        // Leverage descends through the neighbour, so also between any two.
        if let Some(next) = others.get(i + 1) {
            let through = &next.equity.0;
            let lower = &last.lots.0 * &claim.equity.0;
            let upper = &claim.lots.0 * &last.equity.0;
            lemma(
                "to the neighbour",
                &(&lower * through).at_most(&(&next.lots.0 * &claim.equity.0 * &last.equity.0)),
            );
            lemma(
                "from the neighbour",
                &(&next.lots.0 * &claim.equity.0 * &last.equity.0).at_most(&(&upper * through)),
            );
            lemma("transitive", &lower.at_most(&upper));
        }
        let middle = &last.lots.0 * &claim.equity.0 * &equity;
        lemma(
            "level to last",
            &(&kept * &last.equity.0 * &claim.equity.0).at_most(&middle),
        );
        lemma(
            "last to claim",
            &middle.at_most(&(&claim.lots.0 * &last.equity.0 * &equity)),
        );
        lemma(
            "below",
            &(&kept * &claim.equity.0).at_most(&(&claim.lots.0 * &equity)),
        );
        at_most_one_over(claim);
    }
}

/// Two claims: those reduced end within one lot of one common leverage, which is at least that of
/// those untouched; the more leveraged is never reduced less in leverage.
fn level() -> Res<()> {
    let mut claims = claims::<2>();
    let leverage = (&claims[1].lots.0 * &claims[0].equity.0)
        .at_most(&(&claims[0].lots.0 * &claims[1].equity.0));
    assume(&leverage);
    let all = &claims[0].lots.0 + &claims[1].lots.0;
    let quantity = size("quantity");
    assume(&quantity.0.at_most(&all));
    water_fill(&mut claims, &quantity)?;
    let [first, second] = &claims[..] else {
        return Ok(());
    };
    let left = |claim: &Claim<Term>| &claim.lots.0 - &claim.reduction.0;
    // (left of x - 1) / equity of x <= (left of y + 1) / equity of y
    let not_above = |x: &Claim<Term>, y: &Claim<Term>| {
        ((left(x) - int(1)) * &y.equity.0).at_most(&((left(y) + int(1)) * &x.equity.0))
    };
    let reduced = |claim: &Claim<Term>| int(1).at_most(&claim.reduction.0);
    check(
        "nobody above the reduced",
        &reduced(first).implies(&not_above(second, first)),
    );
    check(
        "one level",
        &reduced(second).implies(&not_above(first, second)),
    );
    Ok(())
}

/// Closing any part of a position against the fund at mark leaves both equities unchanged.
fn at_mark() -> Res<()> {
    closing_at(true)
}

fn off_mark() -> Res<()> {
    closing_at(false)
}

fn closing_at(mark_price: bool) -> Res<()> {
    let mark = price("mark");
    let at = if mark_price {
        mark.clone()
    } else {
        price("at")
    };
    let held = lots("lots");
    let closed = lots("closed");
    let cost = Cash(var("cost", -(1 << 110), 1 << 110));
    let before = unrealised(&held, &mark, &cost, &Cash::zero())?;
    let after_cost = cost.sub(&at.times(&closed)?)?;
    let after = unrealised(&held.sub(&closed)?, &mark, &after_cost, &Cash::zero())?;
    check("same equity", &after.0.equals(&before.0));
    Ok(())
}

/// Three layers: what they pay and what is left sum to the loss, none pays more than it has or may.
fn layers() -> Res<()> {
    let loss = amount("loss");
    let mut left = loss.clone();
    let mut paid = int(0);
    for i in 0..3 {
        let (available, cap) = (cash(&format!("available{i}")), amount(&format!("cap{i}")));
        let (part, rest) = absorb(&left, &available, &cap)?;
        check(
            "not negative",
            &int(0).at_most(&part.0).and(&int(0).at_most(&rest.0)),
        );
        check(
            "within layer",
            &part
                .0
                .at_most(&available.0.max_of(&int(0)))
                .and(&part.0.at_most(&cap.0)),
        );
        let used_up = part
            .0
            .equals(&available.0.max_of(&int(0)))
            .or(&part.0.equals(&cap.0));
        check("pays all it can", &rest.0.equals(&int(0)).or(&used_up));
        paid = paid + part.0;
        left = rest;
    }
    check("exact", &(paid + left.0).equals(&loss.0));
    Ok(())
}

/// After taking the allowed lots the fund is within its notional limit (or took none), and what they
/// may lose is within its drawdown limit (or it took none).
fn capacity() -> Res<()> {
    let (size, mark) = (size("size"), price("mark"));
    let stress = per_lot("stress");
    assume(&int(1).at_most(&stress.0));
    let room = Capacity {
        max_notional: amount("max"),
        held_notional: amount("held"),
        drawdown_left: cash("drawdown"),
    };
    let taken = capacity_lots(&size, &mark, &stress, &room)?;
    let none = taken.0.equals(&int(0));
    check(
        "range",
        &int(0).at_most(&taken.0).and(&taken.0.at_most(&size.0)),
    );
    let notional = &room.held_notional.0 + &taken.0 * &mark.0;
    check(
        "notional",
        &none.or(&notional.at_most(&room.max_notional.0)),
    );
    check(
        "drawdown",
        &none.or(&(&taken.0 * &stress.0).at_most(&room.drawdown_left.0)),
    );
    Ok(())
}

/// The fund takes an account over only below the stated share of maintenance or after the last
/// attempt, and always when bankrupt.
fn take_over() -> Res<()> {
    let (equity, maintenance, share) = (cash("equity"), amount("maintenance"), ppm("share"));
    let (attempts, last) = (var("attempts", 0, 1_000), var("last", 1, 1_000));
    let used_up = last.at_most(&attempts);
    let thin = (&equity.0 * int(PPM)).below(&(&maintenance.0 * &share.0));
    if takes_over(&equity, &maintenance, &share, &attempts, &last)? {
        check("justified", &used_up.or(&thin));
    } else {
        check("not thin", &thin.negated());
        check("solvent", &int(0).at_most(&equity.0));
        check("attempts left", &used_up.negated());
    }
    Ok(())
}

/// If the books balance and custody covers the fund and fees, deficits never exceed positive equity:
/// four accounts.
fn feasible() -> Res<()> {
    books(true)
}

fn infeasible() -> Res<()> {
    books(false)
}

fn books(balanced: bool) -> Res<()> {
    let equities = ["e0", "e1", "e2", "e3"].map(cash);
    let (fund, custody) = (amount("fund_and_fees"), amount("custody"));
    let sum = equities.iter().fold(int(0), |sum, equity| sum + &equity.0);
    if balanced {
        assume(&(&sum + &fund.0).equals(&custody.0));
    }
    assume(&fund.0.at_most(&custody.0));
    let (mut positive, mut deficit) = (Cash(int(0)), Cash(int(0)));
    for equity in &equities {
        positive = positive.add(&equity.positive_part())?;
        deficit = deficit.add(&equity.neg()?.positive_part())?;
    }
    check("feasible", &deficit.0.at_most(&positive.0));
    Ok(())
}

/// Induction step for any number of accounts: positive equity minus deficits is the sum of equities.
fn feasible_step() -> Res<()> {
    grow(true)
}

fn feasible_step_wrong() -> Res<()> {
    grow(false)
}

fn grow(counts_deficit: bool) -> Res<()> {
    let [positive, deficit, sum] =
        ["positive", "deficit", "sum"].map(|n| var(n, -(1 << 126), 1 << 126));
    assume(&(&positive - &deficit).equals(&sum));
    let equity = cash("equity");
    let owed = if counts_deficit {
        equity.neg()?.positive_part().0
    } else {
        int(0)
    };
    let (positive, deficit) = (&positive + &equity.positive_part().0, &deficit + &owed);
    check("sum", &(positive - deficit).equals(&(&sum + &equity.0)));
    Ok(())
}
