//! The price is an honest one while dishonest stake is under half of what reported.

use crate::ranges::{factor, oracle_price, ppm, stake};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Cond, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::limits::{MAX_ORACLE_PRICE, MAX_STAKE, PPM};
use caisson_risk::oracle::{
    confidence, guarded_step, has_quorum, is_outlier, weight_cap, weighted_mad, weighted_median,
    weighted_quantile, Report, TWO_THIRDS,
};
use caisson_risk::{Ppm, Res};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "median_is_in_the_honest_range_5",
            honest,
            Mutant::Statement(half_honest),
        ),
        theorem(
            "median_is_in_the_honest_range_step",
            honest_step,
            Mutant::Statement(honest_step_wrong),
        ),
        theorem(
            "quorum_makes_the_honest_a_majority",
            quorum,
            Mutant::Statement(lower_quorum),
        ),
        theorem(
            "quantile_reaches_its_share_first",
            quantile,
            code(Op::Le, 8),
        ),
        theorem("mad_holds_half_of_the_stake", mad, code(Op::Add, 4)),
        theorem(
            "no_reporter_exceeds_the_weight_cap",
            capped,
            code(Op::DivFloor, 1),
        ),
        theorem(
            "guarded_step_is_bounded_and_flagged",
            guarded,
            code(Op::DivFloor, 0),
        ),
        theorem(
            "outliers_are_beyond_tolerance",
            outlier,
            code(Op::Select, 0),
        ),
        theorem("confidence_covers_dispersion", spread, code(Op::DivCeil, 0)),
    ]
}

fn reports<const COUNT: usize>() -> (Vec<Report<Term>>, Term) {
    let reports: Vec<_> = (0..COUNT)
        .map(|i| Report {
            price: oracle_price(&format!("p{i}")),
            weight: stake(&format!("w{i}")),
        })
        .collect();
    for pair in reports.windows(2) {
        let [first, second] = pair else { continue };
        assume(&first.price.at_most(&second.price));
    }
    let all = reports
        .iter()
        .fold(int(0), |sum, report| sum + &report.weight);
    assume(&int(1).at_most(&all).and(&all.at_most(&int(MAX_STAKE))));
    (reports, all)
}

fn sum_where(reports: &[Report<Term>], hold: impl Fn(usize, &Report<Term>) -> Cond) -> Term {
    reports.iter().enumerate().fold(int(0), |sum, (i, report)| {
        sum + Term::choose(&hold(i, report), &report.weight, &int(0))
    })
}

/// Five reporters, any subset of them honest, any stakes: if honest stake is more than half, some
/// honest price is at most the median and some at least.
fn honest() -> Res<()> {
    median_with(true)
}

fn half_honest() -> Res<()> {
    median_with(false)
}

fn median_with(majority: bool) -> Res<()> {
    let (reports, all) = reports::<5>();
    let honest: Vec<Cond> = (0..5)
        .map(|i| int(1).at_most(&var(&format!("honest{i}"), 0, 1)))
        .collect();
    let honest_stake = sum_where(&reports, |i, _| honest[i].clone());
    let twice = &honest_stake * int(2);
    assume(&if majority {
        all.below(&twice)
    } else {
        all.at_most(&twice)
    });
    let median = weighted_median(&reports)?;
    let some = |hold: &dyn Fn(&Term) -> Cond| {
        reports
            .iter()
            .zip(&honest)
            .fold(Cond::Known(false), |any, (report, honest)| {
                let staked = int(1).at_most(&report.weight);
                any.or(&honest.and(&staked).and(&hold(&report.price)))
            })
    };
    check(
        "an honest price at most",
        &some(&|price| price.at_most(&median)),
    );
    check(
        "an honest price at least",
        &some(&|price| median.at_most(price)),
    );
    Ok(())
}

/// For any number of reporters. By induction over the reports in price order, honest and dishonest
/// stake below a price sum to all stake below it (each report adds to exactly one). At the median,
/// less than half of all lies strictly below and at least half at or below it; so with an honest
/// majority some honest stake lies at or below, and not all of it strictly below.
fn honest_step() -> Res<()> {
    any_number(true)
}

fn honest_step_wrong() -> Res<()> {
    any_number(false)
}

fn any_number(majority: bool) -> Res<()> {
    let [honest, dishonest, weight] = ["honest", "dishonest", "weight"].map(stake);
    let mine = int(1).at_most(&var("is_honest", 0, 1));
    let grown = |sum: &Term, add: &Cond| sum + Term::choose(add, &weight, &int(0));
    let (more_honest, more_dishonest) = (grown(&honest, &mine), grown(&dishonest, &mine.negated()));
    check(
        "step",
        &(more_honest + more_dishonest).equals(&(&honest + &dishonest + &weight)),
    );

    let [below_h, below_d] = ["honest_below", "dishonest_below"].map(stake);
    let [upto_h, upto_d] = ["honest_upto", "dishonest_upto"].map(stake);
    let [all_h, all_d] = ["all_honest", "all_dishonest"].map(stake);
    assume(&below_h.at_most(&upto_h).and(&upto_h.at_most(&all_h)));
    assume(&below_d.at_most(&upto_d).and(&upto_d.at_most(&all_d)));
    let all = &all_h + &all_d;
    assume(&((&below_h + &below_d) * int(2)).below(&all));
    assume(&all.at_most(&((&upto_h + &upto_d) * int(2))));
    let twice = &all_h * int(2);
    assume(&if majority {
        all.below(&twice)
    } else {
        all.at_most(&twice)
    });
    check("some honest stake at or below", &int(1).at_most(&upto_h));
    check("some honest stake at or above", &below_h.below(&all_h));
    Ok(())
}

