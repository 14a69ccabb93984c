//! Liquidation restores, closes the least, and never takes more than there is.

use crate::ranges::{amount, cash, per_lot, ppm, price, size};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::limits::{MAX_LOTS, PPM};
use caisson_risk::liquidation::{
    attributed_equity, bankruptcy_price, equity_after, fillable_price, partial_size, penalty,
    slice, tiered_partial_size, urgency, Close, SliceLimits,
};
use caisson_risk::margin::Tier;
use caisson_risk::{Cash, LotPrice, Lots, Res, Side};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "partial_close_restores_and_is_minimal",
            partial,
            code(Op::DivCeil, 0),
        ),
        theorem(
            "partial_close_of_all_is_needed",
            all_needed,
            Mutant::Statement(all_not_needed),
        ),
        theorem(
            "partial_close_in_cross_margin_restores",
            cross,
            code(Op::DivCeil, 0),
        ),
        theorem(
            "tiered_close_restores",
            tiered_restores,
            code(Op::DivCeil, 0),
        ),
        theorem("tiered_close_is_minimal", tiered_minimal, code(Op::Le, 2)),
        theorem(
            "close_never_worsens_slack",
            never_worse,
            Mutant::Statement(can_worsen),
        ),
        theorem(
            "bankruptcy_price_leaves_under_a_lot",
            bankruptcy,
            code(Op::DivFloor, 0),
        ),
        theorem(
            "attributed_equity_never_exceeds",
            attributed,
            code(Op::DivFloor, 0),
        ),
        theorem("fillable_price_is_between", fillable, code(Op::DivFloor, 1)),
        theorem("urgency_grows_and_is_bounded", urgent, code(Op::Select, 2)),
        theorem("penalty_never_bankrupts", penalised, code(Op::Select, 1)),
        theorem("slice_stays_in_its_limits", sliced, code(Op::Select, 4)),
    ]
}

/// After the close the target holds, with one lot fewer it does not, and no close happens when the
/// target already holds.
fn partial() -> Res<()> {
    let equity = cash("equity");
    let size = size("size");
    let (target, loss) = (per_lot("target"), per_lot("loss"));
    let requirement = target.times(&size)?;
    let slack = equity.sub(&requirement)?;
    let after = |x: &Term| &equity.0 - x * &loss.0 - (&size.0 - x) * &target.0;
    match partial_size(&slack, &size, &target, &loss)? {
        Close::Nothing => check("target held", &int(0).at_most(&after(&int(0)))),
        Close::Part(x) => {
            check("a part", &int(1).at_most(&x.0).and(&x.0.below(&size.0)));
            check("restored", &int(0).at_most(&after(&x.0)));
            check("minimal", &after(&(&x.0 - int(1))).below(&int(0)));
            let left = equity_after(&equity, &x, &loss)?;
            check("equity", &left.0.equals(&(&equity.0 - &x.0 * &loss.0)));
        }
        Close::All => {}
    }
    Ok(())
}

fn close_all(y_high: i128) -> Res<()> {
    let equity = cash("equity");
    let size = size("size");
    let (target, loss) = (per_lot("target"), per_lot("loss"));
    let slack = equity.sub(&target.times(&size)?)?;
    if let Close::All = partial_size(&slack, &size, &target, &loss)? {
        let fewer = var("fewer", 0, y_high);
        assume(&fewer.at_most(&(&size.0 - int(if y_high == MAX_LOTS { 1 } else { 0 }))));
        let after = &equity.0 - &fewer * &loss.0 - (&size.0 - &fewer) * &target.0;
        check("not restored", &after.below(&int(0)));
    }
    Ok(())
}

/// The whole position is closed only if no smaller close restores the target.
fn all_needed() -> Res<()> {
    close_all(MAX_LOTS)
}

/// Wrong: as if closing everything never restored either.
fn all_not_needed() -> Res<()> {
    close_all(MAX_LOTS + 1)
}

/// Two positions: closing the computed part of the first restores the whole account's target.
fn cross() -> Res<()> {
    let equity = cash("equity");
    let sizes = [size("size0"), size("size1")];
    let targets = [per_lot("target0"), per_lot("target1")];
    let loss = per_lot("loss");
    let slack = equity
        .sub(&targets[0].times(&sizes[0])?)?
        .sub(&targets[1].times(&sizes[1])?)?;
    if let Close::Part(x) = partial_size(&slack, &sizes[0], &targets[0], &loss)? {
        let requirement = (&sizes[0].0 - &x.0) * &targets[0].0 + &sizes[1].0 * &targets[1].0;
        check(
            "restored",
            &requirement.at_most(&(&equity.0 - &x.0 * &loss.0)),
        );
    }
    Ok(())
}

struct Tiered {
    equity: Cash<Term>,
    size: Lots<Term>,
    tiers: [Tier<Term>; 2],
    loss: LotPrice<Term>,
}

