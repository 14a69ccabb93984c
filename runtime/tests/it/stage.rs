//! A stage for scenarios on the real runtime: markets with prices, traders with money, and the figures that a scenario
//! is judged by.
//!
//! The runtime runs natively, with all hooks in their order. After every block the invariants of all our pallets are
//! checked as equalities, so a scenario that ends well also balanced to the quantum in between.

use caisson_primitives::{
    oracle::{FeedId, FeedStatus, OraclePrice},
    trading::{
        Account, AccountIndex, AccountRole, Cash, CompartmentId, Level, Lots, MarketId,
        MarketPrices, Markets as _, OrderRequest, Side, Ticks, TradingAccounts,
    },
    AccountId, AssetId,
};
use caisson_runtime::{
    configs::SETTLEMENT_ASSET, Assets, Balances, CircuitBreaker, Margin, Markets, Runtime,
    RuntimeEvent, RuntimeOrigin,
};
use frame_support::traits::{fungible::Mutate as _, fungibles::Mutate as _};
use sp_core::{sr25519, Pair};
use sp_runtime::DispatchResult;

use crate::native::{self, Native};

/// One unit of an oracle price.
pub const ONE: OraclePrice = 1_000_000_000_000_000_000;
/// Smallest units of a whole of the settlement asset.
pub const UNITS: u128 = 1_000_000;
/// Quanta of a whole of the settlement asset.
pub const QUANTA: i128 = 1_000_000_000_000;

/// The markets of the development preset. A lot of BTC is a ten-thousandth of a bitcoin, a lot of ETH a thousandth of an
/// ether.
pub const BTC_PERP: MarketId = 0;
pub const ETH_PERP: MarketId = 1;
/// The same contract as ETH_PERP, in the second compartment.
pub const ETH_PERP_B: MarketId = 2;
/// The feeds of bitcoin and ether.
pub const BTC: FeedId = 0;
pub const ETH: FeedId = 1;

/// Someone with a margin account.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: AccountId,
    pub account: AccountIndex,
}

/// The chain, and what the outside world says.
pub struct Stage {
    pub chain: Native,
    /// Price, and how far it can be trusted, of each feed.
    feeds: [(OraclePrice, FeedStatus); 2],
    /// The events of all blocks since they were cleared.
    pub events: Vec<RuntimeEvent>,
}

impl Stage {
    /// Bitcoin at 50,000, ether at 2,500; markets open and calls clear.
    pub fn new() -> Self {
        let mut stage = Self {
            chain: Native::from_preset("development"),
            feeds: [
                (50_000 * ONE, FeedStatus::Live),
                (2_500 * ONE, FeedStatus::Live),
            ],
            events: Vec::new(),
        };
        stage.blocks(90);
        stage.events.clear();
        stage
    }

    /// A new trader with so many wholes of the settlement asset in an account.
    pub fn trader(&mut self, name: &str, compartment: CompartmentId, wholes: u128) -> Actor {
        let pair = sr25519::Pair::from_string(&format!("//{name}"), None).expect("a seed");
        let id = AccountId::from(pair.public());
        let account = self.chain.run(|| {
            Balances::mint_into(&id, 1_000 * caisson_primitives::currency::UNIT).expect("mints");
            Assets::mint_into(SETTLEMENT_ASSET, &id, 2 * wholes * UNITS).expect("mints");
            let account = pallet_margin::NextAccount::<Runtime>::get();
            pallet_margin::custody::open::<Runtime>(id.clone(), compartment, 0, wholes * UNITS)
                .expect("opens");
            account
        });
        Actor { id, account }
    }

    /// Money for a compartment's insurance fund.
    pub fn fund(&mut self, compartment: CompartmentId, wholes: u128) {
        let donor = self.trader(&format!("donor//{compartment}//{wholes}"), compartment, 100);
        self.chain.run(|| {
            Assets::mint_into(SETTLEMENT_ASSET, &donor.id, wholes * UNITS).expect("mints");
            native::dispatch(
                &donor.id,
                pallet_insurance::Call::<Runtime>::donate {
                    compartment,
                    units: wholes * UNITS,
                },
            )
            .expect("donates");
        });
    }

    /// From the next block on a feed says this.
    pub fn price(&mut self, feed: FeedId, wholes: u128) {
        self.exact_price(feed, wholes * ONE);
    }

    /// The same in the oracle's unit.
    pub fn exact_price(&mut self, feed: FeedId, price: OraclePrice) {
        self.feeds[usize::from(feed)].0 = price;
    }

    /// From the next block on a feed is trusted so far.
    pub fn status(&mut self, feed: FeedId, status: FeedStatus) {
        self.feeds[usize::from(feed)].1 = status;
    }

    /// A block in which these acts happen.
    pub fn block(&mut self, acts: impl FnOnce()) {
        self.publish();
        self.chain.block(acts);
        self.remember();
    }

