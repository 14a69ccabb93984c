//! Margin requirements, orders, withdrawals, collateral.

use crate::ranges::{amount, cash, factor, lots, per_lot, ppm, price, size, size_or_none};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Cond, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::collateral::{conservative_unit_price, debt_unit_price, haircut, value};
use caisson_risk::limits::PPM;
use caisson_risk::margin::{
    act_allowed, base_initial_ratio, capped_profit, conservative_price, initial_ratio,
    maintenance_ratio, order_loss, per_lot as margin_per_lot, rate_limited, transfer_margin,
    unrealised, withdrawable, worst_side,
};
use caisson_risk::{Cash, Lots, Num, Ppm, Res, Side};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "maintenance_ratio_is_bounded_and_monotone",
            maintenance,
            code(Op::Select, 1),
        ),
        theorem(
            "initial_ratio_is_bounded_and_monotone",
            initial,
            code(Op::Select, 1),
        ),
        theorem(
            "initial_covers_maintenance_per_lot",
            covers,
            code(Op::DivCeil, 0),
        ),
        theorem("worst_side_bounds_every_fill", worst, code(Op::Select, 2)),
        theorem("fills_keep_initial_margin", fills, code(Op::Sub, 2)),
        theorem(
            "withdrawal_leaves_transfer_margin",
            withdrawal,
            code(Op::Select, 0),
        ),
        theorem(
            "conservative_values_never_favour",
            conservative,
            code(Op::Select, 0),
        ),
        theorem(
            "acts_without_health_never_make_it_worse",
            acts,
            code(Op::Le, 1),
        ),
        theorem("ratios_move_within_their_rate", rates, code(Op::Sub, 0)),
        theorem(
            "collateral_haircut_grows_with_concentration",
            concentration,
            code(Op::DivCeil, 1),
        ),
        theorem(
            "collateral_counts_low_and_debt_high",
            collateral,
            code(Op::Select, 0),
        ),
        theorem("trade_conserves_equity", trade, code(Op::Sub, 0)),
        theorem(
            "equity_sum_ignores_the_mark",
            mark_neutral,
            Mutant::Statement(unbalanced),
        ),
    ]
}

/// Maintenance lies in [min(floor, 1), 1] and rises with volatility.
fn maintenance() -> Res<()> {
    let (low, high) = (factor("low"), factor("high"));
    assume(&low.0.at_most(&high.0));
    let (k, floor, slippage) = (factor("k"), ppm("floor"), ppm("slippage"));
    let a = maintenance_ratio(&low, &k, &floor, &slippage)?;
    let b = maintenance_ratio(&high, &k, &floor, &slippage)?;
    check("monotone", &a.0.at_most(&b.0));
    check("at least the floor", &floor.0.at_most(&a.0));
    let whole = a.0.equals(&int(PPM));
    let covered = (&low.0 * &k.0).at_most(&((&a.0 - &slippage.0) * int(PPM)));
    check("covers volatility", &whole.or(&covered));
    check("at most one", &a.0.at_most(&int(PPM)));
    Ok(())
}

/// Initial margin is at least maintenance, at most the whole, rises with open interest, and is the
/// whole at the cap.
fn initial() -> Res<()> {
    let (maintenance, g) = (ppm("maintenance"), Ppm(var("g", PPM, 10 * PPM)));
    let base = base_initial_ratio(&maintenance, &g)?;
    let covered = (&maintenance.0 * &g.0).at_most(&(&base.0 * int(PPM)));
    check("base covers", &covered.or(&base.0.equals(&int(PPM))));
    let (lower, upper) = (size_or_none("lower"), size_or_none("upper"));
    assume(&lower.0.below(&upper.0));
    let (small, large) = (size_or_none("small"), size_or_none("large"));
    assume(&small.0.at_most(&large.0));
    let a = initial_ratio(&base, &small, &lower, &upper)?;
    let b = initial_ratio(&base, &large, &lower, &upper)?;
    check("at least maintenance", &maintenance.0.at_most(&a.0));
    check("at least base", &base.0.at_most(&a.0));
    let above = small.0.max_of(&lower.0).min_of(&upper.0) - &lower.0;
    let exact = (int(PPM) - &base.0) * above;
    check(
        "covers its line",
        &exact.at_most(&((&a.0 - &base.0) * (&upper.0 - &lower.0))),
    );
    check("at most one", &b.0.at_most(&int(PPM)));
    check("monotone", &a.0.at_most(&b.0));
    check(
        "the whole at the cap",
        &upper.0.at_most(&large.0).implies(&b.0.equals(&int(PPM))),
    );
    Ok(())
}

