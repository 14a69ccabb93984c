//! Nobody unsafe is ever missed.

use crate::ranges::{cash, funding_index, per_lot, price, size};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::triggers::{
    arm, coordinate, position_base, risk_total, safe_until, slack, still_sound, trigger,
    trigger_watching_others, Leg,
};
use caisson_risk::{Cash, Coordinate, Lots, Num, Res, Side};

/// Beyond any coordinate: marks and margins under 2^60, funding index up to 2^62.
const MAX_COORDINATE: i128 = 1 << 63;

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "slack_is_equity_minus_maintenance",
            slack_meaning,
            code(Op::Sub, 0),
        ),
        theorem(
            "trigger_completeness_1",
            completeness::<1>,
            code(Op::DivFloor, 0),
        ),
        theorem(
            "trigger_completeness_2",
            completeness::<2>,
            code(Op::DivFloor, 1),
        ),
        theorem(
            "trigger_completeness_3",
            completeness::<3>,
            code(Op::DivFloor, 2),
        ),
        theorem(
            "trigger_completeness_4",
            completeness::<4>,
            code(Op::DivFloor, 0),
        ),
        theorem("trigger_completeness_step", step, code(Op::DivFloor, 0)),
        theorem(
            "trigger_completeness_end",
            end,
            Mutant::Statement(end_unfinished),
        ),
        theorem("single_trigger_is_exact", exact, code(Op::Sub, 0)),
        theorem("safe_until_is_exact", until, code(Op::DivFloor, 0)),
        theorem("watched_trigger_is_sound", watched, code(Op::Sub, 0)),
        theorem("kept_triggers_are_sound", kept, code(Op::Select, 1)),
    ]
}

fn leg(number: usize) -> Leg<Term> {
    Leg {
        size: size(&format!("size{number}")),
        coordinate: any_coordinate(&format!("c{number}")),
        risk_per_lot: price(&format!("risk{number}")),
    }
}

fn any_coordinate(name: &str) -> Coordinate<Term> {
    Coordinate(var(name, -MAX_COORDINATE, MAX_COORDINATE))
}

/// The same legs somewhere else.
fn moved(legs: &[Leg<Term>]) -> Vec<Leg<Term>> {
    legs.iter()
        .enumerate()
        .map(|(i, leg)| Leg {
            coordinate: any_coordinate(&format!("later{i}")),
            ..leg.clone()
        })
        .collect()
}

/// For a long and a short in two markets: slack computed from base and coordinates is equity (by
/// collateral, cost, mark and accrued funding) minus maintenance margin, exactly.
fn slack_meaning() -> Res<()> {
    let collateral = cash("collateral");
    let mut base = collateral.clone();
    let mut meaning = collateral.0.clone();
    let mut legs = Vec::new();
    for (i, side) in [Side::Long, Side::Short].into_iter().enumerate() {
        let name = |what: &str| format!("{what}{i}");
        let held = size(&name("size"));
        let signed = Lots(side.signed(&held.0)?);
        let (mark, margin) = (price(&name("mark")), per_lot(&name("margin")));
        let (now, then) = (funding_index(&name("now")), funding_index(&name("then")));
        let cost = Cash(var(&name("cost"), -(1 << 110), 1 << 110));
        base = base.add(&position_base(&signed, &cost, &then)?)?;
        let value = &signed.0 * &mark.0 - &cost.0 - &signed.0 * (&now.0 - &then.0);
        meaning = meaning + value - &held.0 * &margin.0;
        legs.push(Leg {
            size: held,
            coordinate: coordinate(side, &mark, &margin, &now)?,
            risk_per_lot: margin,
        });
    }
    check(
        "slack == equity - maintenance",
        &slack(&base, &legs)?.0.equals(&meaning),
    );
    Ok(())
}

