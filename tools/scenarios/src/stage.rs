//! The chain of a scenario, and what the outside world says to it.
//!
//! Blocks are those of the compiled runtime, and whoever acts does so by signed transactions. Only what a venue would have
//! brought along is written into the state: money in wallets, accounts, and the prices that validators agreed on.

use std::{collections::BTreeMap, mem::take};

use caisson_chain_harness::{Chain, Checks};
use caisson_primitives::{
    currency::UNIT,
    oracle::{FeedId, FeedStatus, OraclePrice},
    trading::{
        AccountIndex, AccountRole, CompartmentId, Contract, InsuranceFunds as _, Level, MarketId,
        MarketPrices, Markets as _, Side, Ticks, TradingAccounts as _,
    },
    AccountId, Moment,
};
use caisson_runtime::{
    configs::SETTLEMENT_ASSET, Assets, Balances, CircuitBreaker, Insurance, Margin, Markets,
    Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System, UncheckedExtrinsic,
};
use frame_support::traits::{fungible::Mutate as _, fungibles::Mutate as _};
use sp_core::{ed25519, Pair};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    calls,
    money::{ONE, QUANTA, UNITS},
    progress::Progress,
    tape::Tape,
};

/// The markets of the development preset. A lot of BTC is a ten-thousandth of a bitcoin, a lot of ETH a thousandth of an
/// ether.
pub const BTC_PERP: MarketId = 0;
/// The ether perpetual of the first compartment.
pub const ETH_PERP: MarketId = 1;
/// The same contract in the second compartment.
pub const ETH_PERP_B: MarketId = 2;
/// The feed of bitcoin.
pub const BTC: FeedId = 0;
/// The feed of ether.
pub const ETH: FeedId = 1;

/// The pallets whose invariants are checked: all of ours but the oracle, whose prices are written. That of the margin pallet
/// says that what all accounts and pots may claim equals what is in custody, to the quantum.
const CHECKED: [&str; 6] = [
    "Markets",
    "CircuitBreaker",
    "Margin",
    "Liquidation",
    "Insurance",
    "Exchange",
];

/// How many blocks a market needs until its first call has cleared and its levels are open.
const WARM_UP: u32 = 90;

/// Someone with a key and a margin account.
#[derive(Clone)]
pub struct Actor {
    /// The key, which signs. Signatures of this kind have no randomness: a run is repeated to the byte, with the hashes of its
    /// blocks, which draw who of equal orders comes first.
    pub pair: ed25519::Pair,
    /// The number of the margin account.
    pub account: AccountIndex,
}

impl Actor {
    /// The account of the key.
    pub fn id(&self) -> AccountId {
        self.pair.public().into()
    }
}

/// What a feed says, and what it should.
#[derive(Clone, Copy, Debug)]
struct Feed {
    /// The price in the world.
    outside: OraclePrice,
    /// The price on chain.
    shown: OraclePrice,
    /// What is said of it, whatever it is; nothing lets the oracle's own rule decide.
    status: Option<FeedStatus>,
}

/// The chain, and what the outside world says.
pub struct Stage {
    chain: Chain,
    /// Nothing where validators report by transactions.
    feeds: Option<[Feed; 2]>,
    queue: Vec<UncheckedExtrinsic>,
    /// How many transactions of a signer wait in the queue.
    waiting: BTreeMap<AccountId, u32>,
    market: MarketId,
    /// What happened since the scenario began.
    pub tape: Tape,
    checks_every: u32,
    progress: Progress,
}

impl Stage {
    /// A chain whose markets have had prices for a minute and a half: bitcoin and ether in 10^-18. The report will be about
    /// `market`; the books are checked every so many blocks.
    pub fn open(
        market: MarketId,
        btc: OraclePrice,
        eth: OraclePrice,
        checks_every: u32,
        progress: Progress,
    ) -> Self {
        let feed = |price| Feed {
            outside: price,
            shown: price,
            status: None,
        };
        let mut stage = Self::on(
            Chain::from_preset("development"),
            market,
            checks_every,
            progress,
        );
        stage.feeds = Some([feed(btc), feed(eth)]);
        stage.blocks(WARM_UP);
        stage
    }