/// Per lot: margin covers its exact ratio, is at most the price, and a higher ratio needs no less.
fn covers() -> Res<()> {
    let mark = price("mark");
    let (low, high) = (ppm("low"), ppm("high"));
    assume(&low.0.at_most(&high.0));
    let (a, b) = (margin_per_lot(&mark, &low)?, margin_per_lot(&mark, &high)?);
    check("covers", &(&mark.0 * &low.0).at_most(&(&a.0 * int(PPM))));
    check("monotone", &a.0.at_most(&b.0));
    check("at most the price", &b.0.at_most(&mark.0));
    Ok(())
}

/// Whatever part of the open orders fills, the position is no larger than the worse side.
fn worst() -> Res<()> {
    let held = lots("lots");
    let (buy, sell) = (size_or_none("buy"), size_or_none("sell"));
    let bound = worst_side(&held, &buy, &sell)?;
    let (bought, sold) = (size_or_none("bought"), size_or_none("sold"));
    assume(&bought.0.at_most(&buy.0).and(&sold.0.at_most(&sell.0)));
    let after = &held.0 + &bought.0 - &sold.0;
    check(
        "bounded",
        &after
            .at_most(&bound.0)
            .and(&(int(0) - &after).at_most(&bound.0)),
    );
    Ok(())
}

/// An account that holds the initial margin of its worse side plus the loss of its orders still holds
/// initial margin after any part of them fills at any prices within their limits.
fn fills() -> Res<()> {
    let (mark, margin) = (price("mark"), per_lot("margin"));
    let held = lots("lots");
    let (buy, sell) = (size_or_none("buy"), size_or_none("sell"));
    let (bid, ask) = (price("bid"), price("ask"));
    let equity = cash("equity");
    let need = margin.times(&worst_side(&held, &buy, &sell)?)?;
    let loss = order_loss(Side::Long, &buy, &bid, &mark)?.add(&order_loss(
        Side::Short,
        &sell,
        &ask,
        &mark,
    )?)?;
    assume(&(&need.0 + &loss.0).at_most(&equity.0));

    let (bought, sold) = (size_or_none("bought"), size_or_none("sold"));
    assume(&bought.0.at_most(&buy.0).and(&sold.0.at_most(&sell.0)));
    let (paid, received) = (price("paid"), price("received"));
    assume(&paid.0.at_most(&bid.0).and(&ask.0.at_most(&received.0)));
    let (buy_loss, sell_loss) = (
        &bought.0 * (&paid.0 - &mark.0),
        &sold.0 * (&mark.0 - &received.0),
    );
    lemma(
        "buying",
        &buy_loss.at_most(&(&buy.0 * (&bid.0 - &mark.0).max_of(&int(0)))),
    );
    lemma(
        "selling",
        &sell_loss.at_most(&(&sell.0 * (&mark.0 - &ask.0).max_of(&int(0)))),
    );
    let after = Lots(&held.0 + &bought.0 - &sold.0).magnitude()?;
    lemma("size", &(&margin.0 * &after.0).at_most(&need.0));
    check(
        "still covered",
        &(&margin.0 * &after.0).at_most(&(&equity.0 - &buy_loss - &sell_loss)),
    );
    Ok(())
}