impl Tiered {
    fn any() -> Self {
        let lower = Tier {
            max_lots: size("bound0"),
            margin: per_lot("margin0"),
        };
        let upper = Tier {
            max_lots: size("bound1"),
            margin: per_lot("margin1"),
        };
        assume(&lower.max_lots.0.below(&upper.max_lots.0));
        assume(&lower.margin.0.at_most(&upper.margin.0));
        let size = size("size");
        assume(&size.0.at_most(&upper.max_lots.0));
        Self {
            equity: cash("equity"),
            size,
            tiers: [lower, upper],
            loss: per_lot("loss"),
        }
    }

    fn close(&self) -> Res<Close<Term>> {
        tiered_partial_size(&self.equity, &self.size, &self.tiers, &self.loss)
    }

    /// Equity minus requirement when `x` lots are closed and the rest is margined by its own tier.
    fn slack_after(&self, x: &Term) -> Term {
        let left = &self.size.0 - x;
        let low = left.at_most(&self.tiers[0].max_lots.0);
        let margin = Term::choose(&low, &self.tiers[0].margin.0, &self.tiers[1].margin.0);
        &self.equity.0 - x * &self.loss.0 - left * margin
    }
}

/// With two size tiers: the close restores the target of the tier the remainder falls in.
fn tiered_restores() -> Res<()> {
    let case = Tiered::any();
    match case.close()? {
        Close::Nothing => check("held", &int(0).at_most(&case.slack_after(&int(0)))),
        Close::Part(x) => {
            check(
                "a part",
                &int(1).at_most(&x.0).and(&x.0.below(&case.size.0)),
            );
            check("restored", &int(0).at_most(&case.slack_after(&x.0)));
        }
        Close::All => {}
    }
    Ok(())
}

/// With two size tiers: no smaller close of any size restores the target.
fn tiered_minimal() -> Res<()> {
    let case = Tiered::any();
    let fewer = var("fewer", 0, MAX_LOTS);
    match case.close()? {
        Close::Nothing => {}
        Close::Part(x) => {
            assume(&fewer.below(&x.0));
            check("minimal", &case.slack_after(&fewer).below(&int(0)));
        }
        Close::All => {
            assume(&fewer.below(&case.size.0));
            check("all needed", &case.slack_after(&fewer).below(&int(0)));
        }
    }
    Ok(())
}

fn closing(target_above_loss: bool) -> Res<()> {
    let (slack, size) = (cash("slack"), size("size"));
    let (target, loss) = (per_lot("target"), per_lot("loss"));
    if target_above_loss {
        assume(&loss.0.at_most(&target.0));
    }
    let x = var("closed", 0, MAX_LOTS);
    assume(&x.at_most(&size.0));
    let spent = equity_after(&slack, &Lots(x.clone()), &loss)?;
    let after = &spent.0 + &x * &target.0;
    check("no worse", &slack.0.at_most(&after));
    Ok(())
}

/// While a lot's loss is within its margin, closing any number of lots never lowers slack.
fn never_worse() -> Res<()> {
    closing(true)
}

fn can_worsen() -> Res<()> {
    closing(false)
}

/// Closed at the bankruptcy price, either side keeps at least zero and less than one quantum per lot.
fn bankruptcy() -> Res<()> {
    let (mark, equity, size) = (price("mark"), cash("equity"), size("size"));
    for (side, label) in [(Side::Long, "long"), (Side::Short, "short")] {
        let at = bankruptcy_price(side, &mark, &equity, &size)?;
        let per_lot = match side {
            Side::Long => &at.0 - &mark.0,
            Side::Short => &mark.0 - &at.0,
        };
        let left = &equity.0 + &size.0 * per_lot;
        check(label, &int(0).at_most(&left).and(&left.below(&size.0)));
    }
    Ok(())
}

/// Equity attributed to the positions of a cross account sums to no more than its equity.
fn attributed() -> Res<()> {
    let equity = amount("equity");
    let parts = ["m0", "m1", "m2"].map(amount);
    let total = Cash(&parts[0].0 + &parts[1].0 + &parts[2].0);
    assume(&int(1).at_most(&total.0));
    let mut sum = int(0);
    for part in &parts {
        let attributed = attributed_equity(&equity, part, &total)?;
        lemma(
            "scaled",
            &(&attributed.0 * &total.0).at_most(&(&equity.0 * &part.0)),
        );
        check("not negative", &int(0).at_most(&attributed.0));
        sum = sum + attributed.0;
    }
    lemma(
        "scaled sum",
        &(&sum * &total.0).at_most(&(&equity.0 * &total.0)),
    );
    check("sum", &sum.at_most(&equity.0));
    Ok(())
}

