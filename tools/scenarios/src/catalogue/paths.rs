//! Paths around the check of margin, prices that a liquidation moves, and profit that nobody paid for.

use caisson_primitives::trading::Side;
use caisson_runtime::{Runtime, RuntimeCall, RuntimeEvent};
use pallet_exchange::{
    types::{CancelReason, Quote},
    Event as Exchanged,
};

use super::{
    tools::{self, common_claims, is_not_given_up, mark_stays_near},
    Scenario,
};
use crate::{
    calls,
    error::Result,
    money::{grouped, percent, wholes, QUANTA, UNITS},
    progress::Progress,
    report::{Claim, Origin, Report},
    stage::{quanta_of_units, Actor, Stage, BTC, BTC_PERP, ETH, ETH_PERP_B},
};

/// What somebody tries who wants out of the margin check.
fn attempts(one: &Actor, mark: u32, lots: u64) -> Vec<(&'static str, RuntimeCall)> {
    let low = mark - mark * 9 / 100;
    let quotes = [Side::Long, Side::Short].map(|side| Quote {
        side,
        price: mark,
        lots: 3 * lots,
        client_id: None,
    });
    let leverage = |leverage| {
        RuntimeCall::from(pallet_margin::Call::<Runtime>::set_leverage {
            account: one.account,
            leverage,
        })
    };
    vec![
        (
            "take out all the money",
            calls::withdraw(one, 1_000 * UNITS),
        ),
        ("take out a tenth of it", calls::withdraw(one, 100 * UNITS)),
        (
            "buy as much again",
            calls::limit(one, BTC_PERP, Side::Long, lots, mark),
        ),
        (
            "sell three times the position",
            calls::limit(one, BTC_PERP, Side::Short, 3 * lots, mark),
        ),
        (
            "sell all to an accomplice 9 % below",
            calls::immediate(one, BTC_PERP, Side::Short, lots, low),
        ),
        (
            "turn the position there",
            calls::immediate(one, BTC_PERP, Side::Short, 2 * lots, low),
        ),
        (
            "quote three times the position on both sides",
            calls::quotes(one, BTC_PERP, quotes.to_vec()),
        ),
        ("promise less leverage than it has", leverage(2)),
        (
            "sell all at the market, down to 9 % below",
            calls::market(one, BTC_PERP, Side::Short, lots, 90_000),
        ),
    ]
}

/// What became of an attempt in its block.
fn fate(stage: &mut Stage, passed: bool) -> &'static str {
    if !passed {
        return "refused";
    }
    for event in stage.events() {
        match event {
            RuntimeEvent::Exchange(Exchanged::Cancelled {
                reason: CancelReason::NotEnoughMargin,
                ..
            }) => return "let in, and cancelled in the call for lack of margin",
            RuntimeEvent::Exchange(Exchanged::Replaced { results, .. })
                if results.iter().all(std::result::Result::is_err) =>
            {
                return "every quote refused"
            }
            _ => {}
        }
    }
    "let in"
}

/// bZx, February 2020.
pub fn bzx(scenario: &Scenario, progress: Progress) -> Result<Report> {
    const LOTS: u64 = 3_500;
    let mut stage = tools::open(BTC_PERP, progress);
    stage.insure(0, 10_000, 0);
    let (one, rich) = (
        stage.trader("one", 0, 1_000),
        stage.trader("rich", 0, 500_000),
    );
    let accomplice = stage.trader("accomplice", 0, 100_000);
    stage.trade(&one, &rich, BTC_PERP, LOTS);
    let mark = stage.mark_ticks(BTC_PERP);
    // The accomplice bids far below: whatever is sold there is a gift.
    let gift = calls::limit(
        &accomplice,
        BTC_PERP,
        Side::Long,
        10_000,
        mark - mark * 9 / 100,
    );
    stage.send(&accomplice, gift);
    stage.block();

    stage.begin(Some(640));
    let (mut was_unsafe, mut rows) = (false, Vec::new());
    for (what, call) in attempts(&one, mark, LOTS) {
        stage.tape.remark(format!("tries to {what}"));
        stage.send(&one, call);
        let passed = stage.block().iter().all(std::result::Result::is_ok);
        let fate = fate(&mut stage, passed);
        was_unsafe |= stage.is_unsafe(&one);
        // Longer than a long call, so that whatever was let in has its clearing.
        for _ in 0..70 {
            stage.block();
            was_unsafe |= stage.is_unsafe(&one);
        }
        rows.push((
            format!("tries to {what}"),
            format!(
                "{fate}; equity then {} USDD, {} lots",
                wholes(stage.equity(&one)),
                stage.lots(&one, BTC_PERP)
            ),
        ));
        stage.send(&one, calls::cancel_all(&one, BTC_PERP));
        stage.block();
    }
    let equity = stage.equity(&one);
    stage.end();

    let found: u32 = stage.tape.samples.iter().map(|sample| sample.found).sum();
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            !was_unsafe && found == 0,
            "Nothing that the account does by itself takes it under maintenance margin, in any block",
        ),
        Claim::new(equity >= 0, "And it never owes anything"),
        mark_stays_near(&stage.tape, 20_000),
        is_not_given_up(&mut stage),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 14 February 2020 somebody opened a leveraged position on bZx whose own trade pushed a thin market to several times the price. The \
            code had a check that the loan was still covered afterwards, but there was a path that skipped it. The loan was insolvent from the \
            first second, and some 1,200 ether were gone. Sources: [bZx](https://bzx.network/blog/postmortem-ethdenver), \
            [Quantstamp](https://quantstamp.com/blog/market-dynamics-of-the-1st-bzx-hack-part-1).".to_owned(),
        played: "Bitcoin stays at 50,000. An account that can only just carry its position tries nine ways out of its margin, one after the \
            other, with an accomplice who bids 9 % below the mark.".to_owned(),
        origin: Origin::Synthetic,
        people: format!(
            "One account, long {} lots with 1,000 USDD; a rich counterparty; an accomplice with a bid for 10,000 lots far below.",
            grouped(LOTS.into())
        ),
        story: vec![
            "Most attempts are refused at once. What is let in is judged again where the call clears: an order that would leave its \
             account short of margin is cancelled there instead of filled. The table says what became of each."
                .to_owned(),
        ],
        rows,
        claims,
        tape: stage.tape,
    })
}

