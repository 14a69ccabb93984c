//! What a visit costs: at most before it, and as it was after it. SPEC 3.3.
//!
//! Much of what is read and written belongs to the market, not to the account. It is paid for by the first account of the
//! market that is treated so.

use alloc::{collections::BTreeSet, vec::Vec};
use caisson_primitives::trading::{
    ForcedOrders, LiquidationAccounts, MarketId, MAX_PLEDGES, MAX_POSITIONS,
};
use frame_support::{traits::Get, weights::Weight};

use crate::{pallet::Config, types::MAX_ORDERS, visit::AccountOf, weights::WeightInfo};

/// What became of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It is armed anew.
    Recovered,
    /// So many orders were entered for it, or refused; the funds of these markets bought the others.
    Offered {
        /// Orders for the exchange.
        entered: usize,
        /// Orders for the funds.
        bought: Vec<MarketId>,
    },
    /// The funds took it over.
    TakenOver,
}

/// A visit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// What the account had when it began.
    pub size: Size,
    /// How many orders were cancelled.
    pub cancelled: u32,
    /// Whether it had to be marked unsafe first.
    pub was_marked: bool,
    /// What became of it.
    pub treatment: Treatment,
}

/// How large an account is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The markets it is in.
    pub markets: Vec<MarketId>,
    /// How many pledges it has.
    pub pledges: u32,
    /// How many orders it has.
    pub orders: u32,
}

impl Size {
    /// That of an account.
    pub fn of<T: Config>(account: &AccountOf<T>) -> Self {
        Self {
            markets: account.positions.iter().map(|one| one.market).collect(),
            pledges: u32::try_from(account.pledges.len()).unwrap_or(MAX_PLEDGES),
            orders: account.orders.into(),
        }
    }

    /// The largest.
    fn most<T: Config>() -> Self {
        Self {
            markets: (0..).take(count_of(MAX_POSITIONS)).collect(),
            pledges: MAX_PLEDGES,
            orders: T::MaxOrders::get(),
        }
    }
}

/// The ways to treat an account in which those of a market have something in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Recovering,
    Buying,
    TakingOver,
}

impl Way {
    /// So many accounts of one market, the last of them in so many more.
    fn weight<T: Config>(self, accounts: u32, more: u32) -> Weight {
        match self {
            Self::Recovering => T::WeightInfo::recover(accounts, more),
            Self::Buying => T::WeightInfo::buy(accounts, more),
            Self::TakingOver => T::WeightInfo::take_over(accounts, more),
        }
    }
}

/// In which markets accounts were treated how in this block.
#[derive(Clone, Debug, Default)]
pub struct Shared(BTreeSet<(Way, MarketId)>);

impl Shared {
    /// The most that a visit to this account costs.
    pub fn bound<T: Config>(&self, size: &Size) -> Weight {
        let positions = size.markets.len();
        let offering = T::WeightInfo::offer(many(positions))
            .saturating_add(forcing::<T>(positions.min(MAX_ORDERS)))
            .saturating_add(self.buying::<T>(size, many(positions.min(MAX_ORDERS))))
            .saturating_add(self.of::<T>(Way::Recovering, size));
        offering
            .max(self.of::<T>(Way::Recovering, size))
            .max(self.of::<T>(Way::TakingOver, size))
            .saturating_add(besides::<T>(size, size.orders))
    }

    /// What a visit cost; from now on its markets are known.
    pub fn pay<T: Config>(&mut self, visited: &Visited) -> Weight {
        let size = &visited.size;
        let mut cost = besides::<T>(size, visited.cancelled);
        if visited.was_marked {
            cost.saturating_accrue(self.of_known::<T>(Way::Recovering, size));
        }
        match &visited.treatment {
            Treatment::Recovered => {
                cost.saturating_accrue(self.of_known::<T>(Way::Recovering, size));
            }
            Treatment::TakenOver => {
                cost.saturating_accrue(self.of_known::<T>(Way::TakingOver, size));
            }
            Treatment::Offered { entered, bought } => {
                cost.saturating_accrue(T::WeightInfo::offer(many(size.markets.len())));
                cost.saturating_accrue(forcing::<T>(*entered));
                if !bought.is_empty() {
                    cost.saturating_accrue(self.price::<T>(Way::Buying, bought, 0));
                    self.note(Way::Buying, bought);
                }
                // What is left of the account is armed anew.
                if !bought.is_empty() && bought.len() < size.markets.len() {
                    cost.saturating_accrue(self.of_known::<T>(Way::Recovering, size));
                }
            }
        }
        cost
    }