/// The limit of a liquidation order lies between mark and bankruptcy price, gives way monotonically,
/// and an account with equity that is closed at it keeps at least zero.
fn fillable() -> Res<()> {
    let (mark, equity, size) = (price("mark"), amount("equity"), size("size"));
    let (calm, pressed) = (ppm("calm"), ppm("pressed"));
    assume(&calm.0.at_most(&pressed.0));
    for (side, label) in [(Side::Long, "long"), (Side::Short, "short")] {
        let ruin = bankruptcy_price(side, &mark, &equity, &size)?;
        let first = fillable_price(side, &mark, &ruin, &calm)?;
        let later = fillable_price(side, &mark, &ruin, &pressed)?;
        let (low, high) = match side {
            Side::Long => (&ruin, &mark),
            Side::Short => (&mark, &ruin),
        };
        check(
            label,
            &low.0.at_most(&later.0).and(&later.0.at_most(&high.0)),
        );
        let (better, worse) = match side {
            Side::Long => (&first, &later),
            Side::Short => (&later, &first),
        };
        check("gives way", &worse.0.at_most(&better.0));
        let conceded = &high.0 - &low.0;
        let given = (&later.0 - &mark.0).max_of(&(&mark.0 - &later.0));
        let share = &conceded * &pressed.0;
        check(
            "rounded toward the mark",
            &(&given * int(PPM)).at_most(&share),
        );
        check(
            "to the quantum",
            &share.below(&((&given + int(1)) * int(PPM))),
        );
        let lost = &size.0 * (&later.0 - &mark.0).max_of(&(&mark.0 - &later.0));
        lemma(
            "within the concession",
            &lost.at_most(&(&size.0 * conceded)),
        );
        check("solvent", &int(0).at_most(&(&equity.0 - lost)));
    }
    Ok(())
}

/// Urgency is between zero and the whole, grows with attempts and as equity falls, and is the whole
/// for a bankrupt account.
fn urgent() -> Res<()> {
    let (rich, poor) = (cash("rich"), cash("poor"));
    assume(&poor.0.at_most(&rich.0));
    let maintenance = Cash(var("maintenance", 1, 1 << 115));
    let (few, many) = (var("few", 0, 1_000_000), var("many", 0, 1_000_000));
    assume(&few.at_most(&many));
    let step = ppm("step");
    let calm = urgency(&rich, &maintenance, &few, &step)?;
    let pressed = urgency(&poor, &maintenance, &many, &step)?;
    check("not negative", &int(0).at_most(&calm.0));
    check("monotone", &calm.0.at_most(&pressed.0));
    check("bounded", &pressed.0.at_most(&int(PPM)));
    let whole = pressed.0.equals(&int(PPM));
    let waited = &many * &step.0;
    check("attempts count", &waited.at_most(&pressed.0).or(&whole));
    let missing = (&maintenance.0 - &poor.0).max_of(&int(0)) * int(PPM);
    let health = (&pressed.0 - &waited) * &maintenance.0;
    check("health counts", &missing.at_most(&health).or(&whole));
    check("to the ppm", &health.below(&(&missing + &maintenance.0)));
    check(
        "bankrupt",
        &poor
            .0
            .at_most(&int(0))
            .implies(&int(PPM).at_most(&pressed.0)),
    );
    Ok(())
}

/// A penalty is not negative, at most its rate, and leaves a solvent account solvent.
fn penalised() -> Res<()> {
    let (closed, rate, left) = (size("closed"), per_lot("rate"), cash("left"));
    let taken = penalty(&closed, &rate, &left)?;
    check("not negative", &int(0).at_most(&taken.0));
    check("at most the rate", &taken.0.at_most(&(&closed.0 * &rate.0)));
    check(
        "solvent",
        &int(0)
            .at_most(&left.0)
            .implies(&int(0).at_most(&(&left.0 - &taken.0))),
    );
    check(
        "nothing from the bankrupt",
        &left.0.at_most(&int(0)).implies(&taken.0.at_most(&int(0))),
    );
    Ok(())
}

/// A slice closes at least one lot, at most the position, and one lot or no more notional than allowed.
fn sliced() -> Res<()> {
    let (position, wanted, mark) = (size("size"), size("wanted"), price("mark"));
    assume(&wanted.0.at_most(&position.0));
    let limits = SliceLimits {
        max_share: ppm("share"),
        min_lots: size("least"),
        max_notional: amount("notional"),
    };
    let cut = slice(&wanted, &position, &mark, &limits)?;
    check("at least one", &int(1).at_most(&cut.0));
    check("at most the position", &cut.0.at_most(&position.0));
    let one = cut.0.at_most(&int(1));
    check(
        "notional",
        &one.or(&(&cut.0 * &mark.0).at_most(&limits.max_notional.0)),
    );
    let share = (&(&cut.0 - int(1)) * int(PPM)).below(&(&position.0 * &limits.max_share.0));
    let small = cut.0.at_most(&limits.min_lots.0);
    check("share", &one.or(&share).or(&small));
    check("wanted", &cut.0.at_most(&wanted.0).or(&small).or(&one));
    // And no limit is met for nothing.
    let enough = wanted
        .0
        .at_most(&cut.0)
        .and(&limits.min_lots.0.at_most(&cut.0));
    let all = cut.0.equals(&position.0);
    let most = limits.max_notional.0.below(&((&cut.0 + int(1)) * &mark.0));
    let by_share = (&position.0 * &limits.max_share.0).at_most(&(&cut.0 * int(PPM)));
    let least = limits.min_lots.0.at_most(&cut.0);
    check(
        "for nothing",
        &enough.or(&all).or(&most).or(&by_share.and(&least)),
    );
    Ok(())
}