    /// A stage on a chain whose prices come as reports of its validators.
    pub fn on(mut chain: Chain, market: MarketId, checks_every: u32, progress: Progress) -> Self {
        chain.set_checks(Checks {
            every: 0,
            pallets: &CHECKED,
        });
        Self {
            chain,
            feeds: None,
            queue: Vec::new(),
            waiting: BTreeMap::new(),
            market,
            tape: Tape::default(),
            checks_every,
            progress,
        }
    }

    /// The scenario begins: from now on blocks are recorded and the books checked. `blocks` is how long it will take, as far
    /// as that is known.
    pub fn begin(&mut self, blocks: Option<u32>) {
        self.chain.set_checks(Checks {
            every: self.checks_every,
            pallets: &CHECKED,
        });
        self.check();
        let (contract, market) = (self.contract(), self.market);
        let started = self.chain.next_time();
        let state = self.chain.query(|| Tape::state(market));
        self.tape.begin(market, &contract, started, state);
        self.progress.begin(blocks);
    }

    /// The scenario is over: the books are checked once more.
    pub fn end(&mut self) {
        self.check();
        let market = self.market;
        let (totals, latencies) = self.chain.query(|| {
            (
                pallet_liquidation::TotalsOf::<Runtime>::get(market),
                pallet_liquidation::LatenciesOf::<Runtime>::get(market),
            )
        });
        self.tape.end(totals, latencies);
        self.progress.end();
    }

    /// Checks the books now. Panics when they don't balance: then there is nothing to report but that.
    pub fn check(&mut self) {
        self.chain.check();
        self.tape.checks += 1;
    }

    /// The market that the report is about.
    pub const fn market(&self) -> MarketId {
        self.market
    }

    /// Its contract.
    pub fn contract(&mut self) -> Contract {
        let market = self.market;
        self.chain
            .query(|| Markets::contract(market).expect("the market of the scenario exists"))
    }

    /// Reads or writes the state between two blocks.
    pub fn state<R>(&mut self, act: impl FnOnce() -> R) -> R {
        let result = self.chain.query(act);
        self.chain.query(System::reset_events);
        self.chain.commit();
        result
    }

    /// The chain itself, for what only it can do.
    pub fn chain(&mut self) -> &mut Chain {
        &mut self.chain
    }
}

/// Prices and blocks.
impl Stage {
    /// The outside price of a feed, in 10^-18, from the next block on. The oracle follows it by its largest step.
    pub fn outside(&mut self, feed: FeedId, price: OraclePrice) {
        self.feed(feed).outside = price;
    }

    /// From the next block on a feed says this price, in wholes, without a step between.
    pub fn price(&mut self, feed: FeedId, wholes: u128) {
        self.exact_price(feed, wholes * ONE);
    }

    /// The same in 10^-18.
    pub fn exact_price(&mut self, feed: FeedId, price: OraclePrice) {
        let feed = self.feed(feed);
        (feed.outside, feed.shown) = (price, price);
    }

    /// From the next block on a feed is trusted so far, whatever it says; with nothing, as the oracle would.
    pub fn status(&mut self, feed: FeedId, status: Option<FeedStatus>) {
        self.feed(feed).status = status;
    }

    fn feed(&mut self, feed: FeedId) -> &mut Feed {
        let feeds = self
            .feeds
            .as_mut()
            .expect("prices are written on this stage");
        &mut feeds[usize::from(feed)]
    }

    /// The outside price of a feed jumps to so many wholes: block by block the oracle goes there, guarded until it has arrived.
    /// `block` runs each of these blocks. Says how many there were.
    pub fn drive(&mut self, feed: FeedId, wholes: u128, mut block: impl FnMut(&mut Self)) -> u32 {
        self.outside(feed, wholes * ONE);
        for count in 1.. {
            block(self);
            let feed = *self.feed(feed);
            if feed.shown == feed.outside {
                return count;
            }
        }
        unreachable!("each step is some way")
    }