    fn of<T: Config>(&self, way: Way, size: &Size) -> Weight {
        // A pledge costs no more than a position.
        self.price::<T>(way, &size.markets, size.pledges)
    }

    fn of_known<T: Config>(&mut self, way: Way, size: &Size) -> Weight {
        let cost = self.of::<T>(way, size);
        self.note(way, &size.markets);
        cost
    }

    /// What one account costs. A position in a market that is known is counted as an account of it, which is more.
    fn price<T: Config>(&self, way: Way, markets: &[MarketId], pledges: u32) -> Weight {
        let new = many(self.unknown(way, markets));
        let known = many(markets.len()).saturating_sub(new);
        let accounts = known.saturating_add(pledges).max(1);
        way.weight::<T>(accounts, new)
            .saturating_sub(way.weight::<T>(0, 0))
    }

    /// The most that buying so many positions costs, whichever these are.
    fn buying<T: Config>(&self, size: &Size, orders: u32) -> Weight {
        let new = many(self.unknown(Way::Buying, &size.markets)).min(orders);
        Way::Buying
            .weight::<T>(orders.saturating_sub(new).max(1), new)
            .saturating_sub(Way::Buying.weight::<T>(0, 0))
    }

    fn unknown(&self, way: Way, markets: &[MarketId]) -> usize {
        let is_new = |market: &&MarketId| !self.0.contains(&(way, **market));
        markets.iter().filter(is_new).count()
    }

    fn note(&mut self, way: Way, markets: &[MarketId]) {
        self.0.extend(markets.iter().map(|market| (way, *market)));
    }
}

/// What is read and written once, whoever is visited.
pub fn opening<T: Config>() -> Weight {
    [Way::Recovering, Way::Buying, Way::TakingOver]
        .into_iter()
        .fold(Weight::zero(), |sum, way| {
            sum.saturating_add(way.weight::<T>(0, 0))
        })
}

/// The most that a visit to any account costs when it is the first.
pub fn worst_visit<T: Config>() -> Weight {
    opening::<T>().saturating_add(Shared::default().bound::<T>(&Size::most::<T>()))
}

/// The same for an account that may have to be marked unsafe first.
pub fn worst_unmarked<T: Config>() -> Weight {
    let marking = Shared::default().of::<T>(Way::Recovering, &Size::most::<T>());
    worst_visit::<T>().saturating_add(marking)
}

/// What a visit cost that was the only one.
pub fn single<T: Config>(visited: &Visited) -> Weight {
    opening::<T>().saturating_add(Shared::default().pay::<T>(visited))
}

/// What an account in one market costs at least when others of it were visited.
pub fn least_visit<T: Config>() -> Weight {
    let (shared, one) = (Shared::default(), Size::default());
    shared
        .of::<T>(Way::Recovering, &one)
        .min(shared.of::<T>(Way::TakingOver, &one))
        .min(T::WeightInfo::offer(1))
}

/// Cancelling orders and seizing collateral.
fn besides<T: Config>(size: &Size, cancelled: u32) -> Weight {
    let mut cost = Weight::zero();
    if cancelled > 0 {
        cost.saturating_accrue(T::Orders::cancel_weight(cancelled));
    }
    if size.pledges > 0 {
        cost.saturating_accrue(T::Accounts::seize_weight(size.pledges));
    }
    cost
}

fn forcing<T: Config>(orders: usize) -> Weight {
    T::Orders::force_weight().saturating_mul(many(orders).into())
}

fn many(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn count_of(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
