//! Signing calls, sending them, and following them into a block.

use super::{words, Chain, State};
use crate::{
    error::{Error, Result},
    keys::Signer,
};
use caisson_primitives::{BlockNumber, Hash, Hashing, Nonce};
use caisson_runtime::{
    transactions, Runtime, RuntimeCall, RuntimeEvent, SignedPayload, TxExtension,
    UncheckedExtrinsic, VERSION,
};
use codec::Encode;
use frame_system::{EventRecord, Phase};
use jsonrpsee::rpc_params;
use serde_json::Value;
use sp_core::Bytes;
use sp_runtime::{
    generic::Era,
    traits::{Hash as _, Header as _, TransactionExtension},
    MultiAddress,
};

/// How many blocks a transaction may wait for one that takes it; after that it can never be included.
const LIFETIME_BLOCKS: u64 = 64;

type Implicit = <TxExtension as TransactionExtension<RuntimeCall>>::Implicit;

/// For which chain, and from which block on for how long, a transaction is made.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    genesis: Hash,
    birth: Hash,
    era: Era,
}

impl Life {
    /// On the chain with this first block, without end: it can be included as long as its nonce is the next.
    pub const fn immortal(genesis: Hash) -> Self {
        Self {
            genesis,
            birth: genesis,
            era: Era::Immortal,
        }
    }
}

/// The signed transaction of a call, encoded. Asks no node: this is how transactions are made ahead of time.
pub fn seal(signer: &Signer, call: RuntimeCall, nonce: Nonce, life: &Life) -> Vec<u8> {
    let extension = transactions::extension(nonce, life.era, 0);
    let implicit: Implicit = (
        (),
        (),
        VERSION.spec_version,
        VERSION.transaction_version,
        life.genesis,
        life.birth,
        (),
        (),
        (),
        None,
        (),
    );
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(|bytes| signer.sign(bytes));
    let address = MultiAddress::Id(signer.account().clone());
    UncheckedExtrinsic::new_signed(call, address, signature, extension).encode()
}

/// How far a transaction must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In a block.
    Included,
    /// In a block that can't be reverted.
    Final,
}

/// A transaction in a block.
#[derive(Clone, Debug)]
pub struct Included {
    /// The block.
    pub block: Hash,
    /// Its height.
    pub number: BlockNumber,
    /// What the call did.
    pub events: Vec<RuntimeEvent>,
    /// All that happened in the block: an order may be filled at its end, when all calls are over.
    pub block_events: Vec<EventRecord<RuntimeEvent, Hash>>,
}

impl Chain {
    /// Signs a call, sends it and waits until it is in a block. Fails with the call's own error in words if the call failed
    /// there; its fee is paid nevertheless.
    pub async fn send(
        &self,
        signer: &Signer,
        call: impl Into<RuntimeCall>,
        until: Status,
    ) -> Result<Included> {
        let transaction = self.sign(signer, call.into()).await?;
        let hash = Hashing::hash(&transaction);
        let block = match self.follow(&transaction, until).await {
            Ok(block) => block,
            Err(error) => {
                signer.forget_nonce();
                return Err(error);
            }
        };
        self.outcome(block, hash).await
    }

    /// Signs a call and puts it into the pool, without waiting for a block. Returns the transaction's hash.
    pub async fn submit(&self, signer: &Signer, call: impl Into<RuntimeCall>) -> Result<Hash> {
        let transaction = self.sign(signer, call.into()).await?;
        let sent = self
            .request(
                "author_submitExtrinsic",
                rpc_params![Bytes::from(transaction)],
            )
            .await;
        if sent.is_err() {
            signer.forget_nonce();
        }
        sent
    }

    /// The signed transaction, encoded.
    async fn sign(&self, signer: &Signer, call: RuntimeCall) -> Result<Vec<u8>> {
        let nonce = match signer.next_nonce() {
            Some(nonce) => nonce,
            None => {
                let next: Nonce = self
                    .request(
                        "system_accountNextIndex",
                        rpc_params![signer.account().to_string()],
                    )
                    .await?;
                signer.begin_with(next)
            }
        };
        let birth = self.finalized().await?;
        let number = *self.header(birth).await?.number();
        let life = Life {
            genesis: self.genesis,
            birth,
            era: Era::mortal(LIFETIME_BLOCKS, number.into()),
        };
        Ok(seal(signer, call, nonce, &life))
    }

