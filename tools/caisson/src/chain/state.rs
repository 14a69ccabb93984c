//! The state after a block: storage, runtime APIs, events, all in the runtime's own types.

use super::Chain;
use crate::error::{Error, Result};
use caisson_primitives::{
    oracle::api::{FeedView, Participation},
    trading::{
        api::{AccountHealth, Depth, MarketView, OrderPreview, OrderView},
        risk_api::{ChainRisk, CompartmentRisk, LiquidationView, MarketRisk},
        AccountIndex, CompartmentId, MarketId, OrderRequest, Ticks,
    },
    AccountId, AssetId, Balance, Hash,
};
use caisson_runtime::{Runtime, RuntimeEvent};
use codec::{Decode, DecodeAll, Encode};
use frame_support::storage::storage_prefix;
use frame_system::EventRecord;
use jsonrpsee::rpc_params;
use sp_core::Bytes;

/// The state after a block.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    chain: &'a Chain,
    block: Hash,
}

impl<'a> State<'a> {
    pub(super) fn new(chain: &'a Chain, block: Hash) -> Self {
        Self { chain, block }
    }

    /// The block.
    pub fn block(&self) -> Hash {
        self.block
    }

    /// The value under a key.
    pub async fn storage<V: Decode>(&self, key: &[u8]) -> Result<Option<V>> {
        let raw: Option<Bytes> = self
            .chain
            .request(
                "state_getStorage",
                rpc_params![Bytes::from(key.to_vec()), self.block],
            )
            .await?;
        raw.map(|raw| decode("a stored value", &raw)).transpose()
    }

    /// All keys that begin like this, in their order.
    pub async fn keys_under(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>> {
        /// The most keys that a node gives at once.
        const PAGE: u32 = 1_000;
        let mut keys: Vec<Vec<u8>> = Vec::new();
        loop {
            let after = keys.last().map(|key| Bytes::from(key.clone()));
            let page: Vec<Bytes> = self
                .chain
                .request(
                    "state_getKeysPaged",
                    rpc_params![Bytes::from(prefix.to_vec()), PAGE, after, self.block],
                )
                .await?;
            if page.is_empty() {
                return Ok(keys);
            }
            keys.extend(page.into_iter().map(|key| key.to_vec()));
        }
    }

    /// What a runtime API answers; several arguments are a tuple.
    pub async fn api<R: Decode>(&self, method: &str, arguments: impl Encode) -> Result<R> {
        let arguments = Bytes::from(arguments.encode());
        let raw: Bytes = self
            .chain
            .request("state_call", rpc_params![method, arguments, self.block])
            .await?;
        decode(method, &raw)
    }

    /// The events of the block.
    pub async fn events(&self) -> Result<Vec<EventRecord<RuntimeEvent, Hash>>> {
        let key = storage_prefix(b"System", b"Events");
        Ok(self.storage(&key).await?.unwrap_or_default())
    }

    /// The time of the block, in milliseconds since 1970.
    pub async fn time(&self) -> Result<u64> {
        let key = storage_prefix(b"Timestamp", b"Now");
        Ok(self.storage(&key).await?.unwrap_or_default())
    }

    /// What an owner holds of an asset outside of margin accounts, in its smallest units.
    pub async fn asset_balance(&self, asset: AssetId, owner: &AccountId) -> Result<Balance> {
        let key = pallet_assets::Account::<Runtime>::hashed_key_for(asset, owner);
        let account: Option<pallet_assets::AssetAccountOf<Runtime, ()>> =
            self.storage(&key).await?;
        Ok(account.map_or(0, |account| account.balance))
    }

    /// What an owner holds of the native token, without what is reserved.
    pub async fn native_balance(&self, owner: &AccountId) -> Result<Balance> {
        let key = frame_system::Account::<Runtime>::hashed_key_for(owner);
        type Info = frame_system::AccountInfo<u32, pallet_balances::AccountData<Balance>>;
        let info: Option<Info> = self.storage(&key).await?;
        Ok(info.map_or(0, |info| info.data.free))
    }

    /// The terms of a compartment with its settlement asset.
    pub async fn compartment(
        &self,
        compartment: CompartmentId,
    ) -> Result<Option<pallet_margin::types::Compartment>> {
        let key = pallet_margin::Compartments::<Runtime>::hashed_key_for(compartment);
        self.storage(&key).await
    }

    /// All markets.
    pub async fn markets(&self) -> Result<Vec<MarketView>> {
        self.api("MarketsApi_markets", ()).await
    }

    /// One market.
    pub async fn market(&self, market: MarketId) -> Result<Option<MarketView>> {
        self.api("MarketsApi_market", market).await
    }

    /// An owner's accounts: number, compartment, sub-number.
    pub async fn accounts_of(
        &self,
        owner: &AccountId,
    ) -> Result<Vec<(AccountIndex, CompartmentId, u8)>> {
        self.api("MarginApi_accounts_of", owner).await
    }

    /// How an account stands.
    pub async fn health(&self, account: AccountIndex) -> Result<Option<AccountHealth<AccountId>>> {
        self.api("MarginApi_health", account).await
    }

    /// What an order would do.
    pub async fn preview(
        &self,
        account: AccountIndex,
        market: MarketId,
        request: OrderRequest,
    ) -> Result<Option<OrderPreview>> {
        self.api("ExchangeApi_preview", (account, market, request))
            .await
    }

    /// The best prices of a book.
    pub async fn depth(&self, market: MarketId, levels: u32) -> Result<Depth> {
        self.api("ExchangeApi_depth", (market, levels)).await
    }

    /// The live orders of an account.
    pub async fn open_orders(&self, account: AccountIndex) -> Result<Vec<OrderView>> {
        self.api("ExchangeApi_open_orders", account).await
    }

    /// The price and lots at which the call would clear now.
    pub async fn indicative(&self, market: MarketId) -> Result<Option<(Ticks, u64)>> {
        self.api("ExchangeApi_indicative", market).await
    }

    /// The safety of all markets with prices.
    pub async fn market_risks(&self) -> Result<Vec<MarketRisk>> {
        self.api("RiskApi_market_risks", ()).await
    }

    /// The safety of all compartments.
    pub async fn compartment_risks(&self) -> Result<Vec<CompartmentRisk>> {
        self.api("RiskApi_compartment_risks", ()).await
    }

    /// The safety of the chain.
    pub async fn chain_risk(&self) -> Result<ChainRisk> {
        self.api("RiskApi_chain_risk", ()).await
    }

    /// What the engine would do with an account now; nothing if it is not unsafe.
    pub async fn liquidation(&self, account: AccountIndex) -> Result<Option<LiquidationView>> {
        self.api("RiskApi_liquidation", account).await
    }

    /// All price feeds.
    pub async fn feeds(&self) -> Result<Vec<FeedView>> {
        self.api("OracleApi_feeds", ()).await
    }

    /// What each validator has done for the oracle in this session.
    pub async fn participation(&self) -> Result<Vec<Participation<AccountId, Balance>>> {
        self.api("OracleApi_participation", ()).await
    }
}

fn decode<V: Decode>(what: &str, raw: &[u8]) -> Result<V> {
    V::decode_all(&mut &raw[..]).map_err(|error| {
        Error::new(format!(
            "the node's answer for {what} can't be read ({error}); is its runtime the version of this program?"
        ))
    })
}
