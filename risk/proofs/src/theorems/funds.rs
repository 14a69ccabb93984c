//! Insurance: shares never leak, stress losses never understate.

use crate::ranges::{amount, ppm};
use crate::session::Op;
use crate::term::{assume, check, int, lemma, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::insurance::{
    coverage, expected_shortfall, loss_at_jump, Bucket, Fund, MAX_COVERAGE, VIRTUAL_ASSETS,
    VIRTUAL_SHARES,
};
use caisson_risk::limits::PPM;
use caisson_risk::{Cash, Num, Res};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "share_round_trip_never_gains",
            round_trip,
            code(Op::DivFloor, 0),
        ),
        theorem(
            "share_price_never_falls_by_trading",
            price_kept,
            code(Op::DivFloor, 1),
        ),
        theorem(
            "donation_attack_loses",
            donation,
            Mutant::Statement(donation_without_virtual),
        ),
        theorem("coverage_is_rounded_down", covered, code(Op::DivFloor, 0)),
        theorem(
            "stress_loss_is_monotone_and_covers",
            stress,
            code(Op::DivCeil, 0),
        ),
        theorem(
            "expected_shortfall_is_between",
            shortfall,
            code(Op::DivCeil, 0),
        ),
    ]
}

/// Largest fund and share count: shares start a million per quantum.
const MAX_ASSETS: i128 = 1 << 90;
const MAX_SHARES: i128 = 1 << 110;

/// A fund whose share is worth no less than at the start, up to the limits.
fn fund() -> Fund<Term> {
    Fund {
        assets: Cash(var("assets", 0, MAX_ASSETS)),
        shares: var("shares", 0, MAX_SHARES),
    }
}

/// Shares times this is what they are worth: `assets + 1` over `shares + 10^6`, compared crosswise.
fn priced(fund: &Fund<Term>) -> (Term, Term) {
    (
        &fund.assets.0 + int(VIRTUAL_ASSETS),
        &fund.shares + int(VIRTUAL_SHARES),
    )
}

fn not_cheaper(after: &Fund<Term>, before: &Fund<Term>) -> crate::term::Cond {
    let ((a1, s1), (a0, s0)) = (priced(after), priced(before));
    (a0 * s1).at_most(&(a1 * s0))
}

/// Depositing and redeeming at once never pays more than was put in.
fn round_trip() -> Res<()> {
    let before = fund();
    // A price per share at which the count still fits: see `Fund::deposit`.
    assume(
        &before
            .shares
            .at_most(&((&before.assets.0 + int(1)) * int(VIRTUAL_SHARES * 1_000))),
    );
    let assets = Cash(var("deposit", 0, MAX_ASSETS));
    let (minted, during) = before.deposit(&assets)?;
    let (held, issued) = priced(&before);
    lemma(
        "minted for the fund",
        &(&minted * &held).at_most(&(&assets.0 * &issued)),
    );
    let (paid, after) = during.redeem(&minted)?;
    let (held, issued) = priced(&during);
    lemma(
        "paid for the fund",
        &(&paid.0 * &issued).at_most(&(&minted * &held)),
    );
    lemma(
        "worth the deposit",
        &(&minted * &held).at_most(&(&assets.0 * &issued)),
    );
    check("no gain", &paid.0.at_most(&assets.0));
    check(
        "fund keeps the rest",
        &before.assets.0.at_most(&after.assets.0),
    );
    Ok(())
}

/// Neither a deposit nor a redemption lowers the share price of the others; the fund never pays more
/// than it holds.
fn price_kept() -> Res<()> {
    let before = fund();
    assume(
        &before
            .shares
            .at_most(&((&before.assets.0 + int(1)) * int(VIRTUAL_SHARES * 1_000))),
    );
    let (_, joined) = before.deposit(&Cash(var("deposit", 0, MAX_ASSETS)))?;
    check("deposit", &not_cheaper(&joined, &before));
    let leaving = var("leaving", 0, MAX_SHARES);
    assume(&leaving.at_most(&before.shares));
    let (paid, left) = before.redeem(&leaving)?;
    check("redemption", &not_cheaper(&left, &before));
    check(
        "shares retired",
        &left.shares.equals(&(&before.shares - &leaving)),
    );
    check(
        "assets paid",
        &left.assets.0.equals(&(&before.assets.0 - &paid.0)),
    );
    check(
        "solvent",
        &int(0).at_most(&left.assets.0).and(&int(0).at_most(&paid.0)),
    );
    Ok(())
}

/// First depositor: deposits, donates, lets one victim deposit and redeems. It never ends with more
/// than it spent.
fn donation() -> Res<()> {
    attack(VIRTUAL_SHARES)
}

