//! Profit that nobody could pay.

use super::*;

/// Drift v1, May 2022: winners were paid profits that losers could not pay, out of what others had deposited. Here a winner who
/// takes out all he can in each block, while the loser goes bankrupt, leaves with no more than was deposited by both and what the
/// fund paid; a bystander gets all of his.
#[test]
fn winner_should_not_be_paid_what_was_not_collected_when_the_loser_is_bankrupt() {
    let mut stage = Stage::new();
    stage.fund(1, 1_000);
    let (loser, winner) = (
        stage.trader("loser", 1, 1_000),
        stage.trader("winner", 1, 2_000),
    );
    let bystander = stage.trader("bystander", 1, 5_000);
    stage.trade(&loser, &winner, ETH_PERP_B, 7_600);
    let before = (
        stage.wallet(&winner),
        stage.wallet(&bystander),
        stage.insurance(1),
    );

    // Down by a quarter in one block: the loser owes about 3,700 more than he has.
    for (price, blocks) in [(2_450u128, 3), (1_875, 20)] {
        stage.price(1, price);
        for _ in 0..blocks {
            stage.block(|| {
                take_out(&winner);
            });
            let paid = stage.wallet(&winner) - before.0;
            let held = u128::try_from(stage.insurance(1).max(0)).expect("positive") / 1_000_000;
            assert!(paid <= 3_000 * UNITS + 1_000 * UNITS, "{paid} {held}");
        }
    }
    let totals = stage.totals(ETH_PERP_B);
    println!(
        "losses {:?}, covered {:?}, haircuts {:?}, deficit {}",
        totals.losses,
        totals.covered,
        totals.haircuts,
        stage.deficit(ETH_PERP_B)
    );
    assert!(
        totals.losses.0 > 3_000 * QUANTA,
        "it is bankrupt: {totals:?}"
    );
    // What nobody collected is cut from the profit, in the blocks of the crash.
    assert_eq!(
        stage.deficit(ETH_PERP_B),
        0,
        "the deficit is paid by the profit it is owed to"
    );
    assert_eq!(totals.haircuts, Cash(totals.losses.0 - totals.covered.0));

    // The gate that a deficit shut is open again after its hour; both take out all they can.
    stage.pause(3_700);
    for actor in [&winner, &bystander] {
        stage.block(|| {
            take_out(actor);
        });
    }
    let (won, stood) = (
        stage.wallet(&winner) - before.0,
        stage.wallet(&bystander) - before.1,
    );
    let paid_by_fund = totals.covered.0 / 1_000_000;
    println!("winner took {won}, of {} deposited by both and {paid_by_fund} from the fund; bystander {stood}", 3_000 * UNITS);
    assert!(i128::try_from(won).expect("small") <= 3_000_000_000 + paid_by_fund);
    assert_eq!(stood, 5_000 * UNITS);
    assert!(stage.money(1).0 >= 0);
}

/// Takes out of an account as much as it may, in a block. Returns the units.
fn take_out(actor: &Actor) -> u128 {
    let health = Margin::health(actor.account).expect("an account");
    let units = u128::try_from(health.withdrawable.0 / 1_000_000).unwrap_or_default();
    let call = pallet_margin::Call::<Runtime>::withdraw {
        account: actor.account,
        asset: SETTLEMENT_ASSET,
        units,
    };
    match native::dispatch(&actor.id, call) {
        Ok(()) => units,
        Err(_) => 0,
    }
}
