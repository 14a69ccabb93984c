//! What the tests of the waterfall share: traders at a mark of 100, where a lot needs 3 of maintenance and 6 of initial margin.

use caisson_primitives::trading::{
    AccountIndex, Cash, CompartmentId, LiquidationAccounts, LotPrice, MarketId, Side, Standing,
    TradingAccounts,
};
use pallet_circuit_breaker::terms::Terms as BreakerTerms;

use crate::{
    mock::*,
    types::{Latencies, Terms, Totals},
    CurrentTerms, Event, LatenciesOf, TotalsOf, Work,
};

/// A market of compartment 0 besides the one that the tests are about.
pub const OTHER: MarketId = 8;

/// A trader and the number of its account.
#[derive(Clone, Copy, Debug)]
pub struct Trader {
    pub user: User,
    pub index: AccountIndex,
}

impl Trader {
    /// Opens an account in compartment 0.
    pub fn new(user: User, wholes: u128) -> Self {
        Self::in_compartment(user, 0, wholes)
    }

    pub fn in_compartment(user: User, compartment: CompartmentId, wholes: u128) -> Self {
        Self {
            user,
            index: open(user, compartment, wholes),
        }
    }

    pub fn bids(&self, lots: u64, ticks: u32) {
        place_at(self.user, self.index, MARKET, Side::Long, lots, ticks).expect("a bid");
    }

    pub fn asks(&self, lots: u64, ticks: u32) {
        place_at(self.user, self.index, MARKET, Side::Short, lots, ticks).expect("an ask");
    }

    pub fn money(&self) -> i128 {
        Margin::load(self.index).expect("an account").collateral.0
    }

    pub fn lots(&self) -> i64 {
        self.lots_in(MARKET)
    }

    pub fn lots_in(&self, market: MarketId) -> i64 {
        Margin::load(self.index).expect("an account").lots(market).0
    }

    pub fn standing(&self) -> Standing {
        let account = Margin::load(self.index).expect("an account");
        Margin::standing(&account).expect("adds up")
    }

    pub fn equity(&self) -> i128 {
        self.standing().equity.0
    }

    pub fn slack(&self) -> i128 {
        self.standing().slack.0
    }

    pub fn is_marked(&self) -> bool {
        Margin::load(self.index)
            .expect("an account")
            .unsafe_since
            .is_some()
    }
}

/// Runs a test, and checks all invariants at its end. The breaker's price bands are wide: what they do is its own tests' matter.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        widen_bands();
        test();
        check();
    });
}

pub fn widen_bands() {
    let mut terms = BreakerTerms::default();
    for band in &mut terms.bands {
        band.narrowest_ppm = 999_999;
        band.band_ppm = 999_999;
        band.widest_ppm = 999_999;
    }
    CircuitBreaker::set_terms(RuntimeOrigin::root(), Box::new(terms)).expect("sound terms");
}

/// `buyer` buys lots of a market from `seller`, at a price in wholes, in a block of its own.
pub fn trade_in(market: MarketId, buyer: Trader, seller: Trader, lots: u64, wholes: u32) {
    let before = (buyer.lots_in(market), seller.lots_in(market));
    begin_block();
    place(buyer.user, buyer.index, market, Side::Long, lots, wholes).expect("a bid");
    place(seller.user, seller.index, market, Side::Short, lots, wholes).expect("an ask");
    end_block();
    let lots = i64::try_from(lots).unwrap();
    let after = (buyer.lots_in(market), seller.lots_in(market));
    assert_eq!(after, (before.0 + lots, before.1 - lots), "traded");
}

pub fn trade(buyer: Trader, seller: Trader, lots: u64, wholes: u32) {
    trade_in(MARKET, buyer, seller, lots, wholes);
}

/// A long of 100 lots at 100 with 600 of its own, against a short with that much.
pub fn thin_long(short_money: u128) -> (Trader, Trader) {
    let (long, short) = (Trader::new(1, 600), Trader::new(2, short_money));
    trade(long, short, 100, 100);
    (long, short)
}

