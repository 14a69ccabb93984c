//! Prices that are wrong, or none.

use caisson_chain_harness::Chain;
use caisson_primitives::{
    oracle::{FeedStatus, OraclePrice},
    trading::{Level, Side},
};
use caisson_runtime::{Runtime, RuntimeEvent};
use pallet_exchange::Event as Exchanged;

use super::{
    tools::{self, common_claims},
    Scenario,
};
use crate::{
    calls,
    error::Result,
    market::{Crowd, GAMBLERS, LEVERAGED},
    money::{grouped, ONE, UNITS},
    progress::Progress,
    report::{Claim, Origin, Report},
    stage::{Actor, Stage, BTC, BTC_PERP, ETH, ETH_PERP_B},
    tape::level_words,
    validators::{report, VALIDATORS},
};

/// What the won was, so to speak: bitcoin as honest validators see it.
const HONEST: OraclePrice = 60_000 * ONE;

/// A block in which each of these validators reports that bitcoin price; whether all reports entered.
fn reported(stage: &mut Stage, said: &[(&str, OraclePrice)]) -> bool {
    for (validator, price) in said {
        let transaction = report(
            stage.chain(),
            validator,
            &[(BTC, *price), (ETH, price / 20)],
        );
        stage.send_raw(transaction);
    }
    stage.block().iter().all(std::result::Result::is_ok)
}

fn all_say(price: OraclePrice) -> [(&'static str, OraclePrice); 4] {
    VALIDATORS.map(|validator| (validator, price))
}

/// Four validators who report, and a crowd of gamblers that any wrong price would wipe out.
fn reporting_stage(progress: Progress) -> Stage {
    let chain = Chain::from_preset("local_testnet");
    let mut stage = Stage::on(chain, BTC_PERP, tools::CHECKS_EVERY, progress);
    for _ in 0..90 {
        reported(&mut stage, &all_say(HONEST));
    }
    let crowd = Crowd {
        accounts: 400,
        longs: vec![(GAMBLERS, 50), (LEVERAGED, 50)],
        shorts: vec![(GAMBLERS, 50), (LEVERAGED, 50)],
        least_lots: 200,
        most_lots: 2_000,
    };
    crowd.settle(&mut stage, BTC_PERP, 1);
    stage.insure(0, 20_000, 10_000);
    stage
}

const CROWD: &str = "Four validators of equal stake, who report by signed transactions; 400 accounts in pairs of a long and a short, \
    all with four to eighteen times their money: any price that is wrong by a fifth would wipe out one side.";

/// What must hold while a price is wrong: marks stay, and nobody is touched.
fn nobody_was_touched(stage: &Stage, most_off: i128) -> Vec<Claim> {
    let before = stage.tape.before.map_or(0, |state| state.mark);
    let samples = &stage.tape.samples;
    let furthest = samples
        .iter()
        .map(|sample| (sample.state.mark - before).abs())
        .max()
        .unwrap_or_default();
    let found: u32 = samples.iter().map(|sample| sample.found).sum();
    vec![
        Claim::new(
            furthest * 1_000_000 <= most_off * before,
            "No wrong price reaches the mark",
        ),
        Claim::new(
            found == 0,
            "Nobody falls short of margin, and nobody is liquidated",
        ),
    ]
}

/// The first block of the scenario after which the index was trusted no further than so.
fn first_at(stage: &Stage, status: FeedStatus) -> Option<u32> {
    stage
        .tape
        .samples
        .iter()
        .find(|sample| sample.state.status <= status)
        .map(|sample| sample.place)
}

/// Synthetix, June 2019.
pub fn skrw(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = reporting_stage(progress);
    stage.begin(Some(260));
    for _ in 0..10 {
        reported(&mut stage, &all_say(HONEST));
    }
    stage
        .tape
        .remark("one validator of four says a hundred or a thousand times the price");
    for block in 0..30u32 {
        let times = if block % 2 == 0 { 100 } else { 1_000 };
        let mut said = all_say(HONEST);
        said[3].1 = times * HONEST;
        reported(&mut stage, &said);
    }
    let with_quorum = stage.tape.samples.last().map(|sample| sample.state.status);
    stage
        .tape
        .remark("two others are down: one honest validator is left, and the liar");
    let alone = stage.tape.samples.len();
    for block in 0..120u32 {
        let times = if block % 2 == 0 { 100 } else { 1_000 };
        reported(&mut stage, &[("Alice", HONEST), ("Dave", times * HONEST)]);
    }
    let frozen = first_at(&stage, FeedStatus::Stale);
    let frozen_after =
        frozen.map(|place| i128::from(place) - i128::try_from(alone).unwrap_or_default());
    let frozen_level = stage.level(BTC_PERP);
    stage.tape.remark("all are back, and say 60,300");
    for _ in 0..60 {
        reported(&mut stage, &all_say(HONEST / 200 * 201));
    }
    let after = stage.tape.samples.last().map(|sample| sample.state.status);
    stage.end();

    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            with_quorum == Some(FeedStatus::Live),
            "With a quorum of honest validators the liar moves nothing, and the feed stays live",
        ),
        Claim::new(
            frozen_after.is_some_and(|blocks| blocks <= 17),
            "Without a quorum the feed freezes within 17 blocks; it is never an average",
        ),
        Claim::new(
            frozen_level >= Level::ReduceOnly,
            "While it is frozen nobody can add risk",
        ),
        Claim::new(after == Some(FeedStatus::Live), "With a quorum it goes on"),
    ]);
    claims.extend(nobody_was_touched(&stage, 6_000));
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 25 June 2019 one of the services that Synthetix took its prices from said that the Korean won was worth a thousand times \
            what it was. Outliers were discarded, but a second source was down, so only two were left: the oracle took the average of \
            them. A bot traded on it and made over a billion dollars on paper within an hour; its owner agreed to give it back. Source: \
            [Synthetix](https://blog.synthetix.io/response-to-oracle-incident/).".to_owned(),
        played: "Bitcoin is at 60,000. One validator of four says 6,000,000 and 60,000,000 in turn: first with three honest ones, then with a \
            single one.".to_owned(),
        origin: Origin::Synthetic,
        people: CROWD.to_owned(),
        story: vec![format!(
            "As long as three of four said the same the fourth was an outlier: its reports counted for nothing. When only one honest \
             validator was left beside the liar there was no quorum, so there was no new price: the last one stayed, {} blocks later \
             it was stale, and the market was at {}. With the others back the price moved on at once.",
            frozen_after.map_or_else(|| "no".to_owned(), |blocks| blocks.to_string()),
            level_words(frozen_level)
        )],
        rows: vec![(
            "blocks from the loss of the quorum until the feed was frozen".to_owned(),
            frozen_after.map_or_else(|| "never".to_owned(), |blocks| blocks.to_string()),
        )],
        claims,
        tape: stage.tape,
    })
}

