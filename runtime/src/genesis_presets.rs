//! The states that networks start from, by name.
//!
//! | preset | validators | accounts | pace of governance |
//! |---|---|---|---|
//! | `development` | Alice | the well-known ones, rich | a day takes half a minute |
//! | `local_testnet` | Alice, Bob, Charlie, Dave | the well-known ones, rich | a day takes half a minute |
//! | `staging` | four, of public seed | those four and a council's | as written |
//!
//! All start with the same price feeds, those of `genesis_feeds`; development networks also with the compartments and
//! markets of `genesis_markets`.
//!
//! Chain specs and tests are made from the same presets. Every key in them is public: a network whose
//! tokens are worth something replaces the accounts and keys in the plain chain spec first.

use alloc::{format, vec, vec::Vec};
use core::num::NonZeroU32;

use caisson_primitives::{
    currency::UNIT,
    oracle::{crypto::AuthorityId as OracleId, FeedId},
    time::DAYS,
    trading::CompartmentId,
    AccountId, AssetId, Balance,
};
use frame_support::build_struct_json_patch;
use pallet_margin::types::{CollateralTerms, CompartmentTerms};
use pallet_markets::genesis::GenesisMarket;
use sp_authority_discovery::AuthorityId as AuthorityDiscoveryId;
use sp_consensus_babe::AuthorityId as BabeId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::get_public_from_string_or_panic, sr25519};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;
use sp_runtime::Perbill;
use sp_staking::StakerStatus;

use crate::{
    configs::{
        OraclePot, SessionKeys, TreasuryAccount, BABE_GENESIS_EPOCH_CONFIG, DEVELOPMENT_COLLATERAL,
        MAX_CANDIDATES_IN_ELECTION, SETTLEMENT_ASSET,
    },
    genesis_feeds, genesis_markets, AssetsConfig, BabeConfig, BalancesConfig,
    CouncilElectionsConfig, GovernancePaceConfig, MarginConfig, MarketsConfig, OracleConfig,
    RuntimeGenesisConfig, SessionConfig, StakingConfig, TechnicalMembershipConfig,
};

/// The name of the preset for a rehearsal on public machines.
pub const STAGING_RUNTIME_PRESET: &str = "staging";

/// What each well-known account holds at genesis.
const ENDOWMENT: Balance = 10_000_000 * UNIT;
/// What each validator's stash holds at genesis.
const VALIDATOR_ENDOWMENT: Balance = 200_000 * UNIT;
/// What each validator has bonded at genesis.
const VALIDATOR_BOND: Balance = 100_000 * UNIT;
/// What each member of the first council has locked for its own election.
const COUNCIL_STAKE: Balance = 10_000 * UNIT;
/// What the treasury holds at genesis.
const TREASURY_ENDOWMENT: Balance = 1_000_000 * UNIT;
/// What the pot of the oracle's reporters holds at genesis: it must exist, or the first fees are too small
/// to make it.
const ORACLE_POT_ENDOWMENT: Balance = UNIT;
/// On development networks a day of governance takes half a minute.
const DEVELOPMENT_DIVISOR: u32 = DAYS / 30;

/// One validator: its stash and its session keys.
struct Validator {
    stash: AccountId,
    keys: SessionKeys,
}

impl Validator {
    /// The validator whose stash is `//<seed>//stash` and whose keys are all `//<seed>`.
    fn from_seed(seed: &str) -> Self {
        Self {
            stash: account(&format!("{seed}//stash")),
            keys: SessionKeys {
                babe: get_public_from_string_or_panic::<BabeId>(seed),
                grandpa: get_public_from_string_or_panic::<GrandpaId>(seed),
                authority_discovery: get_public_from_string_or_panic::<AuthorityDiscoveryId>(seed),
                oracle: get_public_from_string_or_panic::<OracleId>(seed),
            },
        }
    }
}

/// The account of `//<seed>`.
fn account(seed: &str) -> AccountId {
    get_public_from_string_or_panic::<sr25519::Public>(seed).into()
}

/// What distinguishes one network's first state from another's.
struct Genesis {
    validators: Vec<Validator>,
    endowed: Vec<AccountId>,
    council: Vec<AccountId>,
    technical_committee: Vec<AccountId>,
    /// Assets with the accounts that hold some of them: development only.
    assets: AssetsConfig,
    /// Compartments and markets: development only.
    trading: Trading,
    governance_divisor: Option<NonZeroU32>,
}

/// The compartments and markets of a network.
#[derive(Default)]
struct Trading {
    compartments: Vec<(AssetId, CompartmentTerms)>,
    collaterals: Vec<(CompartmentId, AssetId, FeedId, Balance, CollateralTerms)>,
    markets: Vec<GenesisMarket>,
}

