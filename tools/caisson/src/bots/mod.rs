//! A small crowd that trades: market makers, trend followers, gamblers, hedgers.
//!
//! - `desk` is what a bot sees and what it may do; `maker`, `follower`, `gambler` and `hedger` decide, and nothing else;
//! - `feed` reads the chain once for a block and for everyone; `crowd` sends what they decide;
//! - `funding` gives them money, and helps those that lost it;
//! - `tally` counts and says what happens.
//!
//! Decisions follow from what the chain shows and from a seed. Keys are derived from names, such as `//Bot//maker//0`: anyone
//! can derive them, so they are for development chains.

mod crowd;
mod desk;
mod feed;
mod follower;
mod funding;
mod gambler;
mod hedger;
mod maker;
mod market;
mod random;
#[cfg(test)]
mod scene;
mod tally;

use crate::{
    chain::Chain,
    error::{Error, Result},
    units,
};
use clap::Args;
use crowd::{Crowd, MarketPlace, Place};
use feed::Feed;
use funding::Bank;
use futures::FutureExt;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tally::Tally;

/// How long a node may be away.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many blocks pass before members that lost their money are helped again.
const HELP_BLOCKS: u32 = 15;

/// What `caisson bots` can be told.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Options {
    /// Market makers, which quote ladders around the mark
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub makers: usize,

    /// Trend followers, which go where the price went
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub followers: usize,

    /// Gamblers, which take the most leverage until they are liquidated
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub gamblers: usize,

    /// Hedgers, which hold opposite positions in two compartments
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub hedgers: usize,

    /// Decisions are the same for the same seed and the same chain
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// The markets they trade, by symbol or number [default: all]
    #[arg(long, value_name = "MARKET", value_delimiter = ',')]
    pub markets: Vec<String>,

    /// A secret whose key gives them money; may be given several times [default: the development accounts]
    #[arg(long, value_name = "SECRET")]
    pub funder: Vec<String>,

    /// What each compartment's insurance fund has at least, in wholes of the settlement asset; a quarter of it is staked beside it
    #[arg(long, value_name = "AMOUNT", default_value_t = 150_000)]
    pub insurance: u64,

    /// Say nothing but how it ended
    #[arg(long)]
    pub quiet: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            makers: 3,
            followers: 6,
            gamblers: 5,
            hedgers: 1,
            seed: 1,
            markets: Vec::new(),
            funder: Vec::new(),
            insurance: 150_000,
            quiet: false,
        }
    }
}

/// The secrets of the accounts that have money on development chains.
const DEVELOPMENT: [&str; 6] = [
    "//Alice",
    "//Bob",
    "//Charlie",
    "//Dave",
    "//Eve",
    "//Ferdie",
];

/// Runs the crowd until it is stopped.
pub async fn run(chain: Chain, options: Options) -> Result<()> {
    let mut tally = Tally::new(options.quiet);
    let ended = tokio::select! {
        error = keep_trading(chain, &options, &mut tally) => Err(error),
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    tally.end();
    ended
}

/// Trades, and connects again when the node was gone. Returns why it can't go on.
async fn keep_trading(mut chain: Chain, options: &Options, tally: &mut Tally) -> Error {
    loop {
        let mut session = match Session::begin(&chain, options, tally).await {
            Ok(session) => session,
            Err(error) => return error,
        };
        let lost = session.trade(&chain, tally).await;
        tally.say(&format!("lost the node: {lost}"));
        chain = match reconnect(chain.url()).await {
            Ok(chain) => chain,
            Err(error) => {
                return Error::new(format!(
                    "the node was away for {} seconds: {error}",
                    PATIENCE.as_secs()
                ))
            }
        };
        tally.say("the node is back");
    }
}

/// Tries until the node answers, at growing intervals.
async fn reconnect(url: &str) -> Result<Chain> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(500);
    loop {
        tokio::time::sleep(pause).await;
        match Chain::connect(url).await {
            Err(error) if begun.elapsed() >= PATIENCE => return Err(error),
            Err(_) => pause = (pause * 2).min(Duration::from_secs(5)),
            connected => return connected,
        }
    }
}

/// A crowd at work over one connection.
struct Session {
    place: Place,
    bank: Bank,
    crowd: Crowd,
    feed: Feed,
}