    /// Sends a transaction and waits for the block that has it.
    async fn follow(&self, transaction: &[u8], until: Status) -> Result<Hash> {
        let mut updates = self
            .subscribe::<Value>(
                "author_submitAndWatchExtrinsic",
                rpc_params![Bytes::from(transaction.to_vec())],
                "author_unwatchExtrinsic",
            )
            .await?;
        while let Some(update) = updates.next().await {
            let update = update.map_err(|error| {
                Error::new(format!(
                    "the node sent an update that can't be read: {error}"
                ))
            })?;
            if let Some(block) = reached(&update, until)? {
                return Ok(block);
            }
        }
        Err(Error::new(
            "the node stopped reporting on the transaction; look at the account before you send it again",
        ))
    }

    /// What a transaction did in its block.
    async fn outcome(&self, block: Hash, transaction: Hash) -> Result<Included> {
        let raw: Value = self.request("chain_getBlock", rpc_params![block]).await?;
        let place = place_of(&raw, transaction).ok_or_else(|| {
            Error::new(format!(
                "the block {block:?} doesn't have the transaction that the node says is in it"
            ))
        })?;
        let state: State<'_> = self.at(block);
        let block_events = state.events().await?;
        let events: Vec<RuntimeEvent> = block_events
            .iter()
            .filter(|record| record.phase == Phase::ApplyExtrinsic(place))
            .map(|record| record.event.clone())
            .collect();
        for event in &events {
            if let RuntimeEvent::System(frame_system::Event::<Runtime>::ExtrinsicFailed {
                dispatch_error,
                ..
            }) = event
            {
                return Err(Error::new(words::dispatch(dispatch_error)));
            }
        }
        Ok(Included {
            block,
            number: *self.header(block).await?.number(),
            events,
            block_events,
        })
    }
}

/// The block, if an update says that the transaction has come far enough.
fn reached(update: &Value, until: Status) -> Result<Option<Hash>> {
    let hash = |name: &str| {
        update[name]
            .as_str()
            .and_then(|text| text.parse::<Hash>().ok())
    };
    if until == Status::Included {
        if let Some(block) = hash("inBlock") {
            return Ok(Some(block));
        }
    }
    if let Some(block) = hash("finalized") {
        return Ok(Some(block));
    }
    let failed = |why: &str| {
        Err(Error::new(format!(
            "the transaction was not included: {why}"
        )))
    };
    match update.as_str() {
        Some("dropped") => failed("the node's pool is full; send it again later"),
        Some("invalid") => failed("it became invalid, for instance because its fee can't be paid"),
        _ if update.get("usurped").is_some() => {
            failed("another transaction of the same account and nonce took its place")
        }
        _ if update.get("finalityTimeout").is_some() => {
            failed("its block is not final for a long time; the chain may have lost finality")
        }
        _ => Ok(None),
    }
}

/// The place of a transaction among those of a block.
fn place_of(block: &Value, transaction: Hash) -> Option<u32> {
    let place = block["block"]["extrinsics"]
        .as_array()?
        .iter()
        .position(|raw| {
            serde_json::from_value::<Bytes>(raw.clone())
                .is_ok_and(|bytes| Hashing::hash(&bytes) == transaction)
        })?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reached_should_wait_for_finality_when_asked_to() {
        let block = Hash::repeat_byte(7);
        let included = json!({ "inBlock": block });
        assert_eq!(reached(&included, Status::Included), Ok(Some(block)));
        assert_eq!(reached(&included, Status::Final), Ok(None));
        let last = json!({ "finalized": block });
        assert_eq!(reached(&last, Status::Final), Ok(Some(block)));
    }

    #[test]
    fn reached_should_fail_with_words_when_the_transaction_is_lost() {
        for update in [
            json!("dropped"),
            json!("invalid"),
            json!({"usurped": Hash::zero()}),
        ] {
            let error = reached(&update, Status::Included).unwrap_err().to_string();
            assert!(error.contains("was not included"), "{error}");
        }
        assert_eq!(reached(&json!("ready"), Status::Included), Ok(None));
    }
}
