//! Raw answers of a node at a block.

use codec::{Decode, DecodeAll, Encode};
use frame_support::{StorageHasher, Twox128};
use jsonrpsee::{
    core::client::ClientT,
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use serde_json::Value;
use sp_core::Bytes;
use std::time::{Duration, Instant};

/// How long a node may take to start.
const START: Duration = Duration::from_secs(180);

/// A connection.
pub struct Raw(WsClient);

impl Raw {
    /// Connects as soon as the node answers and has made a few blocks.
    pub async fn connect(url: &str) -> Self {
        let begun = Instant::now();
        loop {
            if let Ok(client) = WsClientBuilder::default().build(url).await {
                let raw = Self(client);
                if raw.number(&raw.best().await).await >= 3 {
                    return raw;
                }
            }
            assert!(begun.elapsed() < START, "the node doesn't start");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// The hash of the best block.
    pub async fn best(&self) -> String {
        self.0
            .request("chain_getBlockHash", rpc_params![])
            .await
            .expect("a hash")
    }

    async fn header(&self, hash: &str) -> Value {
        self.0
            .request("chain_getHeader", rpc_params![hash])
            .await
            .expect("a header")
    }

    /// The height of a block.
    pub async fn number(&self, hash: &str) -> u32 {
        let header = self.header(hash).await;
        let text = header["number"].as_str().expect("a number");
        u32::from_str_radix(text.trim_start_matches("0x"), 16).expect("in hexadecimal")
    }

    /// The hash of the block before.
    pub async fn parent(&self, hash: &str) -> String {
        let header = self.header(hash).await;
        header["parentHash"].as_str().expect("a parent").to_owned()
    }

    /// What a runtime API answers.
    pub async fn call<R: Decode>(&self, hash: &str, method: &str, arguments: impl Encode) -> R {
        let raw: Bytes = self
            .0
            .request(
                "state_call",
                rpc_params![method, Bytes::from(arguments.encode()), hash],
            )
            .await
            .expect("an answer");
        R::decode_all(&mut &raw[..]).expect("of that type")
    }

    /// What stands in storage under the hashes of pallet and item and a rest.
    pub async fn stored<R: Decode>(
        &self,
        hash: &str,
        pallet: &str,
        item: &str,
        rest: &[u8],
    ) -> Option<R> {
        let mut key = Twox128::hash(pallet.as_bytes()).to_vec();
        key.extend(Twox128::hash(item.as_bytes()));
        key.extend(rest);
        let raw: Option<Bytes> = self
            .0
            .request("state_getStorage", rpc_params![Bytes::from(key), hash])
            .await
            .expect("an answer");
        raw.map(|raw| R::decode_all(&mut &raw[..]).expect("of that type"))
    }
}