/// Writes a bitcoin price into the oracle's storage as if validators had agreed on it just now.
fn corrupt(stage: &mut Stage, price: OraclePrice) {
    let now = stage.next_time();
    stage.state(|| {
        pallet_price_oracle::Aggregates::<Runtime>::mutate(|all| {
            let aggregate = pallet_price_oracle::types::Aggregate {
                price,
                confidence: 0,
                observed_at: now,
                updated_at: now,
                held_back: false,
                status: FeedStatus::Live,
            };
            all.try_insert(BTC, aggregate).expect("the feed is there");
        });
    });
}

/// Paradex, January 2026.
pub fn paradex(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = reporting_stage(progress);
    stage.begin(Some(120));
    for _ in 0..10 {
        reported(&mut stage, &all_say(HONEST));
    }
    stage
        .tape
        .remark("all validators sign prices of nothing, of almost nothing, and beyond all bounds");
    for price in [0, 1, (1 << 84) - 1, OraclePrice::MAX] {
        for _ in 0..3 {
            for validator in VALIDATORS {
                let transaction = report(stage.chain(), validator, &[(BTC, price)]);
                stage.send_raw(transaction);
            }
            stage.block();
        }
    }
    stage.blocks(10);
    let blind = stage.tape.samples.last().map(|sample| sample.state.status);
    stage.tape.remark("the validators say the true price again");
    for _ in 0..20 {
        reported(&mut stage, &all_say(HONEST));
    }
    stage.tape.remark(
        "a zero, then the largest number, is written into the oracle's storage as a live price",
    );
    let mut levels = Vec::new();
    for wrong in [0, OraclePrice::MAX] {
        for _ in 0..5 {
            corrupt(&mut stage, wrong);
            stage.block();
            levels.push(stage.level(BTC_PERP));
        }
    }
    stage.tape.remark("the storage is right again");
    corrupt(&mut stage, HONEST);
    for _ in 0..60 {
        reported(&mut stage, &all_say(HONEST));
    }
    let after = stage.tape.samples.last().map(|sample| sample.state.status);
    stage.end();

    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            blind == Some(FeedStatus::Stale),
            "Reports of impossible prices don't enter, even if all validators sign them: the feed knows nothing",
        ),
        Claim::new(
            levels.iter().all(|level| *level >= Level::ReduceOnly),
            "With an impossible price in storage nobody can add risk, from that very block on",
        ),
        Claim::new(after == Some(FeedStatus::Live), "With the true price it goes on"),
    ]);
    claims.extend(nobody_was_touched(&stage, 100));
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "On 19 January 2026, in the maintenance of its database, Paradex came up with a bitcoin price of zero. Its engine did what engines \
            do and liquidated everybody whom that made poor. The venue halted its chain, set it back to the block before, and cancelled the \
            open orders. Sources: [Because Bitcoin](https://becausebitcoin.com/post/paradex-zero-btc-migration-bug-chain-rollback), \
            [CoinScreamer](https://coinscreamer.com/bitcoin-zero-paradex-glitch/amp/?noamp=mobile).".to_owned(),
        played: "Bitcoin is at 60,000. All validators sign absurd prices for a while. Then a zero, and the largest number there is, stand in the \
            oracle's storage as if it were a live price: as after a bad migration.".to_owned(),
        origin: Origin::Synthetic,
        people: CROWD.to_owned(),
        story: vec![
            "Prices outside a feed's bounds don't enter, whoever signs them; so for a while nothing was known, and the last mark stayed. \
             Written into storage from behind, the zero was seen by the markets, which believe no such price: the mark stayed again, and \
             the market took no order that adds risk.".to_owned(),
        ],
        rows: Vec::new(),
        claims,
        tape: stage.tape,
    })
}

