//! Checks the books of a chain on this computer: the whole state of one block is fetched, and the invariants of every
//! pallet are checked on it, as equalities.
//!
//! It trusts no figure that a node computes, only the entries of the state; and these could be proved to belong to the
//! block, since its header commits to them.

use crate::{
    chain::{Chain, State},
    error::{Error, Result},
};
use caisson_primitives::{BlockNumber, Hash};
use caisson_runtime::AllPalletsWithSystem;
use clap::Args;
use frame_support::traits::{PalletsInfoAccess, TryState, TryStateSelect};
use jsonrpsee::rpc_params;
use serde::Serialize;
use serde_json::Value;
use sp_core::Bytes;
use sp_io::TestExternalities;

/// How many keys a node hands out at once; it refuses more.
const PAGE: u32 = 1_000;

const EXAMPLES: &str = "\
Examples:
  caisson audit
  caisson audit --block 0x3b07...

What is checked stands in the specification of each pallet (pallets/*/SPEC.md, section on invariants): among others,
that the custody of each compartment is, to the last quantum, what its accounts, funds and fees add up to.";

/// What `caisson audit` can be told.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The block whose state is checked, by its hash; the best block without
    #[arg(long, value_name = "HASH")]
    pub block: Option<Hash>,
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// The block.
    pub block: Hash,
    /// Its height.
    pub number: BlockNumber,
    /// How many entries its state has.
    pub entries: usize,
    /// How many bytes they are, keys and values.
    pub bytes: usize,
    /// Each pallet, and what was wrong with it if anything was.
    pub pallets: Vec<Finding>,
}

/// What was found of a pallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The pallet.
    pub pallet: String,
    /// Which invariant doesn't hold, if one doesn't.
    pub broken: Option<String>,
}

impl Audit {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.pallets.iter().all(|finding| finding.broken.is_none())
    }
}

/// Fetches the state of a block and checks it.
pub async fn audit(chain: &Chain, options: &Options) -> Result<Audit> {
    let block = match options.block {
        Some(block) => block,
        None => chain.best().await?,
    };
    let number = chain.header(block).await?.number;
    let entries = fetch(chain, &chain.at(block)).await?;
    let bytes = entries
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    let count = entries.len();
    Ok(Audit {
        block,
        number,
        entries: count,
        bytes,
        pallets: check(number, entries)?,
    })
}

/// All entries of the state after a block.
async fn fetch(chain: &Chain, state: &State<'_>) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let block = state.block();
    let mut entries = Vec::new();
    let mut last: Option<Bytes> = None;
    loop {
        let keys: Vec<Bytes> = chain
            .request(
                "state_getKeysPaged",
                rpc_params![Bytes(Vec::new()), PAGE, last, block],
            )
            .await?;
        let Some(end) = keys.last().cloned() else {
            return Ok(entries);
        };
        let answer: Vec<Value> = chain
            .request("state_queryStorageAt", rpc_params![keys, block])
            .await?;
        let changes = answer
            .first()
            .map(|set| set["changes"].clone())
            .unwrap_or_default();
        let changes: Vec<(Bytes, Option<Bytes>)> =
            serde_json::from_value(changes).map_err(|error| {
                Error::new(format!(
                    "the node's answer with entries of the state can't be read: {error}"
                ))
            })?;
        entries.extend(
            changes
                .into_iter()
                .filter_map(|(key, value)| Some((key.0, value?.0))),
        );
        last = Some(end);
    }
}

/// Checks the invariants of each pallet on these entries.
fn check(number: BlockNumber, entries: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Vec<Finding>> {
    let mut state = TestExternalities::default();
    for (key, value) in entries {
        state.insert(key, value);
    }
    let names = AllPalletsWithSystem::infos();
    if names.is_empty() {
        return Err(Error::new("this program was built without pallets"));
    }
    Ok(state.execute_with(|| {
        names
            .iter()
            .map(|info| {
                let only = TryStateSelect::Only(vec![info.name.as_bytes().to_vec()]);
                let checked = AllPalletsWithSystem::try_state(number, only);
                Finding {
                    pallet: info.name.to_owned(),
                    broken: checked.err().map(|error| format!("{error:?}")),
                }
            })
            .collect()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use caisson_primitives::trading::Cash;
    use caisson_runtime::{genesis_presets, Runtime, RuntimeGenesisConfig};
    use sp_runtime::BuildStorage;

    /// The state of a development chain at its genesis, changed.
    fn state_with(change: impl FnOnce()) -> Vec<(Vec<u8>, Vec<u8>)> {
        let preset = genesis_presets::get_preset(&"development".into()).expect("a preset");
        let patch: Value = serde_json::from_slice(&preset).expect("JSON");
        let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("JSON");
        merge(&mut config, patch);
        let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a genesis");
        let mut state: TestExternalities = config.build_storage().expect("builds").into();
        state.execute_with(|| {
            change();
            let mut entries = Vec::new();
            let mut last = Vec::new();
            while let Some(key) = sp_io::storage::next_key(&last) {
                let value = sp_io::storage::get(&key).expect("a key has a value");
                entries.push((key.clone(), value.to_vec()));
                last = key;
            }
            entries
        })
    }

    fn merge(base: &mut Value, patch: Value) {
        match (base, patch) {
            (Value::Object(base), Value::Object(patch)) => {
                for (key, value) in patch {
                    merge(base.entry(key).or_insert(Value::Null), value);
                }
            }
            (base, patch) => *base = patch,
        }
    }

    fn broken_in(entries: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<String> {
        let findings = check(0, entries).expect("checks");
        let broken = findings
            .into_iter()
            .filter(|finding| finding.broken.is_some());
        broken.map(|finding| finding.pallet).collect()
    }

    #[test]
    fn check_should_find_nothing_when_a_chain_has_just_begun() {
        assert_eq!(broken_in(state_with(|| ())), Vec::<String>::new());
    }

    #[test]
    fn check_should_name_the_pallet_when_its_books_do_not_balance() {
        let entries = state_with(|| {
            pallet_margin::Ledgers::<Runtime>::mutate(0, |ledger| ledger.custody = Cash(1));
        });
        assert_eq!(broken_in(entries), ["Margin"]);
    }
}