    /// Writes what validators would have agreed on in time for the next block.
    fn publish(&mut self) {
        let Some(feeds) = self.feeds.as_mut() else {
            return;
        };
        let now = self.chain.next_time();
        self.chain.query(|| {
            let parameters = pallet_price_oracle::Parameters::<Runtime>::get();
            pallet_price_oracle::Aggregates::<Runtime>::mutate(|all| {
                for (id, feed) in (0..).zip(feeds) {
                    let aggregate = feed.next(now, parameters[&id].max_step_ppm);
                    all.try_insert(id, aggregate)
                        .expect("the feeds of the preset have room");
                }
            });
        });
    }

    /// One block with the transactions that wait, and what became of each.
    pub fn block(&mut self) -> Vec<DispatchResult> {
        self.publish();
        self.waiting.clear();
        let results = self.chain.next_block_with(take(&mut self.queue));
        if self.tape.is_recording() {
            let (events, number) = (self.chain.events(), self.chain.number());
            let market = self.market;
            let state = self.chain.query(|| Tape::state(market));
            let now = self.chain.next_time();
            self.tape.record(number, now, state, events);
            if self.checks_every > 0 && number.is_multiple_of(self.checks_every) {
                self.tape.checks += 1;
            }
            self.progress.block(&self.tape);
        }
        results
            .into_iter()
            .map(|result| result.unwrap_or(Err(DispatchError::Other("not valid"))))
            .collect()
    }

    /// So many blocks.
    pub fn blocks(&mut self, count: u32) {
        for _ in 0..count {
            self.block();
        }
    }

    /// So many seconds without a block, then one.
    pub fn pause(&mut self, seconds: u64) {
        self.chain.skip_slots(seconds);
        self.block();
    }

    /// Blocks until prices have arrived, nobody is unsafe and no deficit is open, at most so many. Says how many it took, or nothing if they were
    /// not enough.
    pub fn settle_down(&mut self, most: u32, mut block: impl FnMut(&mut Self)) -> Option<u32> {
        for count in 0..=most {
            if self.is_settled() {
                return Some(count);
            }
            block(self);
        }
        None
    }

    /// Whether the oracle has arrived at the outside price, everyone has their margin, and no deficit is open.
    fn is_settled(&mut self) -> bool {
        let feeds = self.feeds.iter().flatten();
        if !feeds.into_iter().all(|feed| feed.shown == feed.outside) {
            return false;
        }
        self.chain.query(|| {
            pallet_liquidation::UnsafeAccounts::<Runtime>::get() == 0
                && !pallet_margin::SweepIncomplete::<Runtime>::get()
                && pallet_liquidation::Work::<Runtime>::iter_values()
                    .all(|work| work.deficit.0 == 0)
        })
    }

    /// The events of the last block.
    pub fn events(&mut self) -> Vec<RuntimeEvent> {
        self.chain.events()
    }

    /// The time of the next block.
    pub fn next_time(&self) -> Moment {
        self.chain.next_time()
    }
}

impl Feed {
    /// What the oracle says in the next block.
    fn next(&mut self, now: Moment, max_step_ppm: u32) -> pallet_price_oracle::types::Aggregate {
        let frozen = matches!(self.status, Some(FeedStatus::Stale | FeedStatus::Down));
        if !frozen {
            let step = self.shown * OraclePrice::from(max_step_ppm) / 1_000_000;
            self.shown = self.outside.clamp(self.shown - step, self.shown + step);
        }
        let status = self.status.unwrap_or(if self.shown == self.outside {
            FeedStatus::Live
        } else {
            FeedStatus::Guarded
        });
        let observed_at = match status {
            FeedStatus::Stale => now.saturating_sub(60_000),
            FeedStatus::Down => now.saturating_sub(3_600_000),
            _ => now,
        };
        pallet_price_oracle::types::Aggregate {
            price: self.shown,
            confidence: match status {
                FeedStatus::Uncertain => self.shown / 10,
                _ => self.shown / 10_000,
            },
            observed_at,
            updated_at: observed_at,
            held_back: status == FeedStatus::Guarded,
            status,
        }
    }
}

