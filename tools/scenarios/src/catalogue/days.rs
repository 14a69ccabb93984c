//! Price paths through a market with a crowd in it.

use caisson_price_server::History;

use super::{
    tools::{common_claims, strictest},
    Scenario,
};
use crate::{
    error::{Error, Result},
    figures::Figures,
    money::{grouped, wholes},
    path::Path,
    progress::Progress,
    replay::{Mishap, Replay},
    report::{Claim, Origin, Report},
};

/// Accounts of the crash days.
const DAY_ACCOUNTS: u32 = 10_000;
/// Accounts of the ten-minute paths.
const PATH_ACCOUNTS: u32 = 2_000;
/// Draws every crowd of the catalogue.
const SEED: u64 = 1;

const CALM: &str = include_str!("../../../price-server/histories/calm.csv");
const CRASH: &str = include_str!("../../../price-server/histories/crash.csv");

fn path(name: &str, text: &str) -> Result<Path> {
    let history = History::parse(name, text).map_err(|error| Error::new(error.to_string()))?;
    Path::of_history(&history, None)
}

/// What is told of a replay, whatever its path.
pub struct Tale {
    /// The name of the report's files.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The command that writes it.
    pub command: String,
    /// What happened in the world.
    pub world: String,
    /// What is played.
    pub played: String,
    /// Where the path is from.
    pub origin: Origin,
}

/// Plays a replay and tells of it.
///
/// Errors: the replay can't be played.
pub fn tell(tale: Tale, replay: &Replay, progress: Progress) -> Result<Report> {
    let played = replay.play(progress)?;
    let people = replay.people(&played.settled);
    let mut claims = common_claims(&played.tape);
    let mut story = Vec::new();
    if let Some(figures) = Figures::of(&played.tape) {
        claims.push(Claim::new(
            figures.insurance_at_least >= 0,
            format!(
                "The insurance fund is never below nothing: {} USDD at least",
                wholes(figures.insurance_at_least)
            ),
        ));
        story.push(ending(played.settled_after, &figures));
    }
    let failed = played.tape.notices.iter().any(|notice| {
        notice.text.contains("could not be liquidated") || notice.text.contains("failed")
    });
    claims.push(Claim::new(
        !failed,
        "No account and no fund was left because of an error",
    ));
    let rows = vec![
        (
            "history played in a block, s".to_owned(),
            replay.path.speed().to_string(),
        ),
        (
            "accounts of the crowd".to_owned(),
            grouped(played.settled.accounts.into()),
        ),
        ("seed".to_owned(), replay.seed.to_string()),
        (
            "strictest level".to_owned(),
            strictest(&played.tape).to_owned(),
        ),
    ];
    Ok(Report {
        name: tale.name,
        title: tale.title,
        command: tale.command,
        world: tale.world,
        played: tale.played,
        origin: tale.origin,
        people,
        story,
        rows,
        claims,
        tape: played.tape,
    })
}

fn ending(settled_after: Option<u32>, figures: &Figures) -> String {
    match settled_after {
        Some(0) if figures.found == 0 => "It was a quiet run.".to_owned(),
        Some(0) => "When the path ended everyone had their margin, and no deficit was open.".to_owned(),
        Some(blocks) => format!(
            "{blocks} blocks after the path had ended everyone had their margin again, and no deficit was open."
        ),
        None => "After the path had ended some accounts were still short of margin, or a deficit open.".to_owned(),
    }
}

fn tale(scenario: &Scenario, world: &str, played: &str) -> Tale {
    Tale {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        command: scenario.command(),
        world: world.to_owned(),
        played: played.to_owned(),
        origin: Origin::Synthetic,
    }
}

/// Nothing happens.
pub fn calm(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let replay = Replay::new(path("calm.csv", CALM)?, PATH_ACCOUNTS, SEED);
    let told = tale(
        scenario,
        "",
        "`tools/price-server/histories/calm.csv`: ten minutes with small moves, a block for each second. It shows what \
         the others are to be compared with.",
    );
    tell(told, &replay, progress)
}

const CRASH_PLAYED: &str = "`tools/price-server/histories/crash.csv`: calm for two minutes, a fall by 30 % in 100 \
    seconds, a bounce and aftershocks; a block for each second. No market of this size ever fell so fast: in March 2020 \
    the same fall took hours.";

