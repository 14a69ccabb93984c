//! Books that are not what they show.

use caisson_primitives::trading::{Side, Ticks};
use caisson_runtime::{Runtime, RuntimeEvent};
use pallet_exchange::Event as Exchanged;
use pallet_liquidation::Event as Liquidated;

use super::{
    tools::{self, common_claims, is_not_given_up, mark_stays_near, Allowance},
    Scenario,
};
use crate::{
    calls,
    error::Result,
    money::{grouped, percent, wholes},
    progress::Progress,
    report::{Claim, Origin, Report},
    stage::{Actor, Stage, ETH, ETH_PERP},
};

/// So many parts per million above 2,500, in ticks.
fn above(ppm: u32) -> Ticks {
    250_000 + Ticks::try_from(u64::from(ppm) * 250_000 / 1_000_000).unwrap_or(0)
}

/// Calls of the market that cleared in the last block, with price and lots.
fn cleared(stage: &mut Stage) -> Vec<(i128, u64)> {
    stage
        .events()
        .into_iter()
        .filter_map(|event| match event {
            RuntimeEvent::Exchange(Exchanged::Cleared {
                market: ETH_PERP,
                price,
                lots,
                ..
            }) => Some((price.0, lots)),
            _ => None,
        })
        .collect()
}

/// How often the last block made a call longer instead of clearing it.
fn extended(stage: &mut Stage) -> usize {
    let is_one = |event: &RuntimeEvent| {
        matches!(
            event,
            RuntimeEvent::Exchange(Exchanged::CallExtended {
                market: ETH_PERP,
                ..
            })
        )
    };
    stage.events().iter().filter(|event| is_one(event)).count()
}

/// Who sweeps, and against whom.
struct Sweep {
    maker: Actor,
    sweeper: Actor,
    accomplice: Actor,
    shorts: Vec<Actor>,
}

impl Sweep {
    fn prepare(stage: &mut Stage) -> Self {
        let sweep = Self {
            maker: stage.trader("maker", 0, 1_000_000),
            sweeper: stage.trader("sweeper", 0, 500_000),
            accomplice: stage.trader("accomplice", 0, 500_000),
            shorts: (0..5)
                .map(|number| stage.trader(&format!("short//{number}"), 0, 1_500))
                .collect(),
        };
        for short in &sweep.shorts {
            stage.trade(&sweep.maker, short, ETH_PERP, 10_000);
        }
        for step in 1..=9 {
            let offer = calls::limit(
                &sweep.maker,
                ETH_PERP,
                Side::Short,
                500,
                above(step * 10_000),
            );
            stage.send(&sweep.maker, offer);
        }
        stage.block();
        sweep
    }

    /// One sweep to nine percent above, and an honest offer when everybody has seen the call. Returns whether the call was made
    /// longer, in how many blocks it cleared, and at what price.
    fn once(&self, stage: &mut Stage) -> (bool, u32, i128) {
        let sweep = calls::immediate(&self.sweeper, ETH_PERP, Side::Long, 4_500, above(95_000));
        stage.send(&self.sweeper, sweep);
        stage.block();
        let was_extended = extended(stage) > 0 && cleared(stage).is_empty();
        let offer = calls::limit(&self.maker, ETH_PERP, Side::Short, 5_000, above(4_000));
        stage.send(&self.maker, offer);
        for waited in 1..=200 {
            stage.block();
            if let Some((price, _)) = cleared(stage).first() {
                return (was_extended, waited, *price);
            }
        }
        (was_extended, u32::MAX, 0)
    }

    /// It goes on for twenty minutes against the last of the book and the sweeper's other account. Returns extensions.
    fn on_and_on(&self, stage: &mut Stage) -> usize {
        stage.send(&self.maker, calls::cancel_all(&self.maker, ETH_PERP));
        stage.block();
        let mut extensions = 0;
        for second in 0..1_200u32 {
            if second % 20 == 0 {
                for one in [&self.sweeper, &self.accomplice] {
                    stage.send(one, calls::cancel_all(one, ETH_PERP));
                }
                let bid = calls::limit(&self.sweeper, ETH_PERP, Side::Long, 300, above(90_000));
                stage.send(&self.sweeper, bid);
                for (lots, price) in [(200, above(90_000)), (500, above(92_000))] {
                    let offer = calls::limit(&self.accomplice, ETH_PERP, Side::Short, lots, price);
                    stage.send(&self.accomplice, offer);
                }
            }
            stage.block();
            extensions += extended(stage);
        }
        extensions
    }
}