/// While no coordinate is below its trigger, slack is at least zero.
fn completeness<const POSITIONS: usize>() -> Res<()> {
    let base = cash("base");
    let legs: Vec<Leg<Term>> = (0..POSITIONS).map(leg).collect();
    let before = slack(&base, &legs)?;
    assume(&int(0).at_most(&before.0));
    let mut triggers = vec![Coordinate(int(0)); POSITIONS];
    arm(&legs, &before, &mut triggers)?;

    let later = moved(&legs);
    for (leg, trigger) in later.iter().zip(&triggers) {
        assume(&trigger.0.at_most(&leg.coordinate.0));
    }
    let mut allocated = int(0);
    for (leg, trigger) in legs.iter().zip(&triggers) {
        allocated = allocated + &leg.size.0 * (&leg.coordinate.0 - &trigger.0);
    }
    let total = risk_total(&legs)?;
    lemma(
        "allocated x risk <= slack x risk",
        &(&allocated * &total.0).at_most(&(&before.0 * &total.0)),
    );
    lemma("allocated <= slack", &allocated.at_most(&before.0));
    for ((leg, trigger), after) in legs.iter().zip(&triggers).zip(&later) {
        let loss = &leg.size.0 * (&leg.coordinate.0 - &after.coordinate.0);
        let share = &leg.size.0 * (&leg.coordinate.0 - &trigger.0);
        lemma("loss within share", &loss.at_most(&share));
    }
    check("slack >= 0", &int(0).at_most(&slack(&base, &later)?.0));
    Ok(())
}

/// Induction step for any number of positions: if what the first k triggers may lose, times the total
/// risk, is at most slack times the risk of those k, the same holds for k + 1. And a coordinate at or
/// above its trigger loses no more than that trigger's part.
fn step() -> Res<()> {
    let leg = leg(0);
    let slack = Cash(var("slack", 0, 1 << 116));
    let (allocated, risk_so_far) = (
        var("allocated", 0, 1 << 116),
        var("risk_so_far", 0, 1 << 113),
    );
    let total = Cash(var("total", 1, 1 << 113));
    let risk = &leg.size.0 * &leg.risk_per_lot.0;
    assume(&(&risk_so_far + &risk).at_most(&total.0));
    assume(&(&allocated * &total.0).at_most(&(&slack.0 * &risk_so_far)));

    let trigger = trigger(&leg, &slack, &total)?;
    let drop = &leg.coordinate.0 - &trigger.0;
    check("drop >= 0", &int(0).at_most(&drop));
    lemma(
        "drop x total <= slack x risk per lot",
        &(&drop * &total.0).at_most(&(&slack.0 * &leg.risk_per_lot.0)),
    );
    let part = &leg.size.0 * &drop;
    lemma(
        "part x total <= slack x risk",
        &(&part * &total.0).at_most(&(&slack.0 * &risk)),
    );
    let allocated = &allocated + &part;
    let risk_so_far = &risk_so_far + &risk;
    check(
        "allocated x total <= slack x risk so far",
        &(&allocated * &total.0).at_most(&(&slack.0 * &risk_so_far)),
    );

    let later = any_coordinate("later");
    assume(&trigger.0.at_most(&later.0));
    check(
        "loss within part",
        &(&leg.size.0 * (&leg.coordinate.0 - &later.0)).at_most(&part),
    );
    Ok(())
}

/// Induction end: once all risk is counted, what the triggers may lose is at most the slack, and
/// slack minus the losses is not below zero.
fn end() -> Res<()> {
    let total = var("total", 1, 1 << 113);
    conclude(&total, &total)
}

fn end_unfinished() -> Res<()> {
    let (total, risk_so_far) = (var("total", 1, 1 << 113), var("risk_so_far", 0, 1 << 114));
    conclude(&total, &risk_so_far)
}

fn conclude(total: &Term, risk_so_far: &Term) -> Res<()> {
    let slack = var("slack", 0, 1 << 116);
    let (allocated, lost) = (
        var("allocated", 0, 1 << 117),
        var("lost", -(1 << 117), 1 << 117),
    );
    assume(&(&allocated * total).at_most(&(&slack * risk_so_far)));
    assume(&lost.at_most(&allocated));
    check("allocated <= slack", &allocated.at_most(&slack));
    check("slack - lost >= 0", &int(0).at_most(&slack.sub(&lost)?));
    Ok(())
}

