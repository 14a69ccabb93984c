//! Every path ends in a margin check.

use super::wrong_prices::stripped;
use super::*;

/// What someone tries, and with what it must be refused; nothing if it may pass.
type Attempt = (
    &'static str,
    Box<dyn FnOnce() -> Result<(), DispatchError>>,
    Option<DispatchError>,
);

/// What an account that can only just carry its position may try with its money, orders and terms.
fn attempts(one: &Actor, other: &Actor, mark: Ticks, lots: u64) -> Vec<Attempt> {
    use pallet_exchange::{Call as Orders, Error as Refused};
    use pallet_margin::{Call as Money, Error as Held};

    let (id, account) = (one.id.clone(), one.account);
    let low = mark - mark * 9 / 100;
    let act = move |call: RuntimeCall| -> Box<dyn FnOnce() -> Result<(), DispatchError>> {
        let id = id.clone();
        Box::new(move || native::dispatch(&id, call))
    };
    let placing = |request| {
        RuntimeCall::from(Orders::<Runtime>::place {
            account,
            market: BTC_PERP,
            request,
        })
    };
    let resting = OrderRequest::limit;
    let reducing = resting(Side::Short, lots, low).immediate().reduce_only();
    let stop = resting(Side::Short, lots, low).triggered_at(Direction::AtOrBelow, mark + 1);
    let batch = vec![
        resting(Side::Long, 500, mark),
        resting(Side::Short, 3 * lots, mark),
    ];
    let quotes = [Side::Long, Side::Short].map(|side| pallet_exchange::types::Quote {
        side,
        price: mark,
        lots: 3 * lots,
        client_id: None,
    });
    let none = None::<DispatchError>;
    let margin: Option<DispatchError> = Some(Held::<Runtime>::NotEnoughMargin.into());
    let short: Option<DispatchError> = Some(Refused::<Runtime>::NotEnoughMargin.into());
    let withdrawing = |units| Money::<Runtime>::withdraw {
        account,
        asset: SETTLEMENT_ASSET,
        units,
    };
    let leverage = |leverage| Money::<Runtime>::set_leverage { account, leverage };
    vec![
        ("withdraw a unit", act(withdrawing(1).into()), margin),
        ("withdraw all", act(withdrawing(900 * UNITS).into()), margin),
        (
            "transfer to the other account",
            act(Money::<Runtime>::transfer {
                from: account,
                to: other.account,
                units: 1,
            }
            .into()),
            margin,
        ),
        (
            "close the account",
            act(Money::<Runtime>::close_account { account }.into()),
            Some(Held::<Runtime>::AccountInUse.into()),
        ),
        (
            "buy what was seized",
            act(Money::<Runtime>::buy_seized {
                compartment: 0,
                asset: DEVELOPMENT_COLLATERAL,
                lots: 1,
                max_cost: UNITS,
            }
            .into()),
            Some(Held::<Runtime>::NotSeized.into()),
        ),
        ("less leverage", act(leverage(10).into()), margin),
        (
            "as much leverage as there is",
            act(leverage(200).into()),
            none,
        ),
        (
            "buy more",
            act(placing(resting(Side::Long, 100, mark))),
            short,
        ),
        (
            "sell through to the other side",
            act(placing(resting(Side::Short, 3 * lots, mark))),
            short,
        ),
        (
            "buy dearly",
            act(placing(resting(Side::Long, 20, mark + mark * 9 / 100))),
            short,
        ),
        (
            "a batch",
            act(Orders::<Runtime>::place_batch {
                account,
                market: BTC_PERP,
                requests: batch.try_into().expect("few"),
            }
            .into()),
            none,
        ),
        (
            "a ladder",
            act(Orders::<Runtime>::replace_all {
                account,
                market: BTC_PERP,
                quotes: quotes.to_vec().try_into().expect("few"),
            }
            .into()),
            none,
        ),
        (
            "sell 9 % under the mark",
            act(placing(resting(Side::Short, lots, low))),
            none,
        ),
        (
            "a part of it",
            act(placing(resting(Side::Short, lots / 2, low))),
            none,
        ),
        ("at once, only reducing", act(placing(reducing)), none),
        ("a stop that fires at once", act(placing(stop)), none),
        (
            "a small offer",
            act(placing(resting(Side::Short, 10, mark + mark / 20))),
            none,
        ),
        (
            "cancel everything",
            act(Orders::<Runtime>::cancel_all {
                account,
                market: None,
            }
            .into()),
            none,
        ),
    ]
}

