//! Spot that is pumped so that paper profit can be taken out.

use super::*;

/// Mango, October 2022: a long against one's own short, thin spot driven to twenty times its price, and the paper profit
/// borrowed out. Here paper profit doesn't leave, and the short is closed in the block in which it can't pay any more. What
/// both accounts get out is what they brought and what others paid for the short: at most the fund's allowance for one market,
/// and cuts on profits that others had by the same pump.
#[test]
fn attacker_should_get_out_what_came_in_and_no_more_than_an_allowance_when_spot_is_pumped_twentyfold(
) {
    const DEPOSIT: u128 = 150_000;
    const CALM: i128 = 250_000 * QUANTA;
    // Alone in the market, and with a long and a short of others in it.
    for crowd in [false, true] {
        let mut stage = Stage::new();
        stage.fund(0, 100_000);
        let (calm, rich) = (
            stage.trader("calm", 0, 250_000),
            stage.trader("rich", 0, 10_000_000),
        );
        let (long, short) = (
            stage.trader("long", 0, DEPOSIT),
            stage.trader("short", 0, DEPOSIT),
        );
        let bystanders = [&calm, &rich];
        if crowd {
            stage.trade(&calm, &rich, ETH_PERP, 100_000);
        }
        stage.trade(&long, &short, ETH_PERP, 1_000_000);
        stage.events.clear();

        // In every block both take out all that may leave, and try for a unit more.
        let allowance = Allowance::new(&mut stage, ETH_PERP);
        let (withdrawals, cuts) = (RefCell::new(Vec::new()), Cell::new(0));
        let custody = stage.money(0).0.unsigned_abs() / UNITS;
        let per_hour = (custody / 100).max(100_000 * UNITS) * 11 / 10;
        let began = stage.chain.next_time();
        let grab = |stage: &mut Stage| {
            let acts = || {
                for one in [&long, &short] {
                    let most = withdrawable(one);
                    assert!(withdraw_units(one, most + 1).is_err());
                    if most > 0 && withdraw_units(one, most).is_ok() {
                        let account = Margin::load(one.account).expect("an account");
                        let is_live =
                            Markets::prices(ETH_PERP).expect("prices").status == FeedStatus::Live;
                        assert!(
                            is_live || account.lots(ETH_PERP).0 == 0,
                            "on a guarded price"
                        );
                        withdrawals.borrow_mut().push(most);
                    }
                }
            };
            cuts.set(cuts.get() + watched(stage, &bystanders, acts));
            allowance.note(stage);
            // The buckets of the compartment: in an hour a hundredth of it, a tenth of that beside the queue.
            let out = stage.wallet(&long) + stage.wallet(&short) - 2 * DEPOSIT * UNITS;
            let ms = u128::from(stage.chain.next_time() - began);
            assert!(
                out <= per_hour + per_hour * ms / 3_600_000,
                "{out} after {ms} ms"
            );
        };
        let pump = stage.drive(ETH, 50_000, grab);
        let early = withdrawals.borrow().iter().sum::<u128>() / UNITS;
        let top = (
            stage.equity(&long),
            stage.lots(&long, ETH_PERP),
            stage.withdrawable(&long) / UNITS,
        );
        // The price stays up for four hours, so that gates and buckets let out what they ever will.
        let mut within_an_hour = 0;
        for block in 0..1_600 {
            stage.chain.skip_slots(8);
            grab(&mut stage);
            if block == 800 {
                within_an_hour = stage.wallet(&long) - DEPOSIT * UNITS;
            }
        }
        stage.drive(ETH, 2_500, grab);
        settle_down(&mut stage, ETH_PERP, grab);
        grab(&mut stage);

        let (wallets, waiting) = (stage.wallet(&long) + stage.wallet(&short), stage.queued(0));
        let left = stage.withdrawable(&long) + stage.withdrawable(&short);
        let gain = i128::try_from(wallets + waiting + left).expect("money") * 1_000_000
            - i128::try_from(4 * DEPOSIT).expect("money") * QUANTA;
        let (totals, cut, allowed) = (stage.totals(ETH_PERP), cuts.get(), allowance.most(&stage));
        let paid = paid_by_fund(&stage.events, ETH_PERP);
        println!(
            "pump of {pump} blocks, others there: {crowd}; {early} withdrawn meanwhile; the long has {:?} (equity, lots, withdrawable) at the top; {} withdrawals, the \
             largest {:?}, {:.2} in the first two hours; gain {:.2}",
            top, withdrawals.borrow().len(), withdrawals.borrow().iter().max().map(|most| most / UNITS),
            within_an_hour as f64 / UNITS as f64, wholes(gain),
        );
        println!(
            "  the fund paid {:.2} of {:.2} allowed, {:.2} are covered, others were cut {:.2}; {totals:?}; calm {:.2}, rich {:.2}",
            wholes(paid), wholes(allowed), wholes(totals.covered.0), wholes(cut),
            wholes(stage.equity_quanta(&calm) - CALM), wholes(stage.equity_quanta(&rich) - 40 * CALM),
        );
        assert_eq!(
            taken_over(&stage.events).first().map(|one| one.0),
            Some(u64::from(short.account))
        );
        assert!(paid <= allowed);
        assert!(
            gain <= totals.covered.0 + cut,
            "no more than what others paid for the short"
        );
        assert!(gain <= allowed);
        let income = stage.chain.run(|| {
            pallet_insurance::Records::<Runtime>::get(0, ETH_PERP)
                .income
                .0
        });
        println!("  the fund took in {:.2}", wholes(income));
        assert!(
            crowd || gain <= totals.covered.0 - income,
            "alone, it pays with what the short left behind"
        );
        assert_eq!(stage.deficit(ETH_PERP), 0);
        let fee = if crowd { 125 * QUANTA } else { 0 };
        assert!(
            stage.equity_quanta(&calm) >= CALM - fee - cut,
            "by nothing but the cut"
        );
    }
}