/// Whether the last block had fills in a market.
fn filled(stage: &mut Stage, wanted: u16) -> bool {
    stage.events().iter().any(|event| {
        matches!(event, RuntimeEvent::Exchange(Exchanged::Filled { market, .. }) if *market == wanted)
    })
}

/// dYdX, 10 October 2025.
pub fn dydx(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut stage = tools::open(BTC_PERP, progress);
    stage.insure(0, 50_000, 0);
    let (long, short) = (
        stage.trader("long", 0, 1_000),
        stage.trader("short", 0, 50_000),
    );
    let (a, b) = (stage.trader("a", 1, 10_000), stage.trader("b", 1, 10_000));
    stage.trade(&long, &short, BTC_PERP, 3_800);

    stage.begin(Some(900));
    stage
        .tape
        .remark("the price falls by 2.8 %: one account is short of margin");
    stage.price(BTC, 48_600);
    stage.blocks(1);
    stage
        .tape
        .remark("the feed dies, and the world goes on to fall by 18 %");
    stage.outside(BTC, 40_000 * ONE);
    let seen = quarantine(&mut stage, [&long, &short, &a, &b]);
    stage.tape.remark("the quorum is back; the price is 48,200");
    stage.price(BTC, 48_200);
    stage.status(BTC, None);
    stage.blocks(1);
    let still_closed = stage.level(BTC_PERP) >= Level::ReduceOnly;
    let waited = (0..800u32).find(|_| {
        let is_open = stage.level(BTC_PERP) <= Level::LongCalls;
        if !is_open {
            stage.block();
        }
        is_open
    });
    let (buyer, seller) = (
        stage.trader("buyer", 0, 5_000),
        stage.trader("seller", 0, 5_000),
    );
    let mark = stage.mark_ticks(BTC_PERP);
    stage.send(&buyer, calls::limit(&buyer, BTC_PERP, Side::Long, 10, mark));
    stage.send(
        &seller,
        calls::limit(&seller, BTC_PERP, Side::Short, 10, mark),
    );
    stage.block();
    let call = (1..=200u32).find(|_| {
        stage.block();
        stage.lots(&buyer, BTC_PERP) == 10
    });
    stage.settle_down(200, |stage| {
        stage.block();
    });
    stage.end();

    let words =
        |blocks: Option<u32>| blocks.map_or_else(|| "no".to_owned(), |blocks| blocks.to_string());
    let mut claims = common_claims(&stage.tape);
    claims.extend([
        Claim::new(
            seen.is_untouched,
            "While the feed is dead nobody in the market is liquidated, and nothing trades in it",
        ),
        Claim::new(
            seen.refused == seen.tried,
            format!(
                "Nobody can add risk or take money out: {} of {} attempts are refused",
                seen.refused, seen.tried
            ),
        ),
        Claim::new(
            seen.elsewhere == 9,
            format!(
                "The chain and other markets go on: {} of 9 trades elsewhere",
                seen.elsewhere
            ),
        ),
        Claim::new(
            still_closed,
            "With the quorum back it does not open at once",
        ),
        Claim::new(
            call.is_some_and(|blocks| blocks >= 30),
            format!(
                "It comes back with one long call, of {} blocks",
                words(call)
            ),
        ),
    ]);
    Ok(Report {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: "In the crash of 10 October 2025 all of an isolated market's open interest was liquidated in one trade. A transfer between pools then \
            had a negative amount, although the market's insurance fund could have paid; a failsafe stopped the whole chain, for eight \
            hours. When it was back, validators were slow to restart their price services, and for a while trades and liquidations \
            were done at stale prices; governance voted on up to 462,000 dollars of compensation. Sources: \
            [dYdX](https://www.dydx.xyz/blog/october-2025-dydx-chain-incident-review-community-update), \
            [on the compensation](https://www.kwf1.net/post/dydx-community-to-vote-on-462k-payout-after-outage-defi-compensation-explained).".to_owned(),
        played: "Bitcoin falls from 50,000 to 48,600, and one account is short of margin. Then the feed dies for ninety blocks while the world's \
            price falls to 40,000, which the chain can't see. It comes back at 48,200.".to_owned(),
        origin: Origin::Synthetic,
        people: "A long of 3,800 lots with 1,000 USDD against a short with 50,000, and nobody else in the book; two traders in another \
            compartment; an insurance fund of 50,000 USDD.".to_owned(),
        story: vec![format!(
            "A market whose feed is dead is set aside: its mark stays, nobody in it is liquidated on a price that nobody knows, and nobody \
             adds risk. The chain made every block meanwhile, and others traded. When the quorum was back the engine acted at once on the \
             account that was short; everyone else waited {} blocks, and traded again after one call of {} blocks in which all could see \
             where the price was.",
            words(waited),
            words(call)
        )],
        rows: vec![
            ("blocks until the market took orders that add risk".to_owned(), words(waited)),
            ("blocks of the first call".to_owned(), words(call)),
            ("trades elsewhere meanwhile".to_owned(), grouped(seen.elsewhere.into())),
        ],
        claims,
        tape: stage.tape,
    })
}