impl Genesis {
    fn into_patch(self) -> serde_json::Value {
        let validator_count = u32::try_from(self.validators.len()).unwrap_or(u32::MAX);
        let stashes = || {
            self.validators
                .iter()
                .map(|validator| validator.stash.clone())
        };

        let balances = stashes()
            .map(|stash| (stash, VALIDATOR_ENDOWMENT))
            .chain(
                self.endowed
                    .iter()
                    .map(|account| (account.clone(), ENDOWMENT)),
            )
            .chain([
                (TreasuryAccount::get(), TREASURY_ENDOWMENT),
                (OraclePot::get(), ORACLE_POT_ENDOWMENT),
            ])
            .collect::<Vec<_>>();

        build_struct_json_patch!(RuntimeGenesisConfig {
            balances: BalancesConfig { balances },
            assets: self.assets,
            babe: BabeConfig {
                epoch_config: BABE_GENESIS_EPOCH_CONFIG
            },
            session: SessionConfig {
                keys: self
                    .validators
                    .iter()
                    .map(|validator| {
                        let stash = validator.stash.clone();
                        (stash.clone(), stash, validator.keys.clone())
                    })
                    .collect::<Vec<_>>(),
            },
            staking: StakingConfig {
                validator_count,
                minimum_validator_count: 1,
                slash_reward_fraction: Perbill::from_percent(10),
                stakers: stashes()
                    .map(|stash| {
                        (
                            stash.clone(),
                            stash,
                            VALIDATOR_BOND,
                            StakerStatus::<AccountId>::Validator,
                        )
                    })
                    .collect::<Vec<_>>(),
                min_nominator_bond: 100 * UNIT,
                min_validator_bond: 10_000 * UNIT,
                // An election fails when there are more candidates than it can take.
                max_validator_count: Some(MAX_CANDIDATES_IN_ELECTION),
            },
            council_elections: CouncilElectionsConfig {
                members: self
                    .council
                    .into_iter()
                    .map(|member| (member, COUNCIL_STAKE))
                    .collect::<Vec<_>>(),
            },
            technical_membership: TechnicalMembershipConfig {
                members: self.technical_committee.try_into().unwrap_or_default(),
            },
            governance_pace: GovernancePaceConfig {
                divisor: self.governance_divisor
            },
            oracle: OracleConfig {
                feeds: genesis_feeds::feeds()
            },
            markets: MarketsConfig {
                markets: self.trading.markets
            },
            margin: MarginConfig {
                compartments: self.trading.compartments,
                collaterals: self.trading.collaterals,
            },
        })
    }
}

/// The well-known accounts, Alice to Ferdie, without their stashes.
fn well_known() -> Vec<AccountId> {
    use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};
    [Alice, Bob, Charlie, Dave, Eve, Ferdie]
        .map(|key| key.to_account_id())
        .to_vec()
}

/// A settlement asset and a second collateral, a million units of each on every well-known account.
fn development_assets() -> AssetsConfig {
    let owner = TreasuryAccount::get();
    let holders = well_known();
    let hold = |asset, amount: Balance| {
        holders
            .iter()
            .cloned()
            .map(move |holder| (asset, holder, amount))
            .collect::<Vec<_>>()
    };
    let accounts = [
        hold(SETTLEMENT_ASSET, 1_000_000 * 10u128.pow(6)),
        hold(DEVELOPMENT_COLLATERAL, 1_000 * 10u128.pow(8)),
    ]
    .concat();
    AssetsConfig {
        assets: vec![
            (SETTLEMENT_ASSET, owner.clone(), true, 10_000),
            (DEVELOPMENT_COLLATERAL, owner, true, 100),
        ],
        metadata: vec![
            (
                SETTLEMENT_ASSET,
                b"Development Dollar".to_vec(),
                b"USDD".to_vec(),
                6,
            ),
            (
                DEVELOPMENT_COLLATERAL,
                b"Development Bitcoin".to_vec(),
                b"BTCD".to_vec(),
                8,
            ),
        ],
        accounts,
        ..Default::default()
    }
}

/// A development network of the given validators.
fn development(validators: &[&str]) -> Genesis {
    use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

    let members = |keys: [Sr25519Keyring; 3]| {
        keys.into_iter()
            .map(|key| key.to_account_id())
            .collect::<Vec<_>>()
    };
    Genesis {
        validators: validators
            .iter()
            .map(|seed| Validator::from_seed(seed))
            .collect(),
        endowed: well_known(),
        council: members([Alice, Bob, Charlie]),
        technical_committee: members([Charlie, Dave, Eve]),
        assets: development_assets(),
        trading: Trading {
            compartments: genesis_markets::compartments(),
            collaterals: genesis_markets::collaterals(),
            markets: genesis_markets::markets(),
        },
        governance_divisor: NonZeroU32::new(DEVELOPMENT_DIVISOR),
    }
}

/// A rehearsal on public machines, with everything but the keys as on a live network.
fn staging() -> Genesis {
    let seeds = ["Staging//1", "Staging//2", "Staging//3", "Staging//4"];
    let stewards: Vec<_> = (1..=3)
        .map(|n| account(&format!("Staging//steward//{n}")))
        .collect();
    Genesis {
        validators: seeds
            .iter()
            .map(|seed| Validator::from_seed(seed))
            .collect(),
        endowed: stewards.clone(),
        council: stewards.clone(),
        technical_committee: stewards,
        assets: AssetsConfig::default(),
        trading: Trading::default(),
        governance_divisor: None,
    }
}

/// The preset of that name, as a patch of the default genesis in JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let genesis = match id.as_ref() {
        DEV_RUNTIME_PRESET => development(&["Alice"]),
        LOCAL_TESTNET_RUNTIME_PRESET => development(&["Alice", "Bob", "Charlie", "Dave"]),
        STAGING_RUNTIME_PRESET => staging(),
        _ => return None,
    };
    serde_json::to_string(&genesis.into_patch())
        .ok()
        .map(|json| json.into_bytes())
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(DEV_RUNTIME_PRESET),
        PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
        PresetId::from(STAGING_RUNTIME_PRESET),
    ]
}
