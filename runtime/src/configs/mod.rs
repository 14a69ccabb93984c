//! How each pallet is configured, one file per concern.

mod accounts;
mod base;
mod consensus;
mod governance;
mod money;
mod oracle;
mod safety;
mod solvency;
mod staking;
mod system;
mod trading;

pub use accounts::ProxyType;
pub use base::{transaction, DbWeight};
pub use consensus::{EpochDuration, SessionKeys, BABE_GENESIS_EPOCH_CONFIG};
pub use governance::{CouncilInstance, TechnicalInstance};
pub use money::{NativeFees, TreasuryAccount, DEVELOPMENT_COLLATERAL, SETTLEMENT_ASSET};
pub use oracle::{OffenceWeight, OraclePot, SlotTime};
pub use safety::{SafeModeCalls, UnpausableCalls};
pub use solvency::{AccountBudget, BackstopId, FundBudget};
pub use staking::{
    ActiveEraStake, StakeToVotes, MAX_CANDIDATES_IN_ELECTION, MAX_VALIDATORS,
    MAX_VOTERS_IN_ELECTION,
};
pub use system::{
    BlockLength, BlockWeights, SafeModeOnFailedMigration, Version, MAXIMUM_BLOCK_WEIGHT,
    NORMAL_DISPATCH_RATIO, OPERATIONAL_RESERVE_RATIO, SS58_PREFIX,
};
pub use trading::{BlockLottery, MarginBudget, MAX_COMPARTMENTS, MAX_MARKETS, MAX_OPEN_ORDERS};