/// What was seen while the feed was dead.
struct Quarantine {
    is_untouched: bool,
    tried: u32,
    refused: u32,
    elsewhere: u32,
}

/// Ninety blocks without a feed. The short tries to add and to withdraw; two others trade in another compartment.
fn quarantine(stage: &mut Stage, [long, short, a, b]: [&Actor; 4]) -> Quarantine {
    let mut seen = Quarantine {
        is_untouched: true,
        tried: 0,
        refused: 0,
        elsewhere: 0,
    };
    let lots = stage.lots(long, BTC_PERP);
    for second in 0..90u32 {
        let status = if second < 30 {
            FeedStatus::Stale
        } else {
            FeedStatus::Down
        };
        stage.status(BTC, Some(status));
        if second % 10 == 5 {
            let mark = stage.mark_ticks(BTC_PERP);
            stage.send(short, calls::limit(short, BTC_PERP, Side::Short, 10, mark));
            stage.send(short, calls::withdraw(short, 100 * UNITS));
        }
        let trades = second % 10 == 7;
        if trades {
            let (buyer, seller) = if second % 20 == 7 { (a, b) } else { (b, a) };
            let mark = stage.mark_ticks(ETH_PERP_B);
            stage.send(
                buyer,
                calls::limit(buyer, ETH_PERP_B, Side::Long, 100, mark),
            );
            stage.send(
                seller,
                calls::limit(seller, ETH_PERP_B, Side::Short, 100, mark),
            );
        }
        let results = stage.block();
        if second % 10 == 5 {
            seen.tried += 2;
            let refused = results.iter().filter(|result| result.is_err()).count();
            seen.refused += u32::try_from(refused).unwrap_or_default();
        }
        seen.elsewhere += u32::from(trades && filled(stage, ETH_PERP_B));
        seen.is_untouched &= stage.lots(long, BTC_PERP) == lots && !filled(stage, BTC_PERP);
    }
    seen
}
