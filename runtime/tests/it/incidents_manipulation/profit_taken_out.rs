//! Profit that is taken out until the position is liquidated.

use super::*;

/// The ETH whale, March 2025: took the profit of a large long out until it was liquidated, and left the position to the venue.
/// Here what stays is the transfer margin, a tenth of the notional, and at least the initial margin; so the price must still
/// fall by what is between that and maintenance.
#[test]
fn withdrawal_should_leave_the_transfer_margin_when_profit_is_taken_out() {
    use pallet_margin::Error;
    let mut stage = Stage::new();
    let maker = stage.trader("maker", 0, 2_000_000);
    let (whale, flat) = (
        stage.trader("whale", 0, 50_000),
        stage.trader("flat", 0, 50_000),
    );
    stage.trade(&whale, &maker, ETH_PERP, 100_000);
    stage.trade(&flat, &maker, ETH_PERP, 100_000);
    stage.events.clear();
    // Without a profit: to the unit.
    let most = stage.withdrawable(&flat);
    stage.block(|| {
        assert_refused(
            withdraw_units(&flat, most + 1),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_ok!(withdraw_units(&flat, most));
    });
    let tenth = i128::from(100_000) * stage.prices(ETH_PERP).mark.0 / 10;
    let left = stage.equity_quanta(&flat);
    println!(
        "flat took {:.2}, left {:.6}, a tenth is {:.6}",
        most as f64 / UNITS as f64,
        wholes(left),
        wholes(tenth)
    );
    assert!((tenth..tenth + 1_000_000).contains(&left));

    // With one.
    stage.drive(ETH, 2_625, |stage| stage.blocks(1));
    let health = |stage: &mut Stage| {
        stage
            .chain
            .run(|| Margin::health(whale.account).expect("an account"))
    };
    let before = health(&mut stage);
    let units = |quanta: i128| quanta.unsigned_abs().div_ceil(UNITS);
    // Between initial margin and the transfer margin: initial margin alone would allow it.
    let down_to = before.equity.0 - before.notional.0 * 7 / 100;
    assert!(before.initial.0 < before.notional.0 * 7 / 100);
    let (money, taken) = (before.account.collateral.0, Cell::new(0));
    stage.block(|| {
        let most = withdrawable(&whale);
        let leave = |account, leverage| {
            native::dispatch(
                &whale.id,
                pallet_margin::Call::<Runtime>::set_leverage { account, leverage },
            )
        };
        assert_refused(
            withdraw_units(&whale, units(money) + 1),
            Error::<Runtime>::NotEnoughCollateral,
        );
        assert_refused(
            withdraw_units(&whale, units(down_to)),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_refused(
            withdraw_units(&whale, most + 1),
            Error::<Runtime>::NotEnoughMargin,
        );
        // With initial margin above a tenth, that is what must stay.
        assert_ok!(leave(whale.account, 7));
        let less = withdrawable(&whale);
        assert!(less < most);
        assert_refused(
            withdraw_units(&whale, less + 1),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_refused(
            withdraw_units(&whale, most),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_ok!(leave(whale.account, 0));
        assert_ok!(withdraw_units(&whale, most));
        assert_refused(withdraw_units(&whale, 1), Error::<Runtime>::NotEnoughMargin);
        taken.set(most);
    });
    let after = health(&mut stage);
    println!(
        "whale: money {:.2}, equity {:.2} of a notional of {:.2}; took {:.2}, left {:.2}, {} ppm of it; liquidated at {:?}",
        wholes(money), wholes(before.equity.0), wholes(before.notional.0), taken.get() as f64 / UNITS as f64,
        wholes(after.equity.0),
        after.equity.0 * 1_000_000 / after.notional.0, after.positions[0].liquidation_price,
    );
    assert!(after.equity.0 * 10 >= after.notional.0);

    // From a tenth to 3.2 % is 6.8 %: whoever took all he could stands a fall of that, and not much more.
    let mut fall = |wholes| {
        stage.drive(ETH, wholes, |stage| stage.blocks(1));
        (stage.is_unsafe(&whale), stage.is_unsafe(&flat))
    };
    assert_eq!(fall(2_625 * (1_000 - 67) / 1_000), (false, false));
    assert_eq!(
        fall(2_325),
        (false, false),
        "7.00 % under what flat has it for"
    );
    assert_eq!(fall(2_324), (false, true), "7.04 %");
    let unsafe_ones = stage.find(|event| match event {
        RuntimeEvent::Margin(Booked::BecameUnsafe { account, .. }) => Some(*account),
        _ => None,
    });
    assert_eq!(unsafe_ones, [flat.account]);
}
