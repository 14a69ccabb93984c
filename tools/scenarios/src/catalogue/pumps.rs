//! Spot driven up by somebody who has bets on both sides.

use caisson_primitives::trading::MarketId;
use caisson_runtime::RuntimeEvent;
use pallet_liquidation::Event as Liquidated;

use super::{
    tools::{self, common_claims, is_not_given_up, limit_open_interest, Allowance},
    Scenario,
};
use crate::{
    calls,
    error::Result,
    money::{grouped, wholes, QUANTA},
    progress::Progress,
    report::{Claim, Origin, Report},
    stage::{quanta_of_units, Actor, Stage, ETH, ETH_PERP},
};

/// What each of the attacker's accounts of Mango brings, in wholes.
const DEPOSIT: u128 = 150_000;

/// A block in which both accounts of the attacker ask for all that may leave.
fn grab(stage: &mut Stage, attacker: &[Actor; 2], allowance: &mut Allowance) {
    for one in attacker {
        let most = stage.withdrawable(one);
        if most > 0 {
            stage.send(one, calls::withdraw(one, most));
        }
    }
    stage.block();
    allowance.note(stage);
}

/// All that the attacker has outside and may still get, in quanta.
fn belongings(stage: &mut Stage, attacker: &[Actor; 2]) -> i128 {
    let units: u128 = attacker
        .iter()
        .map(|one| stage.wallet(one) + stage.withdrawable(one))
        .sum();
    let queued = stage.state(|| {
        pallet_margin::Ledgers::<caisson_runtime::Runtime>::get(0)
            .queued
            .0
    });
    quanta_of_units(units) + queued
}

/// Mango, October 2022.
pub fn mango(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(ETH_PERP, progress);
    stage.insure(0, 100_000, 0);
    let (calm, rich) = (
        stage.trader("calm", 0, 250_000),
        stage.trader("rich", 0, 10_000_000),
    );
    let attacker = [
        stage.trader("long", 0, DEPOSIT),
        stage.trader("short", 0, DEPOSIT),
    ];
    stage.trade(&calm, &rich, ETH_PERP, 100_000);
    stage.trade(&attacker[0], &attacker[1], ETH_PERP, 1_000_000);
    let had = belongings(&mut stage, &attacker) - stage.withdrawable_of(&attacker);
    let brought = had + 2 * i128::try_from(DEPOSIT).expect("a constant") * QUANTA;

    stage.begin(Some(930));
    let mut allowance = Allowance::new(&mut stage, ETH_PERP);
    stage
        .tape
        .remark("spot is driven up; the oracle follows by its largest step in each block");
    let up = stage.drive(ETH, 50_000, |stage| grab(stage, &attacker, &mut allowance));
    let at_top = stage.equity(&attacker[0]);
    stage
        .tape
        .remark("spot is at twenty times its price; it stays there for two hours");
    for _ in 0..800 {
        stage.chain().skip_slots(8);
        grab(&mut stage, &attacker, &mut allowance);
    }
    stage.tape.remark("spot comes down again");
    stage.drive(ETH, 2_500, |stage| grab(stage, &attacker, &mut allowance));
    stage.settle_down(300, |stage| grab(stage, &attacker, &mut allowance));
    grab(&mut stage, &attacker, &mut allowance);
    let gain = belongings(&mut stage, &attacker) - brought;
    stage.end();

    let totals = stage.tape.totals;
    let mut claims = common_claims(&stage.tape);
    claims.push(allowance.claim(&stage));
    claims.push(Claim::new(
        gain <= totals.covered.0 + totals.haircuts.0,
        format!(
            "The attacker gains no more than what others paid for the account that went under: {} of {} USDD",
            wholes(gain),
            wholes(totals.covered.0 + totals.haircuts.0)
        ),
    ));
    let most = allowance.most(&stage);
    claims.push(Claim::new(
        gain <= most,
        format!(
            "And no more than the fund's allowance for one market: {} of {} USDD",
            wholes(gain),
            wholes(most)
        ),
    ));
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 11 October 2022 one trader sold himself a large position in the perpetual of the MNGO token, from one of his \
            accounts to another, then bought the token on the thin venues that the oracle read. The long showed a huge paper \
            profit; against it he borrowed over 110 million dollars of what other users had deposited, and left. Sources: \
            [on the CFTC's complaint](https://complianceconcourse.willkie.com/articles/insights-2023-20230113-cftc-alleges-manipulative-trading), \
            [on those of DOJ, CFTC and SEC](http://www.jdsupra.com/legalnews/doj-cftc-and-sec-bring-separate-actions-5301761/).".to_owned(),
        played: "Ether is driven from 2,500 to 50,000, stays there for two hours (in blocks nine seconds apart) and comes back. The \
            oracle follows by at most 5 % in a block, and marks its price as guarded until it has arrived. In every block both of \
            the attacker's accounts ask for all that they may take out.".to_owned(),
        origin: Origin::Synthetic,
        people: format!(
            "The attacker, long and short 1,000 ether with {} USDD in each account; two bystanders, long and short 100 ether, \
             with 250,000 and 10,000,000 USDD; an insurance fund of 100,000 USDD.",
            grouped(DEPOSIT as i128)
        ),
        story: vec![format!(
            "The pump took {up} blocks. At the top the attacker's long was worth {} USDD on paper. While the price was on its way \
             nothing could be taken out against it, because it was guarded; and the other account, the short, went under long \
             before the top. In the end the attacker had {} USDD {} than before.",
            wholes(at_top),
            wholes(gain.abs()),
            if gain < 0 { "less" } else { "more" }
        )],
        rows: vec![
            ("attacker brought, USDD".to_owned(), grouped(2 * DEPOSIT as i128)),
            ("paper equity of the long at the top, USDD".to_owned(), wholes(at_top)),
            ("attacker's gain in the end, USDD".to_owned(), wholes(gain)),
        ],
        claims,
        tape: stage.tape,
    })
}

