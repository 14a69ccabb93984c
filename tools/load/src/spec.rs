//! A chain specification in which the generator's accounts have money, and as many markets as wanted trade.
//!
//! It is the plain specification of a chain that the node knows, with entries added to its genesis.

use caisson::error::{Error, Result};
use caisson_primitives::{currency::UNIT, AccountId, Balance};
use caisson_runtime::configs::SETTLEMENT_ASSET;
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What pays an account's transaction fees: a thousand ladders cost some tens.
pub const NATIVE: Balance = 10_000 * UNIT;
/// The most markets of a chain.
const MOST_MARKETS: usize = caisson_runtime::configs::MAX_MARKETS as usize;

/// What is added to a chain's genesis.
#[derive(Clone, Debug)]
pub struct Additions {
    /// Who has money.
    pub accounts: Vec<AccountId>,
    /// How much each has of the settlement asset, in its smallest units.
    pub units: Balance,
    /// How many markets there are; nothing leaves those of the chain.
    pub markets: Option<usize>,
}

/// Writes the specification of a chain that the node knows, with additions. Returns the file.
pub fn write(node: &Path, chain: &str, additions: &Additions, file: PathBuf) -> Result<PathBuf> {
    let output = Command::new(node)
        .args(["export-chain-spec", "--chain", chain])
        .output()
        .map_err(|error| Error::new(format!("can't start {}: {error}", node.display())))?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "{} can't write the specification of {chain}: {}",
            node.display(),
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    let mut spec: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| unlike(&format!("isn't JSON: {error}")))?;
    add(&mut spec, additions)?;
    fs::write(&file, spec.to_string())
        .map_err(|error| Error::new(format!("can't write {}: {error}", file.display())))?;
    Ok(file)
}

fn add(spec: &mut Value, additions: &Additions) -> Result<()> {
    let addresses = additions.accounts.iter().map(|one| one.to_ss58check());
    let addresses: Vec<String> = addresses.collect();
    let balances = list(spec, "balances", "balances")?;
    balances.extend(addresses.iter().map(|who| json!([who, small(NATIVE)])));
    let holders = list(spec, "assets", "accounts")?;
    let units = small(additions.units);
    holders.extend(
        addresses
            .iter()
            .map(|who| json!([SETTLEMENT_ASSET, who, units])),
    );
    if let Some(count) = additions.markets {
        list_markets(list(spec, "markets", "markets")?, count)?;
    }
    Ok(())
}

/// As many markets as asked for: the first ones of the chain, then copies of those in the first compartment under other names.
fn list_markets(markets: &mut Vec<Value>, count: usize) -> Result<()> {
    if !(1..=MOST_MARKETS).contains(&count) {
        return Err(Error::new(format!(
            "{count} markets can't be: from 1 to {MOST_MARKETS}"
        )));
    }
    let first = markets.iter().filter(|one| one["compartment"] == 0);
    let patterns: Vec<Value> = first.cloned().collect();
    if patterns.is_empty() {
        return Err(unlike("has no market in its first compartment"));
    }
    markets.truncate(count);
    for number in markets.len()..count {
        let mut market = patterns[number % patterns.len()].clone();
        let symbol = market["symbol"].as_str().unwrap_or("LOAD-PERP");
        market["symbol"] = json!(format!("{symbol}-{number}"));
        markets.push(market);
    }
    Ok(())
}

/// A list in the genesis of a specification.
fn list<'a>(spec: &'a mut Value, pallet: &str, field: &str) -> Result<&'a mut Vec<Value>> {
    spec["genesis"]["runtimeGenesis"]["patch"][pallet][field]
        .as_array_mut()
        .ok_or_else(|| unlike(&format!("has no list {pallet}.{field} in its genesis")))
}

fn unlike(what: &str) -> Error {
    Error::new(format!(
        "the node's specification {what}; is the node of the same version as this program?"
    ))
}

/// As a number that JSON carries.
fn small(balance: Balance) -> u64 {
    u64::try_from(balance).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Value {
        let market = |symbol: &str, compartment: u16| json!({ "symbol": symbol, "compartment": compartment, "feed": 0 });
        json!({ "genesis": { "runtimeGenesis": { "patch": {
            "balances": { "balances": [["5A", 1]] },
            "assets": { "accounts": [] },
            "markets": { "markets": [
                market("BTC-PERP", 0), market("ETH-PERP", 0), market("ETH-PERP-B", 1)
            ] },
        } } } })
    }

    fn added(markets: Option<usize>) -> Result<Value> {
        let mut spec = spec();
        let additions = Additions {
            accounts: vec![AccountId::new([1; 32]), AccountId::new([2; 32])],
            units: 5_000_000,
            markets,
        };
        add(&mut spec, &additions)?;
        Ok(spec["genesis"]["runtimeGenesis"]["patch"].clone())
    }

    #[test]
    fn accounts_should_be_added_to_those_that_have_money() {
        let patch = added(None).expect("added");
        assert_eq!(
            patch["balances"]["balances"].as_array().map(Vec::len),
            Some(3)
        );
        let holder = &patch["assets"]["accounts"][1];
        assert_eq!(holder[0], SETTLEMENT_ASSET);
        assert_eq!(holder[2], 5_000_000);
        assert_eq!(
            patch["markets"]["markets"].as_array().map(Vec::len),
            Some(3)
        );
    }

    #[test]
    fn markets_should_be_as_many_as_asked_for_under_different_names() {
        let patch = added(Some(6)).expect("added");
        let markets = patch["markets"]["markets"].as_array().expect("markets");
        let names: Vec<&str> = markets
            .iter()
            .filter_map(|one| one["symbol"].as_str())
            .collect();
        assert_eq!(
            names,
            [
                "BTC-PERP",
                "ETH-PERP",
                "ETH-PERP-B",
                "ETH-PERP-3",
                "BTC-PERP-4",
                "ETH-PERP-5"
            ]
        );
        assert!(markets[3..].iter().all(|one| one["compartment"] == 0));
        let one = added(Some(1)).expect("added");
        assert_eq!(one["markets"]["markets"].as_array().map(Vec::len), Some(1));
        assert!(added(Some(0)).is_err() && added(Some(201)).is_err());
    }

    #[test]
    fn specification_should_be_refused_when_it_has_another_shape() {
        let additions = Additions {
            accounts: vec![],
            units: 0,
            markets: None,
        };
        let error = add(&mut json!({}), &additions).unwrap_err().to_string();
        assert!(error.contains("same version"), "{error}");
    }
}
