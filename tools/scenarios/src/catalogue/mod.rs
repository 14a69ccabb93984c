//! The scenarios that there are.

mod bets;
mod books;
pub mod days;
mod feeds;
mod paths;
mod pumps;
pub mod tools;

use crate::{error::Result, progress::Progress, report::Report};

/// A scenario.
pub struct Scenario {
    /// What it is called on the command line, and its files.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Whether it is an incident of another venue.
    pub is_incident: bool,
    /// Plays it.
    pub play: fn(&Scenario, Progress) -> Result<Report>,
}

impl Scenario {
    /// The command that writes its page.
    pub fn command(&self) -> String {
        format!("caisson-scenarios run {}", self.name)
    }
}

/// All of them, days first.
pub fn all() -> &'static [Scenario] {
    ALL
}

/// One by its name.
pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

const fn day(
    name: &'static str,
    title: &'static str,
    play: fn(&Scenario, Progress) -> Result<Report>,
) -> Scenario {
    Scenario {
        name,
        title,
        is_incident: false,
        play,
    }
}

const fn incident(
    name: &'static str,
    title: &'static str,
    play: fn(&Scenario, Progress) -> Result<Report>,
) -> Scenario {
    Scenario {
        name,
        title,
        is_incident: true,
        play,
    }
}

const ALL: &[Scenario] = &[
    day("calm", "A calm ten minutes", days::calm),
    day("crash", "A fall by 30 % in 100 seconds", days::crash),
    day(
        "crash-oracle-dies",
        "The same fall, and the oracle dies in it",
        days::crash_oracle_dies,
    ),
    day(
        "crash-chain-stops",
        "The same fall, and the chain stops in it",
        days::crash_chain_stops,
    ),
    day("crash-day-2020-03-12", "12 March 2020", days::march_2020),
    day(
        "crash-day-2025-10-10",
        "10 October 2025",
        days::october_2025,
    ),
    incident(
        "mango-2022",
        "Mango, October 2022: spot pumped, paper profit taken out",
        pumps::mango,
    ),
    incident(
        "yfi-2023",
        "YFI on dYdX v3, November 2023: a hundred wallets, one bet",
        bets::yfi,
    ),
    incident(
        "eth-whale-2025",
        "Hyperliquid, March 2025: profit taken out until liquidation",
        bets::eth_whale,
    ),
    incident(
        "jelly-2025",
        "JELLY on Hyperliquid, March 2025: a short left to the vault",
        pumps::jelly,
    ),
    incident(
        "xpl-2025",
        "XPL on Hyperliquid, August 2025: a thin book swept",
        books::xpl,
    ),
    incident(
        "popcat-2025",
        "POPCAT on Hyperliquid, November 2025: a wall of bids pulled",
        books::popcat,
    ),
    incident(
        "dydx-2025",
        "dYdX, 10 October 2025: a market stops, and with it the chain",
        feeds::dydx,
    ),
    incident(
        "skrw-2019",
        "Synthetix, June 2019: one source a thousandfold",
        feeds::skrw,
    ),
    incident(
        "bzx-2020",
        "bZx, February 2020: a path around the margin check",
        paths::bzx,
    ),
    incident(
        "perp-2022",
        "Perpetual Protocol v1, May 2022: a liquidation moves the price",
        paths::perp,
    ),
    incident(
        "drift-2022",
        "Drift v1, May 2022: profit paid before it was collected",
        paths::drift,
    ),
    incident(
        "paradex-2026",
        "Paradex, January 2026: a price of zero",
        feeds::paradex,
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_should_be_unique_and_fit_for_files() {
        let names: BTreeSet<_> = all().iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), all().len());
        for name in names {
            assert!(
                name.bytes().all(|letter| letter.is_ascii_lowercase()
                    || letter.is_ascii_digit()
                    || letter == b'-'),
                "{name}"
            );
            assert!(find(name).is_some());
        }
        assert!(find("none").is_none());
    }
}
