//! One bet that is split over many wallets.

use super::*;

/// So many lots of a bet in 100 steps against a maker, by one wallet or by a hundred that bring the least they can. Returns the
/// wallets, the initial margin of a lot in each step, and what was brought in wholes.
fn bet(
    stage: &mut Stage,
    maker: &Actor,
    wallets: &[Option<Actor>],
) -> (Vec<Actor>, Vec<i128>, u128) {
    const STEP: u64 = 10_000;
    let (mut longs, mut margins, mut brought) = (Vec::<Actor>::new(), Vec::new(), 0);
    for step in 0..100usize {
        stage.blocks(1);
        let prices = stage.prices(ETH_PERP);
        margins.push(prices.initial[0].0);
        let lacks = match wallets.get(step) {
            // One that is there already: it adds.
            None => false,
            Some(owner) => {
                let each = prices.initial[0].0 + prices.fee_reserve.0;
                let need = (each * i128::from(STEP))
                    .unsigned_abs()
                    .div_ceil(QUANTA.unsigned_abs());
                let need = if wallets.len() == 1 { 3_000_000 } else { need };
                brought += need;
                let sub = u8::try_from(step).expect("few");
                longs.push(match owner {
                    Some(owner) => stage.subaccount(owner, 0, sub, need - 1),
                    None => stage.trader(&format!("wallet//{step}"), 0, need - 1),
                });
                wallets.len() > 1
            }
        };
        let (long, mark) = (
            longs.last().expect("a wallet").clone(),
            stage.mark(ETH_PERP),
        );
        stage.block(|| {
            let buy = || place(&long, ETH_PERP, Side::Long, STEP, mark);
            if lacks {
                let error = pallet_exchange::Error::<Runtime>::NotEnoughMargin;
                assert_refused(buy(), error);
                assert_ok!(deposit(&long, 1));
            }
            assert_ok!(buy());
            assert_ok!(place(maker, ETH_PERP, Side::Short, STEP, mark));
        });
    }
    stage.blocks(1);
    (longs, margins, brought)
}

/// YFI on dYdX v3, November 2023: a hundred wallets, one bet, and a fall that took nine million from the one fund of all
/// markets. Here a lot of open interest asks the same margin whoever takes it, all of its value at the cap, and the loss stays
/// with that market's allowance and the profits made against the bet.
#[test]
fn bet_should_meet_full_margin_at_the_cap_when_it_is_split_over_a_hundred_wallets() {
    const CAP: u64 = 1_000_000;
    const FUND: u128 = 100_000;
    let mut curves = Vec::new();
    for count in [1, 100usize] {
        let mut stage = Stage::new();
        stage.fund(0, FUND);
        stage.limit_open_interest(ETH_PERP, 200_000, CAP);
        let maker = stage.trader("maker", 0, 6_000_000);
        let (other, another) = (
            stage.trader("other", 0, 10_000),
            stage.trader("another", 0, 10_000),
        );
        let (a, b) = (stage.trader("a", 1, 50_000), stage.trader("b", 1, 50_000));
        stage.trade(&other, &another, BTC_PERP, 10_000);
        stage.trade(&a, &b, ETH_PERP_B, 10_000);
        // As many accounts of one owner as one may have, and one of each of the others.
        let owner = stage.trader("owner", 0, 100);
        let mut wallets = vec![None; count];
        for wallet in wallets.iter_mut().take(32).skip(1) {
            *wallet = Some(owner.clone());
        }
        let (longs, margins, brought) = bet(&mut stage, &maker, &wallets);
        let prices = stage.prices(ETH_PERP);
        assert_eq!(
            (stage.open_interest(ETH_PERP), prices.open_interest),
            (CAP, CAP)
        );
        assert_eq!(
            prices.initial[0], prices.mark,
            "all of the notional at the cap"
        );
        let mark = stage.mark(ETH_PERP);
        stage.block(|| {
            let error = pallet_exchange::Error::<Runtime>::OpenInterestCap;
            assert_refused(place(&other, ETH_PERP, Side::Long, 10, mark), error);
        });

        stage.events.clear();
        let (elsewhere, fund) = (stage.compartment(1), stage.insurance(0));
        let (worth, had) = (stage.equity_quanta(&other), stage.equity_quanta(&maker));
        let bystanders = [&maker, &other, &another];
        let (cuts, allowance) = (Cell::new(0), Allowance::new(&mut stage, ETH_PERP));
        let block = |stage: &mut Stage| {
            cuts.set(cuts.get() + watched(stage, &bystanders, || {}));
            allowance.note(stage);
        };
        stage.drive(ETH, 1_500, block);
        let blocks = settle_down(&mut stage, ETH_PERP, block);
        let (totals, cut, allowed) = (stage.totals(ETH_PERP), cuts.get(), allowance.most(&stage));
        let paid = paid_by_fund(&stage.events, ETH_PERP);
        let fell = taken_over(&stage.events).len();
        let held = stage.inventory(ETH_PERP);
        println!(
            "{count} wallets brought {brought} for {} lots; margin of a lot {:.4} to {:.4}, at the cap {:.4}; {fell} failed, over \
             {blocks} blocks after the fall",
            CAP, wholes(margins[0]), wholes(margins[99]), wholes(prices.initial[0].0),
        );
        println!(
            "  losses {:.2}, covered {:.2}, {:.2} of it by the fund, {:.2} allowed, fund {:.2} -> {:.2} (holds {held}), cut from the maker {:.2} of a gain of {:.2}",
            wholes(totals.losses.0), wholes(totals.covered.0), wholes(paid), wholes(allowed), wholes(fund),
            wholes(stage.insurance(0)), wholes(cut), wholes(stage.equity_quanta(&maker) - had),
        );
        assert!(paid <= allowed);
        assert!(stage.insurance(0) >= fund - allowed);
        assert_eq!(cut, totals.haircuts.0, "nobody but who won by it");
        assert!(stage.equity_quanta(&maker) > had, "the winner keeps a gain");
        assert_eq!(stage.equity_quanta(&other), worth);
        assert!(
            stage.compartment(1) == elsewhere,
            "the other compartment is as it was"
        );
        assert_eq!(fell > 0, count > 1);
        assert!(longs.iter().all(|long| !stage.is_unsafe(long)));
        curves.push(margins);
    }
    assert_eq!(
        curves[0], curves[1],
        "the same for each lot, however the bet is split"
    );
}