impl Session {
    /// Gathers the crowd, and gives it money.
    async fn begin(chain: &Chain, options: &Options, tally: &Tally) -> Result<Self> {
        let place = find_place(chain, &options.markets).await?;
        let mut crowd = Crowd::new(&place, options)?;
        if options.hedgers > 0 && place.pair().is_none() {
            tally.say("no hedgers: they need two markets of one feed in different compartments");
        }
        let bank = if options.funder.is_empty() {
            Bank::new(&DEVELOPMENT.map(str::to_owned))?
        } else {
            Bank::new(&options.funder)?
        };
        let insurance = u128::from(options.insurance);
        bank.set_up(chain, &place, &mut crowd, insurance, tally)
            .await?;
        let markets = place.markets.iter().map(|one| one.market).collect();
        let feed = Feed::new(markets, place.asset);
        tally.say(&format!("{} bots trade", crowd.members.len()));
        Ok(Self {
            place,
            bank,
            crowd,
            feed,
        })
    }

    /// Trades in every block. Returns why it can't over this connection.
    async fn trade(&mut self, chain: &Chain, tally: &mut Tally) -> Error {
        let mut blocks = match chain.best_blocks().await {
            Ok(blocks) => blocks,
            Err(error) => return error,
        };
        loop {
            let next = tokio::time::timeout(PATIENCE, blocks.next()).await;
            let mut header = match next {
                Ok(Some(Ok(header))) => header,
                Ok(Some(Err(error))) => return Error::new(error.to_string()),
                Ok(None) => return Error::new("it closed the connection"),
                Err(_) => {
                    return Error::new(format!("no block for {} seconds", PATIENCE.as_secs()))
                }
            };
            // Whoever is late decides on the last block, not on those that nobody can act on any more.
            while let Some(Some(Ok(later))) = blocks.next().now_or_never() {
                header = later;
            }
            if let Err(error) = self.block(chain, header.hash(), tally).await {
                tally.refused(&error.to_string());
            }
        }
    }

    async fn block(
        &mut self,
        chain: &Chain,
        block: caisson_primitives::Hash,
        tally: &mut Tally,
    ) -> Result<()> {
        let (owners, accounts) = (self.crowd.owners(), self.crowd.accounts());
        let (snapshot, events) = self.feed.read(chain, block, &owners, &accounts).await?;
        let ours: BTreeSet<_> = owners.into_iter().collect();
        for who in tally.block(&snapshot, &events, &ours) {
            self.crowd.rest(&who, snapshot.number);
        }
        self.crowd.act(chain, &snapshot, tally).await;
        if snapshot.number % HELP_BLOCKS == 0 {
            self.bank
                .help(chain, &self.place, &self.crowd, &snapshot, tally)
                .await;
        }
        tally.report(&snapshot);
        Ok(())
    }
}

/// The markets that were named, or all that take orders.
async fn find_place(chain: &Chain, named: &[String]) -> Result<Place> {
    let state = chain.now().await?;
    let views = state.markets().await?;
    let mut markets = Vec::new();
    let terms: Vec<_> = views.iter().map(units::Terms::of).collect();
    for name in named {
        if !terms.iter().any(|terms| is_named(terms, name)) {
            let all: Vec<&str> = terms.iter().map(|terms| terms.symbol.as_str()).collect();
            return Err(Error::new(format!(
                "there is no market {name}; there are {}",
                all.join(", ")
            )));
        }
    }
    for (view, terms) in views.iter().zip(&terms) {
        let is_chosen = named.is_empty() || named.iter().any(|name| is_named(terms, name));
        if is_chosen && view.contract.phase.takes_orders() {
            markets.push(MarketPlace {
                market: view.market,
                compartment: view.contract.compartment,
                feed: view.contract.feed,
            });
        }
    }
    let Some(first) = markets.first() else {
        return Err(Error::new("no market takes orders"));
    };
    let settlement = |compartment| async move {
        state
            .compartment(compartment)
            .await?
            .ok_or_else(|| Error::new(format!("compartment {compartment} is not there any more")))
    };
    let terms = settlement(first.compartment).await?;
    for market in &markets {
        let other = settlement(market.compartment).await?;
        if other.settlement_asset != terms.settlement_asset {
            return Err(Error::new(
                "the markets settle in different assets; name those of one with --markets",
            ));
        }
    }
    Ok(Place {
        asset: terms.settlement_asset,
        scale: terms.scale,
        whole: whole(terms.scale),
        markets,
    })
}

fn is_named(terms: &units::Terms, name: &str) -> bool {
    terms.symbol == name || terms.market.to_string() == name
}

/// Units in a whole of the settlement asset.
fn whole(scale: i128) -> u128 {
    let quanta = 10i128.pow(units::CASH_DECIMALS);
    u128::try_from(quanta / scale.max(1)).unwrap_or(1).max(1)
}
