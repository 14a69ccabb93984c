//! Markets, accounts and orders, as the trading pallets, the runtime and clients speak of them.
//!
//! | quantity | type | unit |
//! |---|---|---|
//! | money | [`Cash`] | quantum: 10^-12 of the compartment's settlement asset |
//! | size | [`Lots`] | the market's lot, a fixed amount of the base |
//! | price | [`LotPrice`] | quanta for one lot |
//! | order price | [`Ticks`] | the market's tick, a fixed number of quanta for one lot |
//!
//! Lots and ticks are whole numbers of quanta, so a trade moves the same integer between two accounts and
//! nothing is rounded for an account.

pub mod account;
pub mod api;
pub mod health;
pub mod market;
pub mod order;

pub use account::{
    Account, AccountIndex, Armed, BlockActs, Fill, OpenOrders, Pledge, Position, Settled,
    TradingAccounts, Volume, MAX_PLEDGES, MAX_POSITIONS,
};
pub use caisson_risk::{Cash, Coordinate, LotPrice, Lots, Ppm, Side};
pub use health::{Headroom, Requirement};
pub use market::{
    CallDecision, CallGuard, CallSource, CallState, CompartmentId, CompartmentSource, Contract,
    ContractKind, FeeSplit, FeeTier, MarketId, MarketPrices, Markets, OpenInterestSource, Phase,
    Ticks, WithdrawalGate, MAX_FEE_TIERS, MAX_MARKET_ID, MAX_TIERS,
};
pub use order::{
    ClientOrderId, Direction, OpenOrdersSource, OrderKind, OrderNumber, OrderRef, OrderRequest,
    TimeInForce, Trigger,
};