/// Who acts.
impl Stage {
    /// A new trader with so many wholes of the settlement asset in an account, and as many in the wallet.
    pub fn trader(&mut self, name: &str, compartment: CompartmentId, wholes: u128) -> Actor {
        let pair =
            ed25519::Pair::from_string(&format!("//{name}"), None).expect("a name makes a key");
        self.account_of(pair, compartment, 0, wholes)
    }

    /// A further account of someone, with so many wholes.
    pub fn subaccount(&mut self, owner: &Actor, sub: u8, wholes: u128) -> Actor {
        self.account_of(owner.pair, 0, sub, wholes)
    }

    fn account_of(
        &mut self,
        pair: ed25519::Pair,
        compartment: CompartmentId,
        sub: u8,
        wholes: u128,
    ) -> Actor {
        let id = AccountId::from(pair.public());
        let account = self.state(|| {
            Balances::mint_into(&id, 1_000 * UNIT).expect("money can be made");
            Assets::mint_into(SETTLEMENT_ASSET, &id, 2 * wholes * UNITS)
                .expect("money can be made");
            let account = pallet_margin::NextAccount::<Runtime>::get();
            pallet_margin::custody::open::<Runtime>(id, compartment, sub, wholes * UNITS)
                .expect("the account opens");
            account
        });
        Actor { pair, account }
    }

    /// So many wholes for a compartment's insurance fund, and so many staked by its backers.
    pub fn insure(&mut self, compartment: CompartmentId, fund: u128, backers: u128) {
        let donor = self.trader(&format!("insurer//{compartment}"), compartment, 100);
        let id = donor.id();
        self.state(|| {
            Assets::mint_into(SETTLEMENT_ASSET, &id, (fund + backers) * UNITS)
                .expect("money can be made");
            let origin = || RuntimeOrigin::signed(id.clone());
            if fund > 0 {
                Insurance::donate(origin(), compartment, fund * UNITS).expect("donates");
            }
            if backers > 0 {
                Insurance::back(origin(), compartment, backers * UNITS).expect("backs");
            }
        });
    }

    /// A transaction of someone in the next block.
    pub fn send(&mut self, actor: &Actor, call: impl Into<RuntimeCall>) {
        let id = actor.id();
        let ahead = self.waiting.entry(id.clone()).or_default();
        let nonce = *ahead;
        *ahead += 1;
        let nonce = nonce + self.chain.query(|| System::account_nonce(&id));
        let transaction = self.chain.sign_as(&actor.pair, nonce, call.into());
        self.queue.push(transaction);
    }

    /// A transaction that is signed by nobody, in the next block.
    pub fn send_raw(&mut self, transaction: UncheckedExtrinsic) {
        self.queue.push(transaction);
    }

    /// A block in which someone buys from someone: both orders at the mark.
    ///
    /// Panics when they don't trade, since the scenario is built on it.
    pub fn trade(&mut self, buyer: &Actor, seller: &Actor, market: MarketId, lots: u64) {
        let price = self.mark_ticks(market);
        let before = self.lots(buyer, market);
        self.send(buyer, calls::limit(buyer, market, Side::Long, lots, price));
        self.send(
            seller,
            calls::limit(seller, market, Side::Short, lots, price),
        );
        let results = self.block();
        assert_ne!(
            self.lots(buyer, market),
            before,
            "nothing traded: {results:?}"
        );
    }
}

/// What can be seen.
impl Stage {
    /// The prices of a market.
    pub fn prices(&mut self, market: MarketId) -> MarketPrices {
        self.chain
            .query(|| Markets::prices(market).expect("the market has prices"))
    }

    /// The mark in ticks.
    pub fn mark_ticks(&mut self, market: MarketId) -> Ticks {
        self.chain.query(|| {
            let contract = Markets::contract(market).expect("a market of the preset");
            let prices = Markets::prices(market).expect("the market has prices");
            Ticks::try_from(prices.mark.0 / i128::from(contract.tick)).expect("a price in range")
        })
    }

    /// The signed lots of someone.
    pub fn lots(&mut self, actor: &Actor, market: MarketId) -> i64 {
        self.chain
            .query(|| Margin::load(actor.account).map_or(0, |account| account.lots(market).0))
    }