/// A withdrawal is not negative, at most the collateral, and leaves the transfer margin.
fn withdrawal() -> Res<()> {
    let (collateral, equity) = (amount("collateral"), cash("equity"));
    let (initial, notional, share) = (amount("initial"), amount("notional"), ppm("share"));
    let margin = transfer_margin(&initial, &notional, &share)?;
    check("at least initial", &initial.0.at_most(&margin.0));
    check(
        "at least the share",
        &(&notional.0 * &share.0).at_most(&(&margin.0 * int(PPM))),
    );
    let out = withdrawable(&collateral, &equity, &margin)?;
    check("not negative", &int(0).at_most(&out.0));
    check("at most collateral", &out.0.at_most(&collateral.0));
    let left = &equity.0 - &out.0;
    check(
        "margin left",
        &int(1).at_most(&out.0).implies(&margin.0.at_most(&left)),
    );
    Ok(())
}

/// Valued at the conservative price and with profit capped, no position counts for more than at mark.
fn conservative() -> Res<()> {
    let (mark, stable) = (price("mark"), price("stable"));
    let held = lots("lots");
    let (cost, owed) = (
        Cash(var("cost", -(1 << 110), 1 << 110)),
        Cash(var("owed", -(1 << 110), 1 << 110)),
    );
    let side = Side::of(&held);
    let careful = conservative_price(side, &mark, &stable);
    let at_mark = unrealised(&held, &mark, &cost, &owed)?;
    let exact = &held.0 * &mark.0 - &cost.0 - &owed.0;
    check("profit", &at_mark.0.equals(&exact));
    let counted = capped_profit(&unrealised(&held, &careful, &cost, &owed)?, &amount("cap"));
    check("never more", &counted.0.at_most(&at_mark.0));
    Ok(())
}

/// An act allowed with negative initial health adds no risk and does not lower slack; standing still
/// is never refused.
fn acts() -> Res<()> {
    let (health, before, after) = (cash("health"), cash("before"), cash("after"));
    let adds = Term::branch(&int(1).at_most(&var("adds", 0, 1)));
    let healthy = int(0).at_most(&health.0);
    if act_allowed(adds, &health, &before, &after) {
        check("adds risk only healthy", &Cond::Known(!adds).or(&healthy));
        check("no worse", &healthy.or(&before.0.at_most(&after.0)));
    } else {
        check("refused only unhealthy", &healthy.negated());
        check(
            "standing still passes",
            &Cond::Known(adds).or(&before.0.equals(&after.0).negated()),
        );
    }
    Ok(())
}

/// A rate-limited ratio ends between its old value and the target and moves no more than allowed.
fn rates() -> Res<()> {
    let (old, target) = (ppm("old"), ppm("target"));
    let (up, down) = (ppm("up"), ppm("down"));
    let new = rate_limited(&old, &target, &up, &down)?;
    check(
        "not too fast",
        &(&old.0 - &down.0)
            .at_most(&new.0)
            .and(&new.0.at_most(&(&old.0 + &up.0))),
    );
    let (low, high) = (old.0.min_of(&target.0), old.0.max_of(&target.0));
    check(
        "toward the target",
        &low.at_most(&new.0).and(&new.0.at_most(&high)),
    );
    Ok(())
}

/// The haircut is between its base and the whole and does not fall as the asset's share grows.
fn concentration() -> Res<()> {
    let (base, slope, cap) = (ppm("base"), ppm("slope"), ppm("cap"));
    let (small, large) = (ppm("small"), ppm("large"));
    assume(&small.0.at_most(&large.0));
    let (a, b) = (
        haircut(&base, &slope, &small, &cap)?,
        haircut(&base, &slope, &large, &cap)?,
    );
    check("at least base", &base.0.at_most(&a.0));
    check("monotone", &a.0.at_most(&b.0));
    check("at most the whole", &b.0.at_most(&int(PPM)));
    let full = (&b.0 - &base.0) * int(PPM);
    let exact = (&large.0 - &cap.0).max_of(&int(0)) * &slope.0;
    check("covers", &b.0.equals(&int(PPM)).or(&exact.at_most(&full)));
    check("to the ppm", &full.below(&(&exact + int(PPM))));
    Ok(())
}