impl Stage {
    /// What accounts may take out together, in quanta.
    fn withdrawable_of(&mut self, actors: &[Actor]) -> i128 {
        let units = actors.iter().map(|one| self.withdrawable(one)).sum();
        quanta_of_units(units)
    }
}

/// Accounts that the last block took over, and the lots that it closed against winners, with the prices.
fn acts(stage: &mut Stage, wanted: MarketId) -> (u32, u64, Vec<i128>) {
    let (mut taken, mut closed, mut prices) = (0, 0, Vec::new());
    for event in stage.events() {
        match event {
            RuntimeEvent::Liquidation(Liquidated::TakenOver { market, .. }) if market == wanted => {
                taken += 1;
            }
            RuntimeEvent::Liquidation(Liquidated::Deleveraged {
                market,
                lots,
                price,
                ..
            }) if market == wanted => {
                closed += lots;
                prices.push(price.0);
            }
            _ => {}
        }
    }
    (taken, closed, prices)
}

/// What was seen of the short of JELLY.
#[derive(Default)]
struct Seen {
    /// Lots that the fund might hold and did after the block of the take-over, and what was closed in it.
    take_over: Option<(u64, u64)>,
    /// Whether everything was closed at the mark of its block.
    at_mark: bool,
}

/// JELLY, March 2025.
pub fn jelly(scenario: &Scenario, progress: Progress) -> Result<Report> {
    const CAP: u64 = 1_000_000;
    const SHORT: u64 = CAP * 8 / 100;
    let mut stage = tools::open(ETH_PERP, progress);
    stage.insure(0, 20_000, 0);
    limit_open_interest(&mut stage, ETH_PERP, 500_000, CAP);
    let (honest, rich) = (
        stage.trader("honest", 0, 200_000),
        stage.trader("rich", 0, 5_000_000),
    );
    let (long, short) = (
        stage.trader("long", 0, 10_000),
        stage.trader("short", 0, 10_000),
    );
    stage.trade(&honest, &rich, ETH_PERP, 200_000);
    stage.trade(&long, &short, ETH_PERP, SHORT);
    let began = stage.equity(&honest);

    stage.begin(Some(60));
    let mut allowance = Allowance::new(&mut stage, ETH_PERP);
    let mut seen = Seen {
        at_mark: true,
        ..Seen::default()
    };
    let mut block = |stage: &mut Stage| {
        stage.block();
        let (taken, closed, prices) = acts(stage, ETH_PERP);
        let mark = stage.prices(ETH_PERP).mark.0;
        seen.at_mark &= prices.iter().all(|price| *price == mark);
        if taken > 0 {
            let held = stage.inventory(ETH_PERP).unsigned_abs();
            seen.take_over = Some((held, closed));
        }
        allowance.note(stage);
    };
    let up = stage.drive(ETH, 10_000, &mut block);
    let after = stage.settle_down(300, &mut block);
    stage.end();

    let (held, closed) = seen.take_over.unwrap_or_default();
    let gain = stage.equity(&honest) - began;
    let theirs = stage.equity(&long) + stage.equity(&short) - 20_000 * QUANTA;
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            held + closed == SHORT && closed > 0,
            format!(
                "What the fund may not hold is closed in the very block of the take-over: it keeps {} of {} lots, {} are closed",
                grouped(held.into()),
                grouped(SHORT.into()),
                grouped(closed.into())
            ),
        ),
        Claim::new(seen.at_mark, "Everything is closed at the mark of its block, and at no other price"),
        allowance.claim(&stage),
        Claim::new(
            gain >= 0,
            format!("A bystander on the winning side keeps a gain: {} USDD", wholes(gain)),
        ),
        is_not_given_up(&mut stage),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 26 March 2025 a trader opened a short of some six million dollars in the perpetual of a small coin, and bought the \
            coin elsewhere until its price had risen to several times what it was. The short was liquidated into the venue's \
            vault, which nothing stopped from holding all of it, and which lost some twelve million dollars on paper while others \
            pushed the price on. The validators then delisted the market and settled it at a price of their choice, 0.0095, far below \
            the one that traded. Sources: \
            [Coinfomania](https://coinfomania.com/jelly-token-delisted-hyperliquid-averts-12m-liquidation-crisis), \
            [Gate](https://www.gate.com/tr/blog/6729).".to_owned(),
        played: "Ether is driven from 2,500 to 10,000, four times its price, by 5 % in a block. Open interest may be no more than \
            1,000,000 lots (1,000 ether).".to_owned(),
        origin: Origin::Synthetic,
        people: format!(
            "The attacker, long and short {} lots with 10,000 USDD in each account; an honest long of 200,000 lots with 200,000 \
             USDD against a rich short; an insurance fund of 20,000 USDD. There is no bid or offer in the book.",
            grouped(SHORT.into())
        ),
        story: vec![format!(
            "The price arrived after {up} blocks; {}. When the short had too little left, the fund took it over, kept the {} lots \
             that it may hold, and closed the other {} at the mark against the longs in the same block. The attacker's two \
             accounts are {} USDD {} than they brought: that is what the long won of the rich short while the price rose, and \
             not of the fund, which paid {} USDD in all.",
            after.map_or_else(
                || "it did not come to rest".to_owned(),
                |blocks| match blocks {
                    0 => "everything was settled by then".to_owned(),
                    blocks => format!("{blocks} blocks later everything was settled"),
                }
            ),
            grouped(held.into()),
            grouped(closed.into()),
            wholes(theirs.abs()),
            if theirs < 0 { "worse" } else { "better" },
            wholes(stage.tape.paid[0])
        )],
        rows: vec![
            ("lots of the short, kept by the fund, closed at once".to_owned(), format!(
                "{}, {}, {}", grouped(SHORT.into()), grouped(held.into()), grouped(closed.into())
            )),
            ("gain of the honest long, USDD".to_owned(), wholes(gain)),
            ("attacker's gain on both accounts, USDD".to_owned(), wholes(theirs)),
        ],
        claims,
        tape: stage.tape,
    })
}