/// XPL, August 2025.
pub fn xpl(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(ETH_PERP, progress);
    stage.insure(0, 100_000, 0);
    let sweep = Sweep::prepare(&mut stage);
    stage.begin(Some(1_300));
    stage
        .tape
        .remark("the book is swept, up to 9 % above the index");
    let index = stage.prices(ETH_PERP).index.0;
    let (was_extended, waited, price) = sweep.once(&mut stage);
    let off = (price - index) * 1_000_000 / index;
    stage
        .tape
        .remark("quotes and self-trades 9 % above the index begin, and go on for twenty minutes");
    let extensions = sweep.on_and_on(&mut stage);
    let kept = sweep
        .shorts
        .iter()
        .all(|short| stage.lots(short, ETH_PERP) == -10_000);
    stage.end();
    let found: u32 = stage.tape.samples.iter().map(|sample| sample.found).sum();

    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            was_extended,
            "The sweep does not clear: its call is made longer, so that sellers can come",
        ),
        Claim::new(
            off <= 5_000,
            format!(
                "It clears where others sell, {} above the index, and not 9 %",
                percent(off)
            ),
        ),
        mark_stays_near(&stage.tape, 20_000),
        Claim::new(
            kept && found == 0,
            "All shorts stay as they are: nobody is liquidated",
        ),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "In the night of 26 August 2025 a few wallets bought everything that was offered in the thin perpetual of a token that was \
            not out yet, and drove it from 0.60 to 1.80 dollars within minutes, while it was 0.55 elsewhere. The venue's mark went along: it was \
            made of the venue's own trades. Over 17 million dollars of shorts, many of them hedges, were liquidated at what the buyers \
            asked; they made some 46 million. Sources: \
            [ForkLog](https://forklog.com/en/news/sudden-surge-in-xpl-premarket-price-leads-to-17-million-in-liquidations), \
            [CoinToday](https://www.cointoday.ai/news/market/00943/hyperliquids-xpl-market-faces-dollar17-million-liquidation-surge-amid-whale-moves).".to_owned(),
        played: "Ether stays at 2,500 everywhere else. A book of nine offers of 500 lots, one percent apart, is swept by one order; then, \
            for twenty minutes, the sweeper bids and trades with itself 9 % above the index.".to_owned(),
        origin: Origin::Synthetic,
        people: "Five shorts of 10,000 lots (10 ether) with 1,500 USDD each, some seventeen times their money: a mark 2.8 % higher \
            liquidates them. A maker on the other side, who also has the offers; the sweeper and its second account, with 500,000 USDD \
            each.".to_owned(),
        story: vec![format!(
            "The sweep was not carried out at once: a price so far away makes the call a long one. An honest offer came in meanwhile, \
             and {waited} blocks later all of it cleared {} above the index. In the twenty minutes after, calls were made longer {} times; \
             the self-trades that did go through in the end moved the mark only as far as its basis may go.",
            percent(off),
            grouped(i128::try_from(extensions).unwrap_or_default()),
        )],
        rows: vec![
            ("blocks until the sweep cleared, and how far above the index".to_owned(), format!("{waited}, {}", percent(off))),
            ("calls made longer in the twenty minutes".to_owned(), extensions.to_string()),
        ],
        claims,
        tape: stage.tape,
    })
}

/// What the market's fund offered and sold.
#[derive(Default)]
struct Unwinding {
    offers: u32,
    largest: u64,
    sold: u64,
}

/// Notes what the fund did in the last block.
fn note_unwinding(stage: &mut Stage, unwinding: &mut Unwinding) {
    let events = stage.events();
    let fund = stage
        .chain()
        .query(|| pallet_margin::Inventories::<Runtime>::get(ETH_PERP));
    for event in events {
        match event {
            RuntimeEvent::Liquidation(Liquidated::Unwinding { lots, .. }) => {
                unwinding.offers += 1;
                unwinding.largest = unwinding.largest.max(lots);
            }
            RuntimeEvent::Exchange(Exchanged::Filled { account, lots, .. })
                if Some(account) == fund =>
            {
                unwinding.sold += lots;
            }
            _ => {}
        }
    }
}