/// The lots of an account that traded in the last block, and the lowest price.
fn sold(stage: &mut Stage, wanted: u32) -> (u64, i128) {
    stage
        .events()
        .into_iter()
        .filter_map(|event| match event {
            RuntimeEvent::Exchange(Exchanged::Filled {
                account,
                lots,
                price,
                ..
            }) if account == wanted => Some((lots, price.0)),
            _ => None,
        })
        .fold((0, i128::MAX), |(lots, low), (more, price)| {
            (lots + more, low.min(price))
        })
}

/// Perpetual Protocol v1, May 2022.
pub fn perp(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(BTC_PERP, progress);
    stage.insure(0, 500_000, 0);
    let (bull, bear) = (
        stage.trader("bull", 0, 1_000_000),
        stage.trader("bear", 0, 1_000_000),
    );
    stage.trade(&bull, &bear, BTC_PERP, 800_000);
    let whale = stage.trader("whale", 0, 10_500);
    stage.trade(&whale, &bear, BTC_PERP, 40_000);
    let neighbours: Vec<Actor> = (0..12u64)
        .map(|number| {
            let one = stage.trader(&format!("neighbour//{number}"), 0, 1_000);
            stage.trade(&one, &bear, BTC_PERP, 2_600 + number * 78);
            one
        })
        .collect();
    let maker = stage.trader("maker", 0, 200_000);

    stage.begin(Some(140));
    // Slowly, so that calls stay short and the liquidation meets the book.
    stage.price(BTC, 49_400);
    stage.blocks(70);
    stage
        .tape
        .remark("a whale of 40,000 lots falls short of margin");
    stage.price(BTC, 48_830);
    stage.blocks(1);
    let (mut filled, mut lowest) = (0, i128::MAX);
    for _ in 0..60 {
        let mark = stage.mark_ticks(BTC_PERP);
        stage.send(&maker, calls::cancel_all(&maker, BTC_PERP));
        for step in 1..=8u32 {
            let bid = calls::limit(
                &maker,
                BTC_PERP,
                Side::Long,
                2_000,
                mark - mark * step / 500,
            );
            stage.send(&maker, bid);
        }
        stage.block();
        let (lots, low) = sold(&mut stage, whale.account);
        filled += lots;
        lowest = lowest.min(low);
    }
    let index = stage.prices(BTC_PERP).index.0;
    let kept = neighbours
        .iter()
        .zip(0u64..)
        .all(|(one, number)| stage.lots(one, BTC_PERP).unsigned_abs() == 2_600 + number * 78);
    stage.end();

    let off = if filled == 0 {
        0
    } else {
        (index - lowest) * 1_000_000 / index
    };
    let found: u32 = stage.tape.samples.iter().map(|sample| sample.found).sum();
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            filled > 8_000 && off > 5_000,
            format!("The liquidation meets a thin book: {} lots trade down to {} under the index", grouped(filled.into()), percent(off)),
        ),
        mark_stays_near(&stage.tape, 0),
        Claim::new(
            found == 1 && kept,
            "Twelve neighbours with little to spare keep their positions: nobody falls with the whale",
        ),
        is_not_given_up(&mut stage),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 15 May 2022 a very large position was liquidated on the first version of Perpetual Protocol, which made its prices itself by a \
            curve: the liquidation moved the price by which all positions were valued, and left bad debt that emptied the insurance fund. The \
            venue was shut down for good. Source: [the report of its team](https://gov.perp.fi/t/sunsetting-perp-v1/698).".to_owned(),
        played: "Bitcoin falls from 50,000 to 49,400, and a minute later to 48,830, which is too much for one whale and leaves its neighbours 1 % of \
            their positions to spare, or less.".to_owned(),
        origin: Origin::Synthetic,
        people: "A whale, long 40,000 lots (4 bitcoin) with 10,500 USDD; twelve neighbours with 1,000 USDD each; a bull and a bear of 800,000 lots; \
            one maker who bids for 2,000 lots at each of eight prices, 0.2 % apart, and offers nothing; an insurance fund of 500,000 \
            USDD.".to_owned(),
        story: vec![format!(
            "The whale's lots sold far below the index because that is where bids were. The mark did not follow: it is the index while the book has \
             no narrow middle. So the {} lots that sold cheaply cost nobody else anything.",
            grouped(filled.into())
        )],
        rows: vec![
            ("lots of the whale that traded, and the lowest under the index".to_owned(), format!("{}, {}", grouped(filled.into()), percent(off))),
            ("lots that the whale kept".to_owned(), grouped(stage.lots(&whale, BTC_PERP).into())),
        ],
        claims,
        tape: stage.tape,
    })
}