    /// A block on a state that was corrupted on purpose: no invariants are checked.
    pub fn block_unchecked(&mut self, acts: impl FnOnce()) {
        self.publish();
        self.chain.block_unchecked(acts);
        self.remember();
    }

    /// So many seconds without a block, then one.
    pub fn pause(&mut self, seconds: u64) {
        self.chain.skip_slots(seconds);
        self.blocks(1);
    }

    fn publish(&mut self) {
        for (feed, (price, status)) in (0..).zip(self.feeds) {
            self.chain.set_price(feed, price, status);
        }
    }

    fn remember(&mut self) {
        let events = self.chain.events();
        self.events.extend(events);
    }

    /// So many blocks without acts.
    pub fn blocks(&mut self, count: u32) {
        for _ in 0..count {
            self.block(|| {});
        }
    }

    /// Blocks until a condition holds, at most so many. Says how many it took; panics when they are not enough.
    pub fn until(&mut self, most: u32, mut holds: impl FnMut(&mut Self) -> bool) -> u32 {
        for count in 0..=most {
            if holds(self) {
                return count;
            }
            self.blocks(1);
        }
        panic!("not within {most} blocks");
    }

    /// A block in which someone buys from someone: both orders at that price, so the trade happens whatever the book is.
    pub fn trade(&mut self, buyer: &Actor, seller: &Actor, market: MarketId, lots: u64) {
        let price = self.mark(market);
        self.block(|| {
            place(buyer, market, Side::Long, lots, price).expect("the bid is taken");
            place(seller, market, Side::Short, lots, price).expect("the offer is taken");
        });
        assert!(
            self.lots(buyer, market) != 0 || self.lots(seller, market) != 0,
            "nothing traded"
        );
    }

    /// The mark in ticks.
    pub fn mark(&mut self, market: MarketId) -> Ticks {
        self.chain.run(|| {
            let contract = Markets::contract(market).expect("a market");
            let prices = Markets::prices(market).expect("prices");
            Ticks::try_from(prices.mark.0 / i128::from(contract.tick)).expect("a price")
        })
    }

    /// The signed lots of someone.
    pub fn lots(&mut self, actor: &Actor, market: MarketId) -> i64 {
        self.chain
            .run(|| Margin::load(actor.account).map_or(0, |account| account.lots(market).0))
    }

    /// Someone's equity, in wholes, rounded down.
    pub fn equity(&mut self, actor: &Actor) -> i128 {
        self.equity_quanta(actor).div_euclid(QUANTA)
    }

    /// Someone's equity, in quanta.
    pub fn equity_quanta(&mut self, actor: &Actor) -> i128 {
        self.chain
            .run(|| Margin::health(actor.account).map_or(0, |health| health.equity.0))
    }

    /// Whether someone is short of maintenance margin.
    pub fn is_unsafe(&mut self, actor: &Actor) -> bool {
        self.chain.run(|| {
            Margin::load(actor.account).is_some_and(|account| account.unsafe_since.is_some())
        })
    }

    /// How many accounts are marked unsafe.
    pub fn unsafe_accounts(&mut self) -> u32 {
        self.chain
            .run(pallet_liquidation::UnsafeAccounts::<Runtime>::get)
    }

    /// The insurance fund of a compartment, in quanta.
    pub fn insurance(&mut self, compartment: CompartmentId) -> i128 {
        self.chain.run(|| {
            pallet_margin::Ledgers::<Runtime>::get(compartment)
                .insurance
                .0
        })
    }

    /// What the waterfall did in a market.
    pub fn totals(&mut self, market: MarketId) -> pallet_liquidation::types::Totals {
        self.chain
            .run(|| pallet_liquidation::TotalsOf::<Runtime>::get(market))
    }

    /// The deficit of a market that nobody covered, in quanta.
    pub fn deficit(&mut self, market: MarketId) -> i128 {
        self.chain.run(|| {
            pallet_liquidation::Work::<Runtime>::get(market).map_or(0, |work| work.deficit.0)
        })
    }

    /// The signed lots that the fund of a market holds.
    pub fn inventory(&mut self, market: MarketId) -> i64 {
        self.chain.run(|| {
            Margin::all()
                .into_iter()
                .filter(|(_, account)| account.role == AccountRole::Fund)
                .map(|(_, account)| account.lots(market).0)
                .sum()
        })
    }

    /// The level that holds in a market.
    pub fn level(&mut self, market: MarketId) -> Level {
        self.chain.run(|| CircuitBreaker::level(market))
    }

    /// What of the settlement asset someone has outside of margin accounts, in smallest units.
    pub fn wallet(&mut self, actor: &Actor) -> u128 {
        use frame_support::traits::fungibles::Inspect;
        self.chain
            .run(|| <Assets as Inspect<AccountId>>::balance(SETTLEMENT_ASSET as AssetId, &actor.id))
    }