/// Collateral counts for at most its price, less with a larger haircut; debt for at least its price.
fn collateral() -> Res<()> {
    let (unit, confidence, k) = (price("price"), price("confidence"), ppm("k"));
    let (light, heavy) = (ppm("light"), ppm("heavy"));
    assume(&light.0.at_most(&heavy.0));
    let x = conservative_unit_price(&unit, &confidence, &k, &light)?;
    let y = conservative_unit_price(&unit, &confidence, &k, &heavy)?;
    check("not negative", &int(0).at_most(&y.0));
    check("at most the price", &x.0.at_most(&unit.0));
    check("less with a larger haircut", &y.0.at_most(&x.0));
    let widened = confidence.ratio_ceil(&k)?.0;
    lemma(
        "confidence covered",
        &(&confidence.0 * &k.0).at_most(&(&widened * int(PPM))),
    );
    let kept = (&unit.0 - &widened).max_of(&int(0)) * (int(PPM) - &light.0);
    check("rounded down", &(&x.0 * int(PPM)).at_most(&kept));
    let debt = debt_unit_price(&unit, &confidence, &k)?.0;
    check(
        "debt covers confidence",
        &(&confidence.0 * &k.0).at_most(&((&debt - &unit.0) * int(PPM))),
    );
    let lowered = conservative_unit_price(&unit, &confidence, &k, &Ppm(int(0)))?.0;
    let covered = (&confidence.0 * &k.0).at_most(&((&unit.0 - &lowered) * int(PPM)));
    check(
        "lowered by confidence",
        &lowered.equals(&int(0)).or(&covered),
    );
    check(
        "debt",
        &unit.0.at_most(&debt_unit_price(&unit, &confidence, &k)?.0),
    );
    let units = size("units");
    check(
        "value",
        &value(&units, &x)?.0.at_most(&(&units.0 * &unit.0)),
    );
    Ok(())
}

/// A trade of any lots at any price moves equity only between the two accounts, at any mark.
fn trade() -> Res<()> {
    let (mark, at, size) = (price("mark"), price("at"), size("size"));
    let mut change = int(0);
    for (name, side) in [("buyer", Side::Long), ("seller", Side::Short)] {
        let held = lots(name);
        let cost = Cash(var(&format!("{name}_cost"), -(1 << 110), 1 << 110));
        let moved = Lots(side.signed(&size.0)?);
        let none = Cash::zero();
        let before = unrealised(&held, &mark, &cost, &none)?;
        let after = unrealised(
            &held.add(&moved)?,
            &mark,
            &cost.add(&at.times(&moved)?)?,
            &none,
        )?;
        change = change + &after.0 - &before.0;
        let own = &moved.0 * (&mark.0 - &at.0);
        check(name, &after.0.equals(&(&before.0 + own)));
    }
    check("conserved", &change.equals(&int(0)));
    Ok(())
}

/// With balanced positions the sum of equities is the same at every mark.
fn mark_neutral() -> Res<()> {
    equity_at_two_marks(true)
}

fn unbalanced() -> Res<()> {
    equity_at_two_marks(false)
}

fn equity_at_two_marks(balanced: bool) -> Res<()> {
    let (one, other) = (price("one"), price("other"));
    let positions = ["s0", "s1", "s2"].map(lots);
    if balanced {
        assume(&(&positions[0].0 + &positions[1].0 + &positions[2].0).equals(&int(0)));
    }
    let mut sums = [int(0), int(0)];
    for (i, held) in positions.iter().enumerate() {
        let cost = Cash(var(&format!("cost{i}"), -(1 << 110), 1 << 110));
        for (sum, mark) in sums.iter_mut().zip([&one, &other]) {
            *sum = &*sum + unrealised(held, mark, &cost, &Cash::zero())?.0;
        }
    }
    check("same", &sums[0].equals(&sums[1]));
    Ok(())
}