/// With one position the trigger is not only safe but exact: at it slack is at least zero, one quantum
/// per lot below it slack is negative.
fn exact() -> Res<()> {
    let leg = leg(0);
    let slack = Cash(var("slack", 0, 1 << 115));
    let mut triggers = [Coordinate(int(0))];
    arm(std::slice::from_ref(&leg), &slack, &mut triggers)?;
    let at = |coordinate: &Term| &slack.0 + &leg.size.0 * (coordinate - &leg.coordinate.0);
    let drop = &leg.coordinate.0 - &triggers[0].0;
    let risk = &leg.risk_per_lot.0;
    lemma(
        "cancels: size x drop x risk <= slack x risk",
        &(&leg.size.0 * &drop * risk).at_most(&(&slack.0 * risk)),
    );
    lemma(
        "size x drop <= slack",
        &(&leg.size.0 * &drop).at_most(&slack.0),
    );
    lemma(
        "slack x risk < size x (drop + 1) x risk",
        &(&slack.0 * risk).below(&(&leg.size.0 * (&drop + int(1)) * risk)),
    );
    lemma(
        "slack < size x (drop + 1)",
        &slack.0.below(&(&leg.size.0 * (&drop + int(1)))),
    );
    check("safe at the trigger", &int(0).at_most(&at(&triggers[0].0)));
    check(
        "unsafe just below",
        &at(&(&triggers[0].0 - int(1))).below(&int(0)),
    );
    Ok(())
}

/// `safe_until` is the least safe coordinate while the others stand still, for slack of either sign.
fn until() -> Res<()> {
    let leg = leg(0);
    let slack = cash("slack");
    let limit = safe_until(&leg, &slack)?;
    let at = |coordinate: &Term| &slack.0 + &leg.size.0 * (coordinate - &leg.coordinate.0);
    check("safe at it", &int(0).at_most(&at(&limit.0)));
    check(
        "unsafe just below",
        &at(&(&limit.0 - int(1))).below(&int(0)),
    );
    Ok(())
}

/// Re-armed on one leg with the others watched: while that leg is at or above its trigger and the
/// others together lose no more than the allowance, slack is at least zero.
fn watched() -> Res<()> {
    let legs = [leg(0), leg(1), leg(2)];
    let base = cash("base");
    let before = slack(&base, &legs)?;
    let allowance = Cash(var("allowance", 0, 1 << 116));
    assume(&allowance.0.at_most(&before.0));
    let trigger = trigger_watching_others(&legs[0], &before, &allowance)?;
    let later = moved(&legs);
    assume(&trigger.0.at_most(&later[0].coordinate.0));
    let lost = |i: usize| &legs[i].size.0 * (&legs[i].coordinate.0 - &later[i].coordinate.0);
    assume(&(lost(1) + lost(2)).at_most(&allowance.0));
    lemma("own loss", &lost(0).at_most(&(&before.0 - &allowance.0)));
    check("slack >= 0", &int(0).at_most(&slack(&base, &later)?.0));
    Ok(())
}

/// Whatever the stored triggers, if `still_sound` accepts them for the account as it is now, slack
/// stays at least zero while no coordinate is below its trigger.
fn kept() -> Res<()> {
    let legs = [leg(0), leg(1)];
    let base = cash("base");
    let before = slack(&base, &legs)?;
    let triggers = [any_coordinate("trigger0"), any_coordinate("trigger1")];
    if !still_sound(&legs, &triggers, &before)? {
        return Ok(());
    }
    let later = moved(&legs);
    for (i, trigger) in triggers.iter().enumerate() {
        assume(&trigger.0.at_most(&later[i].coordinate.0));
    }
    check("slack >= 0", &int(0).at_most(&slack(&base, &later)?.0));
    Ok(())
}
