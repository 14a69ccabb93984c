//! What clients may ask the trading pallets, through `state_call` and the metadata's runtime APIs.

use alloc::vec::Vec;
use caisson_risk::{Cash, LotPrice, Lots, Side};
use codec::{Codec, Decode, Encode};
use scale_info::TypeInfo;

use super::{
    account::{Account, AccountIndex, OpenOrders},
    market::{CallState, CompartmentId, Contract, MarketId, MarketPrices, Ticks},
    order::{ClientOrderId, OrderNumber, OrderRequest, Trigger},
};
use crate::types::Moment;

/// A market as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MarketView {
    /// Its identifier.
    pub market: MarketId,
    /// Its name, in ASCII, for example `BTC-PERP`.
    pub symbol: Vec<u8>,
    /// What it is.
    pub contract: Contract,
    /// Its prices in this block, if it has any.
    pub prices: Option<MarketPrices>,
    /// The state of its call.
    pub call: CallState,
    /// The lots held long, which equal those held short.
    pub open_interest: u64,
    /// The funding rate that accrues now, in parts per 10^9 of the mark for eight hours: positive is paid by longs.
    pub funding_rate_ppb: i64,
}

/// What a position is worth and where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PositionHealth {
    /// The market.
    pub market: MarketId,
    /// Its size: positive is long.
    pub lots: Lots,
    /// What it cost on average, rounded down, in quanta for one lot; zero without lots.
    pub entry: LotPrice,
    /// The mark, in quanta for one lot.
    pub mark: LotPrice,
    /// Its profit at mark, less funding owed.
    pub unrealised: Cash,
    /// The funding it owes and has not paid yet; negative is to receive.
    pub funding_owed: Cash,
    /// Its maintenance margin.
    pub maintenance: Cash,
    /// Its initial margin, with its orders and their reserves.
    pub initial: Cash,
    /// The mark at which the account falls short of maintenance margin while all other markets stand still; nothing
    /// when no positive price does that.
    pub liquidation_price: Option<LotPrice>,
    /// Its open orders.
    pub open: OpenOrders,
}

/// How an account stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AccountHealth<AccountId> {
    /// The account as it is stored.
    pub account: Account<AccountId>,
    /// Money, other collateral after its haircut, and all profits and losses at mark.
    pub equity: Cash,
    /// Maintenance margin of all positions.
    pub maintenance: Cash,
    /// Equity minus maintenance margin: negative is liquidated.
    pub slack: Cash,
    /// What positions and orders must hold to take more risk.
    pub initial: Cash,
    /// What is left to take more risk; negative is short of it.
    pub initial_health: Cash,
    /// The value of all positions at mark.
    pub notional: Cash,
    /// How much of the settlement asset can be withdrawn, in quanta.
    pub withdrawable: Cash,
    /// Each market it is in.
    pub positions: Vec<PositionHealth>,
}

/// What an order would do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OrderPreview {
    /// The limit at which it would stand.
    pub limit: Ticks,
    /// Initial health before it.
    pub health_before: Cash,
    /// Initial health with the order open.
    pub health_after: Cash,
    /// What is missing for it to be accepted; zero if nothing is.
    pub shortfall: Cash,
    /// The most that its fill costs in fees.
    pub fee_at_most: Cash,
    /// The mark at which the account would fall short of maintenance margin after a whole fill at the limit.
    pub liquidation_price: Option<LotPrice>,
    /// Why it would be refused, if it would: the error of the pallet, as an index into its errors.
    pub refused: Option<u8>,
}

/// An order of an account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OrderView {
    /// The market.
    pub market: MarketId,
    /// Its number.
    pub number: OrderNumber,
    /// Its owner's name for it.
    pub client_id: Option<ClientOrderId>,
    /// Buy or sell.
    pub side: Side,
    /// Its limit; nothing for a dormant market order, whose limit comes from the mark when it wakes.
    pub limit: Option<Ticks>,
    /// What is left of it.
    pub lots: u64,
    /// Whether it may only reduce.
    pub reduce_only: bool,
    /// When it expires.
    pub expires_at: Option<Moment>,
    /// What wakes it, when it is dormant.
    pub trigger: Option<Trigger>,
}

/// One price of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Level {
    /// The price.
    pub price: Ticks,
    /// The lots of all orders there.
    pub lots: u64,
    /// How many orders.
    pub orders: u32,
}

/// The best prices of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Depth {
    /// From the highest.
    pub bids: Vec<Level>,
    /// From the lowest.
    pub asks: Vec<Level>,
}

/// How many positions would be looked at after a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TriggerDensity {
    /// The move of the mark against them, in parts per million.
    pub move_ppm: u32,
    /// Long positions.
    pub long: u32,
    /// Short positions.
    pub short: u32,
}

sp_api::decl_runtime_apis! {
    /// Markets and their prices.
    pub trait MarketsApi {
        /// All markets.
        fn markets() -> Vec<MarketView>;
        /// One market.
        fn market(market: MarketId) -> Option<MarketView>;
    }

    /// Margin accounts.
    pub trait MarginApi<AccountId> where AccountId: Codec {
        /// The numbers of an owner's accounts, with compartment and sub-number.
        fn accounts_of(owner: AccountId) -> Vec<(AccountIndex, CompartmentId, u8)>;
        /// How an account stands.
        fn health(account: AccountIndex) -> Option<AccountHealth<AccountId>>;
        /// How many positions a market has within moves of one, two, ... `steps` times `step_ppm`; counts end
        /// at ten thousand positions a side.
        fn trigger_density(market: MarketId, step_ppm: u32, steps: u32) -> Vec<TriggerDensity>;
    }

    /// Orders and books.
    pub trait ExchangeApi {
        /// What an order would do; nothing without account, market or prices.
        fn preview(account: AccountIndex, market: MarketId, request: OrderRequest) -> Option<OrderPreview>;
        /// The best `levels` prices of each side, at most 200.
        fn depth(market: MarketId, levels: u32) -> Depth;
        /// The live orders of an account, dormant ones among them.
        fn open_orders(account: AccountIndex) -> Vec<OrderView>;
        /// The price and lots at which the call would clear now, if it would.
        fn indicative(market: MarketId) -> Option<(Ticks, u64)>;
    }
}
