//! A connection to a node.

mod state;
mod submission;
mod transaction;
pub mod words;

pub use state::State;
pub use submission::{Refusal, Refused};
pub use transaction::{seal, Included, Life, Status};

use crate::error::{Error, Result};
use caisson_primitives::{BlockNumber, Hash};
use caisson_runtime::{Header, VERSION};
use jsonrpsee::{
    core::{
        client::{ClientT, Subscription, SubscriptionClientT},
        params::ArrayParams,
    },
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use sp_core::Bytes;
use std::{sync::Arc, time::Duration};

/// Where a node on this computer listens, unless told otherwise.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// The longest that a node may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest answer: events of a full block fit well.
const MAX_ANSWER_BYTES: u32 = 64 * 1024 * 1024;

/// How many requests may be under way at once: a crowd of bots shares one connection.
const MAX_REQUESTS: usize = 4_096;

/// A connection to a node. Clones share it.
#[derive(Clone, Debug)]
pub struct Chain {
    client: Arc<WsClient>,
    url: Arc<str>,
    genesis: Hash,
}

impl Chain {
    /// Connects, and makes sure that the chain is one of this version of Caisson.
    pub async fn connect(url: &str) -> Result<Self> {
        let client = WsClientBuilder::default()
            .request_timeout(PATIENCE)
            .connection_timeout(PATIENCE)
            .max_response_size(MAX_ANSWER_BYTES)
            .max_concurrent_requests(MAX_REQUESTS)
            .build(url)
            .await
            .map_err(|error| {
                Error::new(format!(
                    "no node answers at {url}: {error}\nStart one with `cargo xtask run`, or name another with --url"
                ))
            })?;
        let mut chain = Self {
            client: Arc::new(client),
            url: url.into(),
            genesis: Hash::zero(),
        };
        chain.check_version().await?;
        chain.genesis = chain.hash_of(0).await?;
        Ok(chain)
    }

    /// Fails unless the node's runtime is the one that this program was built with: then types would mean something else.
    async fn check_version(&self) -> Result<()> {
        let version: Value = self
            .request("state_getRuntimeVersion", rpc_params![])
            .await?;
        check_runtime(&version, &self.url)
    }

    /// Where the node is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The hash of the first block.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Calls an RPC method.
    pub async fn request<R: DeserializeOwned>(
        &self,
        method: &str,
        params: ArrayParams,
    ) -> Result<R> {
        self.client
            .request(method, params)
            .await
            .map_err(|error| words::rpc(method, &error))
    }

    async fn subscribe<N: DeserializeOwned>(
        &self,
        method: &str,
        params: ArrayParams,
        unsubscribe: &str,
    ) -> Result<Subscription<N>> {
        self.client
            .subscribe(method, params, unsubscribe)
            .await
            .map_err(|error| words::rpc(method, &error))
    }

    /// The hash of the block of that height on the best chain.
    pub async fn hash_of(&self, number: BlockNumber) -> Result<Hash> {
        let hash: Option<Hash> = self
            .request("chain_getBlockHash", rpc_params![number])
            .await?;
        hash.ok_or_else(|| Error::new(format!("the chain has no block {number} yet")))
    }

    /// The header of a block.
    pub async fn header(&self, block: Hash) -> Result<Header> {
        let header: Option<Header> = self.request("chain_getHeader", rpc_params![block]).await?;
        header.ok_or_else(|| Error::new(format!("the node has no block {block:?}")))
    }

    /// The encoded transactions of a block, inherent ones among them.
    pub async fn transactions(&self, block: Hash) -> Result<Vec<Vec<u8>>> {
        let found: Option<RawBlock> = self.request("chain_getBlock", rpc_params![block]).await?;
        let raw = found.ok_or_else(|| Error::new(format!("the node has no block {block:?}")))?;
        let encoded = raw.block.extrinsics.into_iter();
        Ok(encoded.map(|bytes| bytes.to_vec()).collect())
    }

    /// The hash of the best block.
    pub async fn best(&self) -> Result<Hash> {
        self.request("chain_getBlockHash", rpc_params![]).await
    }

    /// The hash of the last final block.
    pub async fn finalized(&self) -> Result<Hash> {
        self.request("chain_getFinalizedHead", rpc_params![]).await
    }

    /// The state after a block.
    pub fn at(&self, block: Hash) -> State<'_> {
        State::new(self, block)
    }

    /// The state after the best block.
    pub async fn now(&self) -> Result<State<'_>> {
        Ok(self.at(self.best().await?))
    }

    /// Headers of best blocks as they come; it may leave some out when they come fast.
    pub async fn best_blocks(&self) -> Result<Subscription<Header>> {
        self.subscribe(
            "chain_subscribeNewHeads",
            rpc_params![],
            "chain_unsubscribeNewHeads",
        )
        .await
    }

    /// Headers of final blocks as they come.
    pub async fn final_blocks(&self) -> Result<Subscription<Header>> {
        self.subscribe(
            "chain_subscribeFinalizedHeads",
            rpc_params![],
            "chain_unsubscribeFinalizedHeads",
        )
        .await
    }
}

/// A block as a node sends it, without what nobody here reads.
#[derive(Deserialize)]
struct RawBlock {
    block: RawBody,
}

#[derive(Deserialize)]
struct RawBody {
    extrinsics: Vec<Bytes>,
}

/// Fails unless what a node says of its runtime is the version that this program was built with.
fn check_runtime(version: &Value, url: &str) -> Result<()> {
    let name = version["specName"].as_str().unwrap_or("");
    let number = version["specVersion"].as_u64().unwrap_or(0);
    if name != VERSION.spec_name {
        return Err(Error::new(format!(
            "the node at {url} runs `{name}`, not `{}`; name a node of Caisson with --url",
            VERSION.spec_name
        )));
    }
    if number != u64::from(VERSION.spec_version) {
        return Err(Error::new(format!(
            "the chain at {url} runs version {number} of the runtime, this program is made for version {}; build the \
             program of the chain's version",
            VERSION.spec_version
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn connection_should_be_refused_when_the_chain_is_another() {
        let version = json!({ "specName": "polkadot", "specVersion": VERSION.spec_version });
        let error = check_runtime(&version, "ws://there")
            .unwrap_err()
            .to_string();
        assert!(error.contains("ws://there runs `polkadot`"), "{error}");
        let version = json!({ "specName": VERSION.spec_name, "specVersion": 999_999 });
        let error = check_runtime(&version, "ws://there")
            .unwrap_err()
            .to_string();
        assert!(error.contains("runs version 999999"), "{error}");
        let own = json!({ "specName": VERSION.spec_name, "specVersion": VERSION.spec_version });
        assert_eq!(check_runtime(&own, "ws://there"), Ok(()));
    }
}