/// Without virtual shares the attack pays.
fn donation_without_virtual() -> Res<()> {
    attack(0)
}

fn attack(virtual_shares: i128) -> Res<()> {
    let (first, given) = (var("first", 0, 1 << 60), var("donated", 0, 1 << 60));
    let victim = Cash(var("victim", 0, 1 << 60));
    let (attacker, donated) = if virtual_shares > 0 {
        let empty = Fund {
            assets: Cash(int(0)),
            shares: int(0),
        };
        let (minted, fund) = empty.deposit(&Cash(first.clone()))?;
        (
            minted,
            Fund {
                assets: Cash(&fund.assets.0 + &given),
                shares: fund.shares,
            },
        )
    } else {
        // One share per quantum, as a naive fund would mint.
        assume(&int(1).at_most(&first));
        (
            first.clone(),
            Fund {
                assets: Cash(&first + &given),
                shares: first.clone(),
            },
        )
    };
    if virtual_shares == 0 {
        let minted = victim.0.mul_div_floor(&donated.shares, &donated.assets.0)?;
        let (assets, shares) = (&donated.assets.0 + &victim.0, &donated.shares + &minted);
        let paid = attacker.mul_div_floor(&assets, &shares)?;
        check("no gain", &paid.at_most(&(first + given)));
        return Ok(());
    }
    let (held, issued) = priced(&donated);
    let (minted, joined) = donated.deposit(&victim)?;
    lemma(
        "victim's shares",
        &(&victim.0 * &issued).below(&((&minted + int(1)) * &held)),
    );
    let (paid, _) = joined.redeem(&attacker)?;
    check("no gain", &paid.0.at_most(&(first + given)));
    Ok(())
}

/// Coverage never claims more than there is, is exact to the ppm up to its bound, and is absent
/// without a target.
fn covered() -> Res<()> {
    let (held, target) = (amount("held"), amount("target"));
    match coverage(&held, &target)? {
        Some(ratio) => {
            check(
                "rounded down",
                &(&ratio.0 * &target.0).at_most(&(&held.0 * int(PPM))),
            );
            let full = ratio.0.equals(&int(MAX_COVERAGE * PPM));
            let exact = (&held.0 * int(PPM)).below(&((&ratio.0 + int(1)) * &target.0));
            check("to the ppm", &full.or(&exact));
        }
        None => check("no target", &target.0.at_most(&int(0))),
    }
    Ok(())
}

/// A larger jump never costs less, and the estimate covers the exact sum.
fn stress() -> Res<()> {
    let buckets: Vec<_> = (0..3)
        .map(|i| Bucket {
            margin_ratio: ppm(&format!("ratio{i}")),
            notional: Cash(var(&format!("notional{i}"), 0, 1 << 112)),
        })
        .collect();
    let (small, large) = (ppm("small"), ppm("large"));
    assume(&small.0.at_most(&large.0));
    let (less, more) = (
        loss_at_jump(&buckets, &small)?,
        loss_at_jump(&buckets, &large)?,
    );
    let exact = |jump: &Term| {
        buckets.iter().fold(int(0), |sum, bucket| {
            sum + &bucket.notional.0 * (jump - &bucket.margin_ratio.0).max_of(&int(0))
        })
    };
    check("not negative", &int(0).at_most(&less.0));
    check("covers", &exact(&small.0).at_most(&(&less.0 * int(PPM))));
    check(
        "under a quantum per bucket",
        &(&less.0 * int(PPM)).below(&(exact(&small.0) + int(3 * PPM))),
    );
    for bucket in &buckets {
        let reach = |jump: &Term| (jump - &bucket.margin_ratio.0).max_of(&int(0));
        lemma(
            "reach",
            &(&bucket.notional.0 * reach(&small.0))
                .at_most(&(&bucket.notional.0 * reach(&large.0))),
        );
    }
    check("monotone", &less.0.at_most(&more.0));
    Ok(())
}

/// The mean of the worst two of three lies between the second worst and the worst.
fn shortfall() -> Res<()> {
    let losses = [amount("l0"), amount("l1"), amount("l2")];
    assume(
        &losses[1]
            .0
            .at_most(&losses[0].0)
            .and(&losses[2].0.at_most(&losses[1].0)),
    );
    let mean = expected_shortfall(&losses, 2)?;
    check(
        "between",
        &losses[1]
            .0
            .at_most(&mean.0)
            .and(&mean.0.at_most(&losses[0].0)),
    );
    check(
        "covers",
        &(&losses[0].0 + &losses[1].0).at_most(&(&mean.0 * int(2))),
    );
    let whole = expected_shortfall(&losses, 3)?;
    check("a longer tail is milder", &whole.0.at_most(&mean.0));
    Ok(())
}
