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
pub mod guard;
pub mod health;
pub mod levels;
pub mod market;
pub mod order;
pub mod risk_api;
pub mod waterfall;

pub use account::{
    Account, AccountIndex, AccountRole, Armed, BlockActs, Fill, FillKind, OpenOrders, Pledge,
    Position, Settled, TradingAccounts, Volume, MAX_PLEDGES, MAX_POSITIONS,
};
pub use caisson_risk::{Cash, Coordinate, LotPrice, Lots, Ppm, Side};
pub use guard::{
    Admission, CallDecision, CallFlow, CallGuard, MarginStress, SafetySignals, WithdrawalGate,
};
pub use health::{Headroom, Requirement};
pub use levels::{Level, Permit, Scope};
pub use market::{
    CallSource, CallState, CompartmentId, CompartmentSource, Contract, ContractKind, FeeSplit,
    FeeTier, MarketId, MarketPrices, Markets, OpenInterestSource, Phase, Ticks, MAX_FEE_TIERS,
    MAX_MARKET_ID, MAX_TIERS,
};
pub use order::{
    ClientOrderId, Direction, OpenOrdersSource, OrderKind, OrderNumber, OrderRef, OrderRequest,
    TimeInForce, Trigger,
};
pub use waterfall::{
    CompartmentFunds, Cover, Endangered, ForcedOrders, InsuranceFunds, Leg, LiquidationAccounts,
    Pot, Pots, SafetyObserver, Standing,
};