    /// Someone's equity, in quanta.
    pub fn equity(&mut self, actor: &Actor) -> i128 {
        self.chain
            .query(|| Margin::health(actor.account).map_or(0, |health| health.equity.0))
    }

    /// Whether someone is short of maintenance margin.
    pub fn is_unsafe(&mut self, actor: &Actor) -> bool {
        self.chain.query(|| {
            Margin::load(actor.account).is_some_and(|account| account.unsafe_since.is_some())
        })
    }

    /// What someone may take out, in smallest units, rounded down.
    pub fn withdrawable(&mut self, actor: &Actor) -> u128 {
        self.chain.query(|| {
            let health = Margin::health(actor.account);
            health.map_or(0, |health| {
                health.withdrawable.0.max(0).unsigned_abs() / UNITS
            })
        })
    }

    /// What of the settlement asset someone has outside of margin accounts, in smallest units.
    pub fn wallet(&mut self, actor: &Actor) -> u128 {
        self.chain
            .query(|| Assets::balance(SETTLEMENT_ASSET, actor.id()))
    }

    /// The insurance fund of a compartment, in quanta.
    pub fn insurance(&mut self, compartment: CompartmentId) -> i128 {
        self.chain.query(|| {
            pallet_margin::Ledgers::<Runtime>::get(compartment)
                .insurance
                .0
        })
    }

    /// The most that the insurance fund may pay for a market in a window, whether it did so already or not, in quanta.
    pub fn allowance(&mut self, compartment: CompartmentId, market: MarketId) -> i128 {
        self.chain.query(|| {
            let share = pallet_insurance::Terms::<Runtime>::get(compartment).drawdown_ppm;
            let record = pallet_insurance::Records::<Runtime>::get(compartment, market);
            let pot = pallet_margin::Ledgers::<Runtime>::get(compartment).insurance;
            (pot.0 + record.drawdown.level.0) * i128::from(share) / 1_000_000
        })
    }

    /// What the fund of a market may still hold, in lots, at the mark of now.
    pub fn may_hold(&mut self, compartment: CompartmentId, market: MarketId) -> i128 {
        self.chain.query(|| {
            let prices = Markets::prices(market).expect("the market has prices");
            let none = caisson_primitives::trading::Cash(0);
            let capacity = Insurance::capacity(compartment, market, none);
            let stress = prices.maintenance[0].0.max(1);
            (capacity.max_notional.0 / prices.mark.0).min(capacity.drawdown_left.0 / stress)
        })
    }

    /// The signed lots that the fund of a market holds.
    pub fn inventory(&mut self, market: MarketId) -> i64 {
        self.chain.query(|| {
            Margin::all()
                .into_iter()
                .filter(|(_, account)| account.role == AccountRole::Fund)
                .map(|(_, account)| account.lots(market).0)
                .sum()
        })
    }

    /// The level that holds in a market.
    pub fn level(&mut self, market: MarketId) -> Level {
        self.chain.query(|| CircuitBreaker::level(market))
    }

    /// How many accounts are short of margin.
    pub fn unsafe_accounts(&mut self) -> u32 {
        self.chain
            .query(pallet_liquidation::UnsafeAccounts::<Runtime>::get)
    }

    /// Everything that a compartment's accounts hold, hashed: the same as long as nothing in it changes.
    pub fn fingerprint(&mut self, compartment: CompartmentId) -> [u8; 32] {
        use codec::Encode as _;
        self.chain.query(|| {
            let accounts: Vec<_> = Margin::all()
                .into_iter()
                .filter(|(_, account)| account.compartment == compartment)
                .collect();
            let ledger = pallet_margin::Ledgers::<Runtime>::get(compartment);
            sp_io::hashing::blake2_256(&(accounts, ledger).encode())
        })
    }
}

/// Quanta of someone's smallest units.
pub fn quanta_of_units(units: u128) -> i128 {
    i128::try_from(units).expect("less than all money") * QUANTA
        / i128::try_from(UNITS).expect("a constant")
}
