//! The chains this binary knows by name, and files that describe others.
//!
//! The genesis state of the named chains is not written here: it is a preset inside the runtime,
//! so that tests, chain specifications and the node start from the same one.

use caisson_primitives::{currency, Block};
use caisson_runtime::configs::SS58_PREFIX;
use sc_chain_spec::{ChainSpecExtension, ChainType, Properties};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// The first part of the names of the chain's network protocols.
const PROTOCOL_ID: &str = "caisson";

/// What a chain specification may say besides genesis and network.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase", default)]
pub struct Extensions {
    /// Blocks that must be on the chain, by number.
    pub fork_blocks: sc_client_api::ForkBlocks<Block>,
    /// Blocks that must not be on the chain.
    pub bad_blocks: sc_client_api::BadBlocks<Block>,
    /// A finalised block from which light clients start; `sync_state_genSyncSpec` fills it in.
    pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// The specification of a Caisson chain.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// The specification called `name`: that of a known chain, or that in the file of this name.
///
/// The empty name, which means none was given, is the local test network: there is no live
/// network yet to be the default.
pub fn load(name: &str) -> Result<ChainSpec, String> {
    match name {
        "dev" => named(
            "Caisson Development",
            "caisson_dev",
            ChainType::Development,
            "development",
        ),
        "" | "local" => named(
            "Caisson Local Testnet",
            "caisson_local",
            ChainType::Local,
            "local_testnet",
        ),
        // A live type, although the network is for trying things out: its nodes meet over the
        // internet, so the rules against private addresses have to hold.
        "staging" => named(
            "Caisson Staging",
            "caisson_staging",
            ChainType::Live,
            "staging",
        ),
        path => from_file(Path::new(path)),
    }
}

fn named(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let code = caisson_runtime::WASM_BINARY.ok_or(
        "this node was built without a runtime: build it again with SKIP_WASM_BUILD unset",
    )?;
    Ok(ChainSpec::builder(code, Extensions::default())
        .with_name(name)
        .with_id(id)
        .with_chain_type(kind)
        .with_protocol_id(PROTOCOL_ID)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .build())
}

/// What wallets and explorers read of a chain. Decimals and prefix are numbers, as clients expect.
fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), currency::SYMBOL.into());
    properties.insert("tokenDecimals".into(), currency::DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    properties
}

/// What has to be in a chain specification for a node to start from it. The SDK looks at the
/// genesis only when it builds the state, far from where the mistake is.
#[derive(Deserialize)]
#[serde(expecting = "expected an object with a `genesis`")]
struct Outline {
    genesis: BTreeMap<String, serde::de::IgnoredAny>,
}

fn from_file(path: &Path) -> Result<ChainSpec, String> {
    let shown = path.display();
    if !path.exists() {
        return Err(format!(
            "`{shown}` is neither a chain known by name (dev, local, staging) nor a file"
        ));
    }
    let bytes =
        fs::read(path).map_err(|e| format!("can't read the chain specification {shown}: {e}"))?;

    let unusable = |reason: String| {
        format!(
            "{shown} is not a chain specification: {reason}; `caisson-node export-chain-spec \
             --chain local` prints one"
        )
    };
    serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
        .map_err(|e| unusable(format!("it isn't JSON ({e})")))?;
    let outline: Outline = serde_json::from_slice(&bytes).map_err(|e| unusable(e.to_string()))?;
    if !["raw", "runtimeGenesis"]
        .iter()
        .any(|form| outline.genesis.contains_key(*form))
    {
        return Err(unusable(
            "its genesis has neither `raw` nor `runtimeGenesis`".into(),
        ));
    }
    ChainSpec::from_json_bytes(bytes)
        .map_err(|e| unusable(e.trim_start_matches("Error parsing spec file: ").into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sc_service::ChainSpec as _;

    #[test]
    fn named_chains_should_carry_the_properties_clients_read() {
        for (name, id) in [
            ("dev", "caisson_dev"),
            ("local", "caisson_local"),
            ("staging", "caisson_staging"),
        ] {
            let spec = load(name).expect("a named chain is always there");
            assert_eq!(spec.id(), id);
            assert_eq!(spec.protocol_id(), Some("caisson"));
            let properties = sc_service::ChainSpec::properties(&spec);
            assert_eq!(properties["tokenSymbol"], "CSN");
            assert_eq!(properties["tokenDecimals"], 12);
            assert_eq!(properties["ss58Format"], 42);
        }
    }

    #[test]
    fn plain_specification_should_survive_a_round_trip_through_json() {
        let json = load("dev").unwrap().as_json(false).expect("it serialises");
        let back = ChainSpec::from_json_bytes(json.clone().into_bytes()).expect("it parses");
        assert_eq!(back.as_json(false).unwrap(), json);
    }

    #[test]
    fn staging_preset_should_build_its_genesis_state() {
        // The integration tests start from the other two.
        let spec = load("staging").expect("a named chain is always there");
        let storage = spec
            .as_storage_builder()
            .build_storage()
            .expect("the preset is complete");
        assert!(!storage.top.is_empty());
    }
}
