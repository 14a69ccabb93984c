//! The stake behind each validator, as the rest of the chain reads it.

use sp_runtime::Vec;

/// Who validates now, and with how much stake.
///
/// The oracle weighs reports by stake, and nothing else in the protocol needs to know how staking
/// works. Staking pallets come and go with the SDK; this trait is the only way to them.
pub trait StakeSource<AccountId, Balance> {
    /// The validators of the current session with the stake that backs each in the active era, in
    /// the order of the session's validator set. A validator without stake on record has zero.
    ///
    /// Cost: two storage reads, and one for each validator.
    fn active_stakes() -> Vec<(AccountId, Balance)>;

    /// The stake that backs one validator in the active era; zero when it is not elected.
    ///
    /// Cost: two storage reads.
    fn active_stake(validator: &AccountId) -> Balance;
}
