//! What happens on the chain, read once for a block and for the whole crowd.
//!
//! Two requests for a block, however many bots there are: the markets, and one for everything in storage.

use super::{
    desk::{Snapshot, Wallet},
    market::{Market, MEMORY},
};
use crate::{
    chain::Chain,
    error::{Error, Result},
    units::Terms,
};
use caisson_primitives::{
    trading::{api::MarketView, Account, AccountIndex, Level, MarketId, Scope},
    AccountId, AssetId, Balance, Hash, Moment,
};
use caisson_runtime::{Runtime, RuntimeEvent};
use codec::{Decode, DecodeAll};
use frame_support::storage::storage_prefix;
use frame_system::EventRecord;
use jsonrpsee::rpc_params;
use pallet_circuit_breaker::types::Restriction;
use serde::Deserialize;
use sp_core::Bytes;
use std::collections::{BTreeMap, HashMap};

/// What happened in a block.
pub type Events = Vec<EventRecord<RuntimeEvent, Hash>>;

/// Reads the chain for a crowd.
#[derive(Debug)]
pub struct Feed {
    markets: Vec<MarketId>,
    asset: AssetId,
    marks: BTreeMap<MarketId, Vec<i128>>,
}

/// Values of storage by their keys.
struct Stored(HashMap<Vec<u8>, Bytes>);

#[derive(Deserialize)]
struct ChangeSet {
    changes: Vec<(Bytes, Option<Bytes>)>,
}

impl Feed {
    /// A feed of these markets, which settle in that asset.
    pub fn new(markets: Vec<MarketId>, asset: AssetId) -> Self {
        Self {
            markets,
            asset,
            marks: BTreeMap::new(),
        }
    }

    /// The chain after a block: the markets of the crowd, these owners and these margin accounts; and the block's events.
    pub async fn read(
        &mut self,
        chain: &Chain,
        block: Hash,
        owners: &[AccountId],
        accounts: &[AccountIndex],
    ) -> Result<(Snapshot, Events)> {
        let keys = Keys::new(self.asset, owners, accounts);
        let state = chain.at(block);
        let (views, stored) = tokio::try_join!(state.markets(), read(chain, block, keys.all()))?;
        let restrictions: Vec<Restriction> = stored.get(&keys.levels)?.unwrap_or_default();
        let mut snapshot = Snapshot {
            number: stored.get(&keys.number)?.unwrap_or_default(),
            time: stored.get::<Moment>(&keys.time)?.unwrap_or_default(),
            markets: self.markets(views, &restrictions),
            ..Snapshot::default()
        };
        for (owner, (system, cash)) in owners.iter().zip(&keys.owners) {
            snapshot
                .wallets
                .insert(owner.clone(), wallet(&stored, system, cash)?);
        }
        for (index, key) in accounts.iter().zip(&keys.accounts) {
            if let Some(account) = stored.get::<Account<AccountId>>(key)? {
                snapshot.accounts.insert(*index, account);
            }
        }
        let events = stored.get::<Events>(&keys.events)?.unwrap_or_default();
        Ok((snapshot, events))
    }

    fn markets(&mut self, views: Vec<MarketView>, restrictions: &[Restriction]) -> Vec<Market> {
        let mut markets = Vec::new();
        for view in views {
            let terms = Terms::of(&view);
            let (true, Some(prices)) = (self.markets.contains(&view.market), view.prices) else {
                continue;
            };
            let marks = self.marks.entry(view.market).or_default();
            marks.push(prices.mark.0);
            let forgotten = marks.len().saturating_sub(MEMORY);
            marks.drain(..forgotten);
            markets.push(Market {
                level: level(&terms, restrictions),
                terms,
                contract: view.contract,
                prices,
                call: view.call,
                marks: marks.clone(),
            });
        }
        markets
    }
}

/// The strictest level that holds for a market.
fn level(terms: &Terms, restrictions: &[Restriction]) -> Level {
    let holding = restrictions.iter().filter(|one| match one.scope {
        Scope::Market(market) => market == terms.market,
        Scope::Compartment(compartment) => compartment == terms.compartment,
        Scope::Chain => true,
    });
    holding.map(|one| one.level).max().unwrap_or(Level::Open)
}