/// bZx, February 2020: one path skipped the check of margin after a trade, and the loan it left was never solvent. Here every
/// path that moves money or positions ends in that check: nothing an account does itself, against an accomplice with bids far
/// below the mark, takes it under maintenance margin.
#[test]
fn account_should_never_fall_short_by_its_own_act_whatever_it_tries() {
    let mut stage = Stage::new();
    let (one, accomplice) = (
        stage.trader("one", 0, 1_000),
        stage.trader("accomplice", 0, 100_000),
    );
    let second = stage.chain.run(|| {
        let account = pallet_margin::NextAccount::<Runtime>::get();
        pallet_margin::custody::open::<Runtime>(one.id.clone(), 0, 1, 100 * UNITS).expect("opens");
        Actor {
            id: one.id.clone(),
            account,
        }
    });
    let mark = stage.mark(BTC_PERP);
    // As many lots as margin allows.
    let lots = stage.chain.run(|| {
        (1..5_000u64).rev().find(|lots| {
            let request = OrderRequest::limit(Side::Long, *lots, mark).immediate();
            let preview = pallet_exchange::api::preview::<Runtime>(
                one.account,
                BTC_PERP,
                &request,
                |_, _, _, _| None,
            );
            preview.is_some_and(|preview| preview.refused.is_none())
        })
    });
    let lots = lots.expect("some");
    stage.trade(&one, &accomplice, BTC_PERP, lots);
    let health = |stage: &mut Stage| {
        stage
            .chain
            .run(|| Margin::health(one.account))
            .expect("an account")
    };
    let start = health(&mut stage);
    let least = start.slack.0;
    println!(
        "{lots} lots; initial health {:?}, slack {:?}",
        start.initial_health, start.slack
    );
    assert!(start.initial_health.0 >= 0 && start.initial_health.0 < 20 * QUANTA);

    let mut lowest = least;
    for (name, attempt, refusal) in attempts(&one, &second, mark, lots) {
        stage.block(|| {
            // Whatever is sold too cheap, the accomplice would buy.
            place(
                &accomplice,
                BTC_PERP,
                Side::Long,
                lots,
                mark - mark * 9 / 100,
            )
            .expect("a bid");
            let result = attempt().map_err(stripped);
            assert_eq!(result.err(), refusal.map(stripped), "{name}");
        });
        // A stop fires in the block after.
        stage.blocks(1);
        stage.block(|| {
            assert_ok!(cancel_all(&accomplice, BTC_PERP));
        });
        let worth = stage
            .chain
            .run(|| Worth::of(&Margin::load(one.account).expect("an account")));
        println!(
            "  {name}: lots {}, slack {}",
            stage.lots(&one, BTC_PERP),
            worth.slack()
        );
        assert!(
            worth.slack() >= 0 && !stage.is_unsafe(&one),
            "{name}: {worth:?}"
        );
        lowest = lowest.min(worth.slack());
    }
    // Churning costs fees, and stops where initial margin does.
    for _ in 0..20 {
        for side in [Side::Short, Side::Long] {
            stage.block(|| {
                place(&accomplice, BTC_PERP, side.opposite(), 500, mark).expect("the other side");
                let request = OrderRequest::limit(side, 500, mark).immediate();
                let _ = order(&one, BTC_PERP, request);
            });
            stage.block(|| {
                assert_ok!(cancel_all(&accomplice, BTC_PERP));
            });
            let health = health(&mut stage);
            assert!(health.slack.0 >= 0, "{health:?}");
            lowest = lowest.min(health.slack.0);
        }
    }
    let after = health(&mut stage);
    println!(
        "lowest slack {lowest} of {least}; health after churning {:?}",
        after.initial_health
    );
    assert_eq!(
        stage.find(
            |event| matches!(event, RuntimeEvent::Margin(Booked::BecameUnsafe { .. }))
                .then_some(())
        ),
        []
    );
    assert!(lowest >= 0);
}
