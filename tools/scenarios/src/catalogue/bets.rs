//! Bets that leave the loss to the venue.

use caisson_primitives::trading::Side;
use caisson_runtime::Margin;

use super::{
    tools::{self, common_claims, is_not_given_up, limit_open_interest, Allowance},
    Scenario,
};
use crate::{
    calls,
    error::Result,
    money::{grouped, hundredths, percent, ppm, wholes, QUANTA, UNITS},
    progress::Progress,
    report::{Claim, Origin, Report},
    stage::{Actor, Stage, ETH, ETH_PERP},
};

/// The most open interest of the bet's market, and what each wallet takes of it.
const CAP: u64 = 1_000_000;
/// See [`CAP`].
const STEP: u64 = 10_000;

/// A hundred wallets that each bring the least they can and take [`STEP`] lots. Returns the initial margin of a lot in each step,
/// and what was brought in wholes.
fn bet(stage: &mut Stage, maker: &Actor) -> (Vec<i128>, u128) {
    let (mut margins, mut brought) = (Vec::new(), 0);
    for step in 0..CAP / STEP {
        stage.blocks(1);
        let prices = stage.prices(ETH_PERP);
        margins.push(prices.initial[0].0);
        let each = prices.initial[0].0 + prices.fee_reserve.0;
        let need = (each * i128::from(STEP))
            .unsigned_abs()
            .div_ceil(QUANTA.unsigned_abs());
        brought += need;
        let long = stage.trader(&format!("wallet//{step}"), 0, need);
        let mark = stage.mark_ticks(ETH_PERP);
        stage.send(&long, calls::limit(&long, ETH_PERP, Side::Long, STEP, mark));
        stage.send(
            maker,
            calls::limit(maker, ETH_PERP, Side::Short, STEP, mark),
        );
        stage.block();
    }
    stage.blocks(1);
    (margins, brought)
}

/// YFI on dYdX v3, November 2023.
pub fn yfi(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(ETH_PERP, progress);
    stage.insure(0, 100_000, 0);
    limit_open_interest(&mut stage, ETH_PERP, 200_000, CAP);
    let maker = stage.trader("maker", 0, 6_000_000);
    let late = stage.trader("late", 0, 100_000);
    let elsewhere = stage.fingerprint(1);

    stage.begin(Some(230));
    stage
        .tape
        .remark("a hundred wallets take one bet, 10 ether each");
    let (margins, brought) = bet(&mut stage, &maker);
    let mark = stage.mark_ticks(ETH_PERP);
    stage.send(&late, calls::limit(&late, ETH_PERP, Side::Long, 10, mark));
    let refused = stage.block().iter().all(std::result::Result::is_err);
    let (interest, prices) = (
        stage
            .tape
            .samples
            .last()
            .map_or(0, |sample| sample.state.open_interest),
        stage.prices(ETH_PERP),
    );
    let had = stage.equity(&maker);
    stage.tape.remark("the price falls by 40 %");
    let mut allowance = Allowance::new(&mut stage, ETH_PERP);
    let mut block = |stage: &mut Stage| {
        stage.block();
        allowance.note(stage);
    };
    stage.drive(ETH, 1_500, &mut block);
    stage.settle_down(300, &mut block);
    let won = stage.equity(&maker) - had;
    stage.end();

    let (first, last) = (
        ppm(margins.first().copied().unwrap_or(0), prices.mark.0),
        ppm(margins.last().copied().unwrap_or(0), prices.mark.0),
    );
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            interest == CAP && refused,
            format!("Open interest ends at its cap of {} lots; ten more are refused", grouped(CAP.into())),
        ),
        Claim::new(
            margins.is_sorted() && last > first,
            format!(
                "However it is split, the bet meets a rising margin: {} of the position for the first wallet, {} for the last",
                percent(first),
                percent(last)
            ),
        ),
        allowance.claim(&stage),
        Claim::new(won > 0, format!("Who took the other side keeps a gain: {} USDD", wholes(won))),
        Claim::new(
            stage.fingerprint(1) == elsewhere,
            "The other compartment is what it was, byte for byte",
        ),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "In November 2023 somebody went long the YFI perpetual with five times leverage from over a hundred wallets, drove the spot \
            price to more than three times what it was, and put the paper profits into more of the same, some 50 million dollars in \
            the end. Limits held for each wallet, and there were many. When the price fell by a third within an hour the wallets \
            had nothing left, and the one insurance fund of all markets paid nine million dollars, 40 % of what it had. Sources: \
            [Web3 is going great](https://web3isgoinggreat.com/single/dydx-insurance-fund-attack), \
            [on the venue's post-mortem](https://banklesstimes.com/news/2024/01/04/dydx-identifies-entity-behind-dollar9m-attack-takes-legal-action/).".to_owned(),
        played: "Ether stays at 2,500 while a hundred wallets take 10,000 lots (10 ether) each; then it falls by 40 %, 5 % in a \
            block. Open interest may be no more than 1,000,000 lots; from 200,000 on the initial margin rises, to all of the \
            position at the cap.".to_owned(),
        origin: Origin::Synthetic,
        people: "A hundred wallets that bring the least money they can; one maker who takes the other side; an insurance fund of \
            100,000 USDD.".to_owned(),
        story: vec![format!(
            "The first wallet had to put up {} of its position, the last {}: what counts is how much of the market is taken, not \
             who takes it. Together they had to bring {} USDD for a position of {} USDD.",
            percent(first),
            percent(last),
            grouped(i128::try_from(brought).unwrap_or(i128::MAX)),
            wholes(prices.mark.0 * i128::from(CAP)),
        )],
        rows: vec![
            ("brought by the wallets, USDD".to_owned(), grouped(i128::try_from(brought).unwrap_or(i128::MAX))),
            ("initial margin, first and last wallet".to_owned(), format!("{}, {}", percent(first), percent(last))),
            ("gain of the other side, USDD".to_owned(), wholes(won)),
        ],
        claims,
        tape: stage.tape,
    })
}

