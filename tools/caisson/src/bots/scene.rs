//! Markets and accounts made up for the tests of decisions.

use super::{
    desk::{Desk, Snapshot},
    market::Market,
};
use crate::units::Terms;
use caisson_primitives::{
    oracle::{FeedId, FeedStatus},
    trading::{
        Account, AccountIndex, CallState, Cash, CompartmentId, Contract, ContractKind, FeeSplit,
        Level, LotPrice, Lots, MarketId, MarketPrices, Phase, Position,
    },
    AccountId,
};

/// A whole of the settlement asset, in quanta.
pub const WHOLE: i128 = 1_000_000_000_000;

/// A calm market with this mark for a lot. Markets 0 and 1 are in the first compartment, others in the second; all but market 0
/// follow one feed.
pub fn market(id: MarketId, mark: i128) -> Market {
    let compartment = CompartmentId::from(id > 1);
    Market {
        terms: Terms {
            market: id,
            symbol: format!("M{id}-PERP"),
            compartment,
            lot_size: 100_000_000_000_000,
            tick: 10_000_000,
        },
        contract: Contract {
            compartment,
            kind: ContractKind::Perpetual,
            phase: Phase::Trading,
            feed: FeedId::from(id > 0),
            lot_size: 100_000_000_000_000,
            tick: 10_000_000,
            min_notional: Cash(WHOLE),
            max_order_lots: 1_000_000,
            tier_bounds: Default::default(),
            open_interest_cap: 100_000_000,
            band_ppm: 100_000,
            fees: Default::default(),
            fee_split: FeeSplit::default(),
            call_blocks: 1,
            liquidation_penalty_ppm: 10_000,
        },
        prices: MarketPrices {
            at: 0,
            index: LotPrice(mark),
            mark: LotPrice(mark),
            stable: LotPrice(mark),
            funding: LotPrice(0),
            maintenance: vec![LotPrice(mark * 32 / 1_000)]
                .try_into()
                .expect("one tier"),
            initial: vec![LotPrice(mark * 48 / 1_000)]
                .try_into()
                .expect("one tier"),
            fee_reserve: LotPrice(mark * 55 / 100_000),
            open_interest: 0,
            status: FeedStatus::Live,
        },
        call: CallState::default(),
        level: Level::Open,
        marks: vec![mark; 30],
    }
}

/// A block in which bots decide.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The block.
    pub snapshot: Snapshot,
    /// The bot's accounts.
    pub accounts: Vec<(CompartmentId, AccountIndex)>,
    /// What it holds besides, in units.
    pub cash: u128,
}

impl Scene {
    /// One account in each of two compartments with so much money, in wholes, and these markets.
    pub fn new(markets: Vec<Market>, money: i128) -> Self {
        let owner = AccountId::new([7; 32]);
        let mut snapshot = Snapshot {
            number: 100,
            time: 1_000_000,
            markets,
            ..Snapshot::default()
        };
        for compartment in [0, 1] {
            let mut account = Account::new(owner.clone(), compartment, 0);
            account.collateral = Cash(money * WHOLE);
            snapshot.accounts.insert(compartment.into(), account);
        }
        Self {
            snapshot,
            accounts: vec![(0, 0), (1, 1)],
            cash: 0,
        }
    }

    /// The same, so many blocks later.
    pub fn pass(&mut self, blocks: u32) {
        self.snapshot.number += blocks;
        self.snapshot.time += 1_000 * u64::from(blocks);
    }

    /// The market with this number, to be changed.
    pub fn market(&mut self, id: MarketId) -> &mut Market {
        let mut markets = self.snapshot.markets.iter_mut();
        markets
            .find(|market| market.terms.market == id)
            .expect("a market of the scene")
    }

    /// Gives the bot a position at mark.
    pub fn hold(&mut self, id: MarketId, lots: i64) {
        let market = self.market(id);
        let (compartment, mark) = (market.contract.compartment, market.mark());
        let account = self.account(compartment);
        let position = account.position_mut(id).expect("few markets");
        position.lots = Lots(lots);
        position.cost = Cash(i128::from(lots) * mark);
    }

    /// What the bot has open in a market, to be changed.
    pub fn position(&mut self, id: MarketId) -> &mut Position {
        let compartment = self.market(id).contract.compartment;
        let account = self.account(compartment);
        account.position_mut(id).expect("few markets")
    }

    /// An account of the bot, to be changed.
    pub fn account(&mut self, compartment: CompartmentId) -> &mut Account<AccountId> {
        let accounts = &mut self.snapshot.accounts;
        accounts.get_mut(&compartment.into()).expect("an account")
    }

    /// What the bot sees.
    pub fn desk(&self) -> Desk<'_> {
        Desk {
            snapshot: &self.snapshot,
            accounts: &self.accounts,
            cash: self.cash,
            scale: 1_000_000,
        }
    }
}