    /// Every figure of a compartment: its accounts, its ledger, and its markets' open interest, encoded.
    pub fn compartment(&mut self, compartment: CompartmentId) -> Vec<u8> {
        use codec::Encode;
        self.chain.run(|| {
            let accounts: Vec<_> = Margin::all()
                .into_iter()
                .filter(|(_, account)| account.compartment == compartment)
                .collect();
            let interest: Vec<_> = Markets::live()
                .into_iter()
                .filter(|market| {
                    Markets::contract(*market)
                        .is_some_and(|contract| contract.compartment == compartment)
                })
                .map(|market| (market, pallet_margin::OpenInterest::<Runtime>::get(market)))
                .collect();
            (
                accounts,
                pallet_margin::Ledgers::<Runtime>::get(compartment),
                interest,
            )
                .encode()
        })
    }

    /// The claims of all accounts and pots against what is in custody: the difference, which is nothing when the books
    /// balance. The equality itself is checked after each block.
    pub fn money(&mut self, compartment: CompartmentId) -> Cash {
        self.chain
            .run(|| pallet_margin::Ledgers::<Runtime>::get(compartment).custody)
    }

    /// The events of one kind since they were cleared.
    pub fn find<T>(&self, pick: impl Fn(&RuntimeEvent) -> Option<T>) -> Vec<T> {
        self.events.iter().filter_map(pick).collect()
    }

    /// As root, in the state between two blocks.
    pub fn govern<R>(&mut self, act: impl FnOnce(RuntimeOrigin) -> R) -> R {
        self.chain.run(|| act(RuntimeOrigin::root()))
    }
}

/// Places a limit order that rests, inside a block.
pub fn place(
    actor: &Actor,
    market: MarketId,
    side: Side,
    lots: u64,
    price: Ticks,
) -> DispatchResult {
    order(actor, market, OrderRequest::limit(side, lots, price))
}

/// Places an order, inside a block.
pub fn order(actor: &Actor, market: MarketId, request: OrderRequest) -> DispatchResult {
    native::dispatch(
        &actor.id,
        pallet_exchange::Call::<Runtime>::place {
            account: actor.account,
            market,
            request,
        },
    )
}

/// What an account is worth, and must hold, in quanta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    pub equity: i128,
    pub maintenance: i128,
}

impl Worth {
    /// Added up from the record of an account at the prices of now: nothing of the margin pallet's code, and no index.
    pub fn of(account: &Account<AccountId>) -> Self {
        let mut worth = Self {
            equity: account.collateral.0,
            maintenance: 0,
        };
        for position in account.positions.iter().filter(|one| one.lots.0 != 0) {
            let contract = Markets::contract(position.market).expect("a market");
            let prices = Markets::prices(position.market).expect("prices");
            let (lots, size) = (i128::from(position.lots.0), position.lots.0.unsigned_abs());
            let is_in = |bound: &Lots<i64>| size <= bound.0.unsigned_abs();
            let last = prices.maintenance.len() - 1;
            let tier = contract.tier_bounds.iter().position(is_in).unwrap_or(last);
            let owed = lots * (prices.funding.0 - position.checkpoint.0);
            worth.equity += lots * prices.mark.0 - position.cost.0 - owed;
            worth.maintenance += i128::from(size) * prices.maintenance[tier].0;
        }
        let listed = pallet_margin::Collaterals::<Runtime>::get();
        for pledge in &account.pledges {
            let one = listed
                .iter()
                .find(|one| one.compartment == account.compartment && one.asset == pledge.asset);
            worth.equity += i128::from(pledge.lots.0) * one.expect("listed").price.0;
        }
        worth
    }

    /// Equity beyond maintenance margin: negative is unsafe.
    pub const fn slack(&self) -> i128 {
        self.equity - self.maintenance
    }
}

/// Withdraws wholes of the settlement asset, inside a block.
pub fn withdraw(actor: &Actor, wholes: u128) -> DispatchResult {
    native::dispatch(
        &actor.id,
        pallet_margin::Call::<Runtime>::withdraw {
            account: actor.account,
            asset: SETTLEMENT_ASSET,
            units: wholes * UNITS,
        },
    )
}

/// Deposits wholes of the settlement asset, inside a block.
pub fn deposit(actor: &Actor, wholes: u128) -> DispatchResult {
    native::dispatch(
        &actor.id,
        pallet_margin::Call::<Runtime>::deposit {
            account: actor.account,
            asset: SETTLEMENT_ASSET,
            units: wholes * UNITS,
        },
    )
}