/// The keys of all that is read.
struct Keys {
    number: Vec<u8>,
    time: Vec<u8>,
    events: Vec<u8>,
    levels: Vec<u8>,
    owners: Vec<(Vec<u8>, Vec<u8>)>,
    accounts: Vec<Vec<u8>>,
}

impl Keys {
    fn new(asset: AssetId, owners: &[AccountId], accounts: &[AccountIndex]) -> Self {
        let owner = |who: &AccountId| {
            (
                frame_system::Account::<Runtime>::hashed_key_for(who),
                pallet_assets::Account::<Runtime>::hashed_key_for(asset, who),
            )
        };
        let account = pallet_margin::Accounts::<Runtime>::hashed_key_for::<AccountIndex>;
        Self {
            number: storage_prefix(b"System", b"Number").to_vec(),
            time: storage_prefix(b"Timestamp", b"Now").to_vec(),
            events: storage_prefix(b"System", b"Events").to_vec(),
            levels: pallet_circuit_breaker::Levels::<Runtime>::hashed_key().to_vec(),
            owners: owners.iter().map(owner).collect(),
            accounts: accounts.iter().copied().map(account).collect(),
        }
    }

    fn all(&self) -> Vec<Bytes> {
        let single = [&self.number, &self.time, &self.events, &self.levels];
        let owners = self.owners.iter().flat_map(|(system, cash)| [system, cash]);
        let all = single.into_iter().chain(owners).chain(&self.accounts);
        all.cloned().map(Bytes).collect()
    }
}

async fn read(chain: &Chain, block: Hash, keys: Vec<Bytes>) -> Result<Stored> {
    let sets: Vec<ChangeSet> = chain
        .request("state_queryStorageAt", rpc_params![keys, block])
        .await?;
    let changes = sets.into_iter().flat_map(|set| set.changes);
    let values = changes.filter_map(|(key, value)| Some((key.0, value?)));
    Ok(Stored(values.collect()))
}

impl Stored {
    fn get<V: Decode>(&self, key: &[u8]) -> Result<Option<V>> {
        let Some(raw) = self.0.get(key) else {
            return Ok(None);
        };
        let value = V::decode_all(&mut &raw.0[..]).map_err(|error| {
            Error::new(format!(
                "a stored value can't be read ({error}); is the node's runtime the version of this program?"
            ))
        })?;
        Ok(Some(value))
    }
}

fn wallet(stored: &Stored, system: &[u8], cash: &[u8]) -> Result<Wallet> {
    type Info = frame_system::AccountInfo<u32, pallet_balances::AccountData<Balance>>;
    type Holding = pallet_assets::AssetAccountOf<Runtime, ()>;
    let info: Option<Info> = stored.get(system)?;
    let holding: Option<Holding> = stored.get(cash)?;
    Ok(Wallet {
        native: info.as_ref().map_or(0, |info| info.data.free),
        nonce: info.map_or(0, |info| info.nonce),
        cash: holding.map_or(0, |holding| holding.balance),
    })
}

#[cfg(test)]
mod tests {
    use super::super::scene::market;
    use super::*;

    #[test]
    fn level_should_be_the_strictest_that_holds_for_the_market() {
        let restrict = |scope, level| Restriction {
            scope,
            level,
            hold: 0,
        };
        let restrictions = [
            restrict(Scope::Market(1), Level::Halted),
            restrict(Scope::Compartment(0), Level::ReduceOnly),
            restrict(Scope::Chain, Level::LongCalls),
        ];
        assert_eq!(level(&market(0, 1).terms, &restrictions), Level::ReduceOnly);
        assert_eq!(level(&market(1, 1).terms, &restrictions), Level::Halted);
        assert_eq!(level(&market(2, 1).terms, &restrictions), Level::LongCalls);
        assert_eq!(level(&market(2, 1).terms, &[]), Level::Open);
    }
}