/// A block in which someone asks for all that may leave.
fn take_out(stage: &mut Stage, actor: &Actor) {
    let units = stage.withdrawable(actor);
    if units > 0 {
        stage.send(actor, calls::withdraw(actor, units));
    }
    stage.block();
}

/// Drift v1, May 2022.
pub fn drift(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(ETH_PERP_B, progress);
    stage.insure(1, 1_000, 0);
    let (loser, winner) = (
        stage.trader("loser", 1, 1_000),
        stage.trader("winner", 1, 2_000),
    );
    let bystander = stage.trader("bystander", 1, 5_000);
    stage.trade(&loser, &winner, ETH_PERP_B, 7_600);
    let wallets = [&winner, &bystander].map(|one| stage.wallet(one));

    stage.begin(Some(60));
    for (price, blocks) in [(2_450, 3), (1_875, 20)] {
        stage.tape.remark(format!("ether is at {price}"));
        stage.price(ETH, price);
        for _ in 0..blocks {
            take_out(&mut stage, &winner);
        }
    }
    stage
        .tape
        .remark("an hour passes without a block, so that withdrawals are open again");
    stage.pause(3_700);
    for actor in [&winner, &bystander] {
        take_out(&mut stage, actor);
        take_out(&mut stage, actor);
    }
    let took = [&winner, &bystander].map(|one| stage.wallet(one));
    stage.end();

    let [won, stood] = [0, 1].map(|place: usize| quanta_of_units(took[place] - wallets[place]));
    let totals = stage.tape.totals;
    let most = 3_000 * QUANTA + totals.covered.0;
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            totals.losses.0 > 3_000 * QUANTA,
            format!(
                "The loser is bankrupt by more than all the money there: {} USDD",
                wholes(totals.losses.0)
            ),
        ),
        Claim::new(
            won <= most,
            format!(
                "The winner leaves with no more than both brought and the fund paid: {} of {} USDD",
                wholes(won),
                wholes(most)
            ),
        ),
        Claim::new(
            stood == 5_000 * QUANTA,
            format!(
                "The bystander gets all of his money: {} of 5,000 USDD",
                wholes(stood)
            ),
        ),
        Claim::new(
            totals.haircuts.0 == totals.losses.0 - totals.covered.0,
            "What nobody could collect is cut from the profit that it was",
        ),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "In May 2022, while LUNA collapsed, shorts on Drift closed with large profits and took them out, before the longs on the other side had \
            realised their losses; and there was a second way by which profits were paid from what others had deposited. Within twelve hours 8.7 \
            of 13.7 million dollars had left. The venue paused, settled everything, and repaid its users with 14.6 million of outside money. \
            Sources: [Drift](https://driftprotocol.medium.com/drift-protocol-technical-incident-report-2022-05-11-eedea078b6d4), \
            [its settlement](https://driftprotocol.notion.site/Drift-Settlement-and-Claim-Process-c55ff831fb5c44cc9d2541c315c55132).".to_owned(),
        played: "Ether falls from 2,500 to 2,450, and in one block to 1,875: a quarter. In every block the winner asks for all that may leave. After an hour \
            in which withdrawals stay closed, winner and bystander take out what they can.".to_owned(),
        origin: Origin::Synthetic,
        people: "In the second compartment: a loser, long 7,600 lots (7.6 ether) with 1,000 USDD; a winner on the other side with 2,000; a bystander with \
            5,000 and no position; an insurance fund of 1,000 USDD.".to_owned(),
        story: vec![format!(
            "The loser owed {} USDD more than he had. The fund paid what it may, and the rest was cut from the winner's profit in the same blocks, so \
             that it never left: a profit is what somebody can pay. In the end the winner had {} USDD, the bystander {}.",
            wholes(totals.losses.0),
            wholes(won),
            wholes(stood)
        )],
        rows: vec![
            ("taken out by the winner, who brought 2,000, USDD".to_owned(), wholes(won)),
            ("taken out by the bystander, who brought 5,000, USDD".to_owned(), wholes(stood)),
        ],
        claims,
        tape: stage.tape,
    })
}