/// A price that jumps, and what attackers are judged by.
impl Stage {
    /// The outside price of a feed jumps: block by block the oracle goes there by its largest step, guarded until it has
    /// arrived. `block` runs each of these blocks. Says how many there were.
    pub fn drive(&mut self, feed: FeedId, wholes: u128, mut block: impl FnMut(&mut Self)) -> u32 {
        let target = wholes * ONE;
        let share = self.chain.run(|| {
            let all = pallet_price_oracle::Parameters::<Runtime>::get();
            u128::from(all[&feed].max_step_ppm)
        });
        for count in 1.. {
            let last = self.feeds[usize::from(feed)].0;
            let step = last * share / 1_000_000;
            let next = target.clamp(last - step, last + step);
            self.exact_price(feed, next);
            self.status(
                feed,
                if next == target {
                    FeedStatus::Live
                } else {
                    FeedStatus::Guarded
                },
            );
            block(self);
            if next == target {
                return count;
            }
        }
        unreachable!("a step is never nothing")
    }

    /// A further account of someone, with so many wholes.
    pub fn subaccount(
        &mut self,
        owner: &Actor,
        compartment: CompartmentId,
        sub: u8,
        wholes: u128,
    ) -> Actor {
        let id = owner.id.clone();
        let account = self.chain.run(|| {
            Assets::mint_into(SETTLEMENT_ASSET, &id, wholes * UNITS).expect("mints");
            let account = pallet_margin::NextAccount::<Runtime>::get();
            pallet_margin::custody::open::<Runtime>(id.clone(), compartment, sub, wholes * UNITS)
                .expect("opens");
            account
        });
        Actor { id, account }
    }

    /// What someone may take out, in smallest units, rounded down; nothing without an account.
    pub fn withdrawable(&mut self, actor: &Actor) -> u128 {
        self.chain.run(|| withdrawable(actor))
    }

    /// What a compartment owes to those whose withdrawals wait, in smallest units.
    pub fn queued(&mut self, compartment: CompartmentId) -> u128 {
        let queued = self
            .chain
            .run(|| pallet_margin::Ledgers::<Runtime>::get(compartment).queued);
        queued.0.unsigned_abs() / UNITS
    }

    /// The most that the insurance fund may pay for a market in a window, whether it did so already or not: a share of what is
    /// in the fund and what was taken from it. In quanta.
    pub fn allowance(&mut self, compartment: CompartmentId, market: MarketId) -> i128 {
        self.chain.run(|| {
            let share = pallet_insurance::Terms::<Runtime>::get(compartment).drawdown_ppm;
            let record = pallet_insurance::Records::<Runtime>::get(compartment, market);
            let pot = pallet_margin::Ledgers::<Runtime>::get(compartment).insurance;
            (pot.0 + record.drawdown.level.0) * i128::from(share) / 1_000_000
        })
    }

    /// A market's prices.
    pub fn prices(&mut self, market: MarketId) -> MarketPrices {
        self.chain.run(|| Markets::prices(market).expect("prices"))
    }

    /// The open interest of a market, in lots.
    pub fn open_interest(&mut self, market: MarketId) -> u64 {
        self.chain
            .run(|| pallet_margin::OpenInterest::<Runtime>::get(market))
    }

    /// Open interest may grow to `cap` lots; from a part of it on initial margin rises, to all of the notional at the cap.
    pub fn limit_open_interest(&mut self, market: MarketId, lower: u64, cap: u64) {
        self.govern(|root| {
            let contract = Markets::contract(market).expect("a market");
            let mut limits = pallet_markets::types::Limits::of(&contract);
            limits.open_interest_cap = cap;
            let risk = pallet_markets::Parameters::<Runtime>::get(market).expect("parameters");
            let risk = pallet_markets::types::RiskParameters {
                open_interest_lower: lower,
                open_interest_upper: cap,
                ..risk
            };
            Markets::set_limits(root.clone(), market, limits).expect("limits are set");
            Markets::set_risk_parameters(root, market, Box::new(risk)).expect("risk is set");
        });
        self.blocks(1);
    }
}

/// What someone may take out now, in smallest units, rounded down; nothing without an account. Inside a block.
pub fn withdrawable(actor: &Actor) -> u128 {
    let health = Margin::health(actor.account);
    health.map_or(0, |health| health.withdrawable.0.unsigned_abs() / UNITS)
}

/// Withdraws smallest units of the settlement asset, inside a block.
pub fn withdraw_units(actor: &Actor, units: u128) -> DispatchResult {
    native::dispatch(
        &actor.id,
        pallet_margin::Call::<Runtime>::withdraw {
            account: actor.account,
            asset: SETTLEMENT_ASSET,
            units,
        },
    )
}

/// Cancels all orders of someone in a market, inside a block.
pub fn cancel_all(actor: &Actor, market: MarketId) -> DispatchResult {
    native::dispatch(
        &actor.id,
        pallet_exchange::Call::<Runtime>::cancel_all {
            account: actor.account,
            market: Some(market),
        },
    )
}