/// With a quorum of two thirds and less than a third of all stake dishonest, the honest are more than
/// half of what reported.
fn quorum() -> Res<()> {
    majority_at(TWO_THIRDS)
}

fn lower_quorum() -> Res<()> {
    majority_at(TWO_THIRDS - 2)
}

fn majority_at(share: i128) -> Res<()> {
    let (all, reported, dishonest) = (stake("all"), stake("reported"), stake("dishonest"));
    assume(&reported.at_most(&all).and(&dishonest.at_most(&reported)));
    assume(&(&dishonest * int(3)).below(&all));
    if has_quorum(&reported, &all, &Ppm(int(share)))? {
        check(
            "majority",
            &reported.below(&((&reported - &dishonest) * int(2))),
        );
    } else {
        check(
            "missing",
            &(&reported * int(PPM)).below(&(&all * int(share))),
        );
    }
    Ok(())
}

/// A quantile is the first price at which its share is reached: not reached strictly before it,
/// reached with it.
fn quantile() -> Res<()> {
    let (reports, all) = reports::<4>();
    for (numerator, denominator) in [(1, 4), (1, 2)] {
        let index = weighted_quantile(&reports, numerator, denominator)?;
        let before = reports[..index]
            .iter()
            .fold(int(0), |sum, report| sum + &report.weight);
        let upto = &before + &reports[index].weight;
        let needed = &all * int(numerator);
        check("not before", &(&before * int(denominator)).below(&needed));
        check("reached", &needed.at_most(&(&upto * int(denominator))));
    }
    Ok(())
}

/// At least half of the stake lies within the deviation of the median, less than half strictly within.
fn mad() -> Res<()> {
    let (reports, all) = reports::<3>();
    let median = weighted_median(&reports)?;
    let deviation = weighted_mad(&reports)?;
    let distance = |price: &Term| (price - &median).max_of(&(&median - price));
    let within = sum_where(&reports, |_, r| distance(&r.price).at_most(&deviation));
    let strictly = sum_where(&reports, |_, r| distance(&r.price).below(&deviation));
    check("not negative", &int(0).at_most(&deviation));
    check("half within", &all.at_most(&(within * int(2))));
    check("less strictly within", &(strictly * int(2)).below(&all));
    Ok(())
}

/// Three reporters and any cap: no capped weight exceeds the cap's share of the capped total.
fn capped() -> Res<()> {
    let weights = ["w0", "w1", "w2"].map(stake);
    assume(
        &weights[1]
            .at_most(&weights[0])
            .and(&weights[2].at_most(&weights[1])),
    );
    assume(&int(1).at_most(&weights[0]));
    let cap = ppm("cap");
    let Ok(level) = weight_cap(&weights, &cap) else {
        let too_few = (int(3) * &cap.0).below(&int(PPM));
        check(
            "refused only when too few",
            &too_few.or(&weights[2].equals(&int(0))),
        );
        return Ok(());
    };
    let total = weights
        .iter()
        .fold(int(0), |sum, weight| sum + weight.min_of(&level));
    check("not negative", &int(0).at_most(&level));
    check(
        "within cap",
        &(&level * int(PPM)).at_most(&(&total * &cap.0)),
    );
    Ok(())
}

/// The guarded price is within the step of the old one, unchanged and unflagged if it already was,
/// and positive.
fn guarded() -> Res<()> {
    let (old, new) = (oracle_price("old"), oracle_price("new"));
    let step = Ppm(var("step", 0, 999_999));
    let (value, flagged) = guarded_step(&old, &new, &step)?;
    let moved = (&value - &old).max_of(&(&old - &value));
    check("bounded", &(&moved * int(PPM)).at_most(&(&old * &step.0)));
    check("positive", &int(1).at_most(&value));
    let same = value.equals(&new);
    let gap = (&new - &old).max_of(&(&old - &new)) * int(PPM);
    check(
        "unchanged within the step",
        &gap.at_most(&(&old * &step.0)).implies(&same),
    );
    check("flag", &if flagged { same.negated() } else { same });
    Ok(())
}

/// A report is an outlier only beyond the tolerance, and one within the confidence never is for
/// `k >= 1`.
fn outlier() -> Res<()> {
    let (price, aggregate) = (oracle_price("price"), oracle_price("aggregate"));
    let (confidence, least) = (
        var("confidence", 0, MAX_ORACLE_PRICE),
        var("least", 0, MAX_ORACLE_PRICE),
    );
    let k = factor("k");
    assume(&int(PPM).at_most(&k.0));
    let distance = (&price - &aggregate).max_of(&(&aggregate - &price));
    let out = is_outlier(&price, &aggregate, &confidence, &least, &k)?;
    let allowed = confidence.max_of(&least) * &k.0;
    if out {
        check("beyond", &allowed.below(&(&distance * int(PPM))));
        check("beyond confidence", &confidence.below(&distance));
        check("beyond the least", &least.below(&distance));
    } else {
        check("tolerated", &(&distance * int(PPM)).at_most(&allowed));
    }
    Ok(())
}

/// Confidence is at least what the reporters say and at least 1.4826 deviations.
fn spread() -> Res<()> {
    let (reported, mad) = (
        var("reported", 0, MAX_ORACLE_PRICE),
        var("mad", 0, MAX_ORACLE_PRICE),
    );
    let value = confidence(&reported, &mad)?;
    check("reported", &reported.at_most(&value));
    lemma(
        "deviation",
        &(&mad * int(14_826)).at_most(&(&value * int(10_000))),
    );
    Ok(())
}