/// POPCAT, November 2025.
pub fn popcat(scenario: &Scenario, progress: Progress) -> Result<Report> {
    const LOTS: u64 = 40_000;
    let mut stage = tools::open(ETH_PERP, progress);
    stage.insure(0, 1_000_000, 0);
    let maker = stage.trader("maker", 0, 3_000_000);
    let (near, far) = (
        stage.trader("near", 0, 1_000_000),
        stage.trader("far", 0, 1_000_000),
    );
    let wallets: Vec<Actor> = (0..19)
        .map(|number| stage.trader(&format!("wallet//{number}"), 0, 5_200))
        .collect();
    for (spoofer, price) in [(&near, 249_500), (&near, 249_000), (&far, 227_000)] {
        let wall = calls::limit(spoofer, ETH_PERP, Side::Long, 1_000_000, price);
        stage.send(spoofer, wall);
    }
    stage.block();
    for wallet in &wallets {
        stage.trade(wallet, &maker, ETH_PERP, LOTS);
    }
    let spoofers = [&near, &far].map(|one| stage.equity(one));
    let fund = stage.insurance(0);

    stage.begin(Some(1_100));
    let mut allowance = Allowance::new(&mut stage, ETH_PERP);
    let mut unwinding = Unwinding::default();
    let mut block = |stage: &mut Stage, unwinding: &mut Unwinding| {
        stage.block();
        note_unwinding(stage, unwinding);
        allowance.note(stage);
    };
    stage
        .tape
        .remark("the wall at the price is pulled, and the price falls by 9 %");
    stage.send(&near, calls::cancel_all(&near, ETH_PERP));
    block(&mut stage, &mut unwinding);
    stage.drive(ETH, 2_275, |stage| block(stage, &mut unwinding));
    (0..10).for_each(|_| block(&mut stage, &mut unwinding));
    let held = stage.inventory(ETH_PERP);
    stage.tape.remark("the second wall is pulled");
    stage.send(&far, calls::cancel_all(&far, ETH_PERP));
    (0..120).for_each(|_| block(&mut stage, &mut unwinding));
    let sold_to_walls = unwinding.sold;
    let shown = unwinding.offers;
    stage
        .tape
        .remark("the price falls by 3 % more; then there are true bids");
    stage.drive(ETH, 2_200, |stage| block(stage, &mut unwinding));
    unwinding.largest = 0;
    for _ in 0..900 {
        let price = stage.mark_ticks(ETH_PERP) * 998 / 1_000;
        stage.send(&maker, calls::cancel_all(&maker, ETH_PERP));
        let bid = calls::reducing(&maker, ETH_PERP, Side::Long, 200_000, price);
        stage.send(&maker, bid);
        block(&mut stage, &mut unwinding);
    }
    stage.end();

    let lost = fund - stage.insurance(0);
    let most = allowance.most(&stage);
    let still = [&near, &far].map(|one| stage.equity(one));
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        allowance.claim(&stage),
        Claim::new(
            lost <= most,
            format!(
                "The fund loses no more than that all in all: {} of {} USDD",
                wholes(lost),
                wholes(most)
            ),
        ),
        Claim::new(
            unwinding.largest <= 20_000,
            format!(
                "It offers at most a tenth of the bids that are there: {} of 200,000 lots",
                grouped(unwinding.largest.into())
            ),
        ),
        Claim::new(
            unwinding.sold > sold_to_walls,
            "It does sell where bids are true",
        ),
        Claim::new(
            spoofers == still,
            "Who only showed bids neither gained nor lost by it",
        ),
        is_not_given_up(&mut stage),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 12 November 2025 somebody spread three million dollars over nineteen wallets, showed a wall of bids of some 20 million at \
            0.21 dollars, went long 25 to 30 million against it with five times leverage, and pulled the wall. The price fell to 0.13; the \
            wallets lost their three million, and the venue's vault, which inherited the longs without bids to sell them to, 4.9 million. \
            The venue closed what was left by hand. Sources: \
            [AskCrypto](https://www.askcrypto.com/news/meme-coin-chaos-alleged-popcat-manipulation-inflicts-4-9m-loss-on-hyperliquid), \
            [Bethel Clarion](https://bethelclarion.com/hyperliquid-loses-5-million-in-popcat-attack-as-hype-price-faces-mounting-pressure).".to_owned(),
        played: "Ether falls by 9 % in two blocks after the wall near the price is pulled; a second wall stands 9.2 % below, and is pulled \
            when the fund has begun to offer. The price falls to 2,200, and only then there are true bids.".to_owned(),
        origin: Origin::Synthetic,
        people: "Nineteen wallets, long 40,000 lots (40 ether) with 5,200 USDD each, nineteen times their money; a maker on the other \
            side; two spoofers with a million USDD each, whose walls are a million lots each; an insurance fund of a million USDD.".to_owned(),
        story: vec![format!(
            "The fund took the longs over and held {} lots of {}. While a wall was all there was it offered {} times and sold {} lots. To true \
             bids of 200,000 lots it sold {} lots, in slices of at most {}.",
            grouped(held.into()),
            grouped((19 * LOTS).into()),
            grouped(shown.into()),
            grouped(sold_to_walls.into()),
            grouped((unwinding.sold - sold_to_walls).into()),
            grouped(unwinding.largest.into()),
        )],
        rows: vec![
            ("lots that the fund held after the fall".to_owned(), grouped(held.into())),
            ("lots sold to walls, to true bids".to_owned(), format!(
                "{}, {}", grouped(sold_to_walls.into()), grouped((unwinding.sold - sold_to_walls).into())
            )),
            ("lost by the fund of its allowance, USDD".to_owned(), format!("{} of {}", wholes(lost), wholes(most))),
        ],
        claims,
        tape: stage.tape,
    })
}