/// Someone's equity and notional, in quanta.
fn equity_and_notional(stage: &mut Stage, actor: &Actor) -> (i128, i128) {
    stage.state(|| {
        Margin::health(actor.account).map_or((0, 0), |health| (health.equity.0, health.notional.0))
    })
}

/// A block in which someone asks for so many units. Whether it went.
fn asks(stage: &mut Stage, actor: &Actor, units: u128) -> bool {
    stage.send(actor, calls::withdraw(actor, units));
    stage.block().iter().all(std::result::Result::is_ok)
}

/// Ether goes to so many wholes in steps of one dollar.
fn glide(stage: &mut Stage, wholes: u128) {
    let index = stage.prices(ETH_PERP).index.0;
    let mut at = (index.unsigned_abs() * 1_000 / QUANTA.unsigned_abs()).max(1);
    while at != wholes {
        at = if at < wholes { at + 1 } else { at - 1 };
        stage.price(ETH, at);
        stage.block();
    }
}

/// How far the index had fallen from its highest when the first account was found short, in parts per million.
fn fall_until_found(stage: &Stage) -> Option<i128> {
    let samples = &stage.tape.samples;
    let highest = samples.iter().map(|sample| sample.state.index).max()?;
    let found = samples.iter().find(|sample| sample.found > 0)?;
    Some(ppm(highest - found.state.index, highest))
}

/// The ETH whale on Hyperliquid, March 2025.
pub fn eth_whale(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(ETH_PERP, progress);
    stage.insure(0, 100_000, 0);
    let maker = stage.trader("maker", 0, 2_000_000);
    let whale = stage.trader("whale", 0, 50_000);
    stage.trade(&whale, &maker, ETH_PERP, 100_000);

    stage.begin(Some(460));
    glide(&mut stage, 2_625);
    let (before, notional) = equity_and_notional(&mut stage, &whale);
    // Down to five percent, which initial margin alone would allow in a quiet market.
    let down_to = (before - notional / 20).unsigned_abs() / 1_000_000;
    let greedy = asks(&mut stage, &whale, down_to);
    let most = stage.withdrawable(&whale);
    stage.tape.remark("the whale takes out all it may");
    let went = asks(&mut stage, &whale, most);
    let again = asks(&mut stage, &whale, 10 * UNITS);
    let (left, notional) = equity_and_notional(&mut stage, &whale);
    stage.tape.remark("the price falls");
    glide(&mut stage, 2_487);
    let was_unsafe = stage.is_unsafe(&whale);
    stage.tape.remark("the price falls on");
    glide(&mut stage, 2_300);
    stage.settle_down(200, |stage| {
        stage.block();
    });
    let fell = fall_until_found(&stage);
    stage.end();

    let share = ppm(left, notional);
    let figures_lost = stage.tape.totals.losses.0;
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            !greedy,
            "A withdrawal that would leave 5 % of the position is refused",
        ),
        Claim::new(
            went && !again && left * 10 >= notional,
            format!(
                "At least the transfer margin, a tenth of the position, stays: {}",
                percent(share)
            ),
        ),
        Claim::new(
            !was_unsafe,
            "After a fall by 5.26 % the account is still safe",
        ),
        Claim::new(
            figures_lost == 0 && fell.is_some(),
            "When it is liquidated in the end it owes nobody anything",
        ),
        is_not_given_up(&mut stage),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 12 March 2025 a trader was long some 160,000 ether (about 300 million dollars) with fifty times leverage, and up by \
            millions. Instead of closing, which would have moved the price against him, he took the profit out until the margin was \
            gone and the venue had to liquidate. Its vault took the position over near the top and lost four million dollars selling it; he \
            kept a gain of 1.8 million. Sources: \
            [Coin360](https://coin360.com/news/hyperliquid-4m-loss-whale-liquidation-manipulation), \
            [with the venue's words](https://cryptocurrencywatchgroup.com/analyzing-liquidations-the-4-million-loss-at-hyperliquid-and-its-implications/).".to_owned(),
        played: "Ether rises from 2,500 to 2,625, a dollar in a block; then it falls the same way to 2,300.".to_owned(),
        origin: Origin::Synthetic,
        people: "A whale, long 100,000 lots (100 ether) with 50,000 USDD; a maker on the other side. There is no bid in the book; the \
            insurance fund has 100,000 USDD.".to_owned(),
        story: vec![format!(
            "Up by 12,500 USDD, the whale asked for all but 5 % of its position, and was refused. It then took out the {} USDD that \
             it may; {} of the position stayed, and not another 10 USDD could be taken. That is more than a tenth, because of a profit \
             only that part may leave which it would also be at the slow price, and a move of minutes hardly shifts that. From there the price had to fall by {} until the \
             account was short of maintenance margin: room to close a position before it owes anything.",
            hundredths(i128::try_from(most / (UNITS / 100)).unwrap_or(i128::MAX)),
            percent(share),
            fell.map_or_else(|| "more than it did".to_owned(), percent),
        )],
        rows: vec![
            ("taken out, USDD".to_owned(), hundredths(i128::try_from(most / (UNITS / 100)).unwrap_or(i128::MAX))),
            ("left, share of the position".to_owned(), percent(share)),
            ("lots that the market's fund holds in the end".to_owned(), {
                let lots = stage.inventory(ETH_PERP);
                grouped(lots.into())
            }),
        ],
        claims,
        tape: stage.tape,
    })
}