pub fn pots(compartment: CompartmentId) -> (i128, i128) {
    let pots = pallet_margin::Ledgers::<Test>::get(compartment);
    (pots.insurance.0, pots.backers.0)
}

pub fn insurance() -> i128 {
    pots(0).0
}

/// Lots and money of the inventory of the market, if it has one.
pub fn inventory_of(market: MarketId) -> Option<(i64, i128)> {
    let index = pallet_margin::Inventories::<Test>::get(market)?;
    let account = Margin::load(index)?;
    Some((account.lots(market).0, account.collateral.0))
}

pub fn inventory() -> (i64, i128) {
    inventory_of(MARKET).expect("an inventory")
}

pub fn latencies() -> Latencies {
    LatenciesOf::<Test>::get(MARKET)
}

pub fn totals() -> Totals {
    TotalsOf::<Test>::get(MARKET)
}

pub fn units_of(who: &AccountId) -> u128 {
    Assets::balance(USD, who)
}

pub fn change_terms(change: impl FnOnce(&mut Terms)) {
    CurrentTerms::<Test>::mutate(change);
    assert!(CurrentTerms::<Test>::get().are_valid());
}

/// Limits of the orders of the engine in this block.
pub fn limits() -> Vec<i128> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::OrderEntered { limit, .. } => Some(limit.0),
            _ => None,
        })
        .collect()
}

/// What the fund bought in this block: of whom, how many lots, at which price, at which attempt, and the equity before.
pub fn bought() -> Vec<(AccountIndex, u64, LotPrice, u8, Cash)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Bought {
                account,
                lots,
                price,
                attempt,
                equity,
                ..
            } => Some((account, lots, price, attempt, equity)),
            _ => None,
        })
        .collect()
}

/// Who was taken over in this block, in that order.
pub fn taken_over() -> Vec<AccountIndex> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::TakenOver { account, .. } => Some(account),
            _ => None,
        })
        .collect()
}

/// Whose lots were closed in this block, and how many.
pub fn deleveraged() -> Vec<(AccountIndex, u64)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Deleveraged { account, lots, .. } => Some((account, lots)),
            _ => None,
        })
        .collect()
}

/// Whose profit was cut in this block, and by how much.
pub fn cuts() -> Vec<(AccountIndex, i128)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::ProfitCut { account, cut, .. } => Some((account, cut.0)),
            _ => None,
        })
        .collect()
}

pub fn wholes(amount: i128) -> Cash {
    Cash(amount * ONE)
}

/// All that belongs to a compartment with these markets: accounts, orders, inventories, ledger, pots, stakes, custody.
pub fn compartment_bytes(compartment: CompartmentId, markets: &[MarketId]) -> Vec<u8> {
    use codec::Encode;
    let mut accounts: Vec<_> = pallet_margin::Accounts::<Test>::iter()
        .filter(|(_, account)| account.compartment == compartment)
        .collect();
    accounts.sort_by_key(|(index, _)| *index);
    let custody = Margin::custody(compartment);
    let mut all = (
        accounts,
        pallet_margin::Ledgers::<Test>::get(compartment),
        Assets::balance(USD, &custody),
        Assets::balance(COIN, &custody),
        pallet_insurance::Series::<Test>::get(compartment),
    )
        .encode();
    let mut stakes: Vec<_> = pallet_insurance::Backings::<Test>::iter_prefix(compartment).collect();
    stakes.sort_by_key(|(who, _)| who.clone());
    stakes.encode_to(&mut all);
    for market in markets {
        let of_market = (
            pallet_margin::Inventories::<Test>::get(market),
            pallet_margin::OpenInterest::<Test>::get(market),
            pallet_exchange::Books::<Test>::get(market),
            pallet_insurance::Records::<Test>::get(compartment, market),
            Work::<Test>::get(market),
        );
        of_market.encode_to(&mut all);
    }
    let mut book: Vec<_> = pallet_exchange::Book::<Test>::iter()
        .filter(|(key, _)| markets.contains(&key.market))
        .collect();
    book.sort_by_key(|(key, _)| key.encode());
    book.encode_to(&mut all);
    all
}