/// A fall by 30 %.
pub fn crash(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let replay = Replay::new(path("crash.csv", CRASH)?, PATH_ACCOUNTS, SEED);
    tell(tale(scenario, "", CRASH_PLAYED), &replay, progress)
}

/// The fall, and no prices in the middle of it.
pub fn crash_oracle_dies(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut replay = Replay::new(path("crash.csv", CRASH)?, PATH_ACCOUNTS, SEED);
    replay.mishaps.push(Mishap::OracleDies {
        from: 170,
        blocks: 60,
    });
    let played = format!(
        "{CRASH_PLAYED} In the middle of the fall no validator reports for a minute: the chain is blind while the price \
         goes on falling."
    );
    tell(tale(scenario, "", &played), &replay, progress)
}

/// The fall, and no blocks in the middle of it.
pub fn crash_chain_stops(scenario: &Scenario, progress: Progress) -> Result<Report> {
    let mut replay = Replay::new(path("crash.csv", CRASH)?, PATH_ACCOUNTS, SEED);
    replay.mishaps.push(Mishap::ChainStops {
        at: 150,
        seconds: 60,
    });
    let played = format!(
        "{CRASH_PLAYED} In the middle of the fall there is no block for a minute. The world goes on meanwhile: when the chain \
         is back the price is a fifth lower."
    );
    tell(tale(scenario, "", &played), &replay, progress)
}

/// A day that someone else made a path of, played with the crowd of the crash days.
fn crash_day(
    scenario: &Scenario,
    progress: Progress,
    (file, speed): (&str, u64),
    world: &str,
) -> Result<Report> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../price-server/histories");
    let history = History::read(&std::path::Path::new(folder).join(file))
        .map_err(|error| Error::new(error.to_string()))?;
    let path = Path::of_history(&history, Some(speed))?;
    let played = format!(
        "`tools/price-server/histories/{file}`: a path through prices that were published, as the file says one by one; what lies \
         between them is made up, and no market traded at it. A block, which is a second of the chain, is {speed} seconds of it, so \
         that prices move {speed} times as fast as they did in the world: stricter for liquidation, and bands of the circuit breaker \
         that are meant for a minute see what took {}.",
        minutes(speed)
    );
    let replay = Replay::new(path, DAY_ACCOUNTS, SEED);
    tell(tale(scenario, world, &played), &replay, progress)
}

/// What a minute of the chain was in the world.
fn minutes(speed: u64) -> String {
    match speed {
        1 => "a minute".to_owned(),
        speed => format!("{speed} minutes"),
    }
}

/// 12 March 2020.
pub fn march_2020(scenario: &Scenario, progress: Progress) -> Result<Report> {
    crash_day(
        scenario,
        progress,
        ("synthetic-2020-03-12.csv", 20),
        "The day after the World Health Organization declared a pandemic, bitcoin lost nearly half of its value in two \
         legs: from 7,300 to 5,700 dollars in the morning (UTC), and from 5,800 to below 4,000 at night. Liquidations fed the \
         second leg: on BitMEX, then the largest venue, the perpetual traded hundreds of dollars below spot until the venue \
         went down, and over 700 million dollars of positions had been liquidated there in the first leg alone. Sources: \
         [a chronicle of the two legs](https://blog.btcmex.com/black-thursday-what-actually-happened-to-bitcoin/), \
         [LedgerPrime](https://www.research.ledgerprime.com/p/cryptos-black-thursday-the-market).",
    )
}

/// 10 October 2025.
pub fn october_2025(scenario: &Scenario, progress: Progress) -> Result<Report> {
    crash_day(
        scenario,
        progress,
        ("synthetic-2025-10-10.csv", 10),
        "After an announcement of tariffs of 100 % on imports from China bitcoin fell from above 122,000 dollars to below \
         105,000 within hours, other coins by far more. Over 19 billion dollars of positions of 1.6 million accounts were \
         liquidated, the most ever in a day; several venues closed positions of winners to cover what losers could not pay \
         (auto-deleveraging). Sources: \
         [CoinShares](https://coinshares.com/it/insights/knowledge/billions-in-liquidations-what-happened), \
         [Yellow](https://yellow.com/research/trump-100-china-tariff-how-one-announcement-liquidated-dollar19-billion-in-crypto).",
    )
}
