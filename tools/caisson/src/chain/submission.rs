//! Handing over transactions that were signed before, and why a node's pool refuses one.

use super::{words, Chain};
use crate::error::Error;
use caisson_primitives::Hash;
use jsonrpsee::{
    core::client::{ClientT, Error as RpcError},
    rpc_params,
};
use sp_core::Bytes;

/// What a refusal asks of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The pool has no room now, or did not answer: the same transaction may be sent again later.
    Later,
    /// The pool has this transaction already.
    Known,
    /// The pool has another transaction of this account and nonce, which stays.
    Replaced,
    /// This transaction can't be included as it is: for instance, its nonce is over, or its fee can't be paid.
    Invalid,
}

/// A refusal, with the node's words.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What it asks for.
    pub refusal: Refusal,
    /// Why.
    pub error: Error,
}

impl Chain {
    /// Puts an encoded transaction into the node's pool, without waiting for a block. Returns its hash.
    pub async fn submit_sealed(&self, transaction: Vec<u8>) -> std::result::Result<Hash, Refused> {
        const METHOD: &str = "author_submitExtrinsic";
        let params = rpc_params![Bytes::from(transaction)];
        let sent = self.client.request(METHOD, params).await;
        sent.map_err(|error| Refused {
            refusal: refusal(&error),
            error: words::rpc(METHOD, &error),
        })
    }
}

/// What a failed request asks of the sender. The numbers are those of the SDK's `author` methods.
fn refusal(error: &RpcError) -> Refusal {
    match error {
        RpcError::Call(call) => match call.code() {
            // Banned for a while; dropped because the pool is full.
            1_012 | 1_016 => Refusal::Later,
            1_013 => Refusal::Known,
            1_014 => Refusal::Replaced,
            _ => Refusal::Invalid,
        },
        _ => Refusal::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonrpsee::types::ErrorObjectOwned;

    fn of(code: i32) -> Refusal {
        let call = ErrorObjectOwned::owned(code, "no", None::<()>);
        refusal(&RpcError::Call(call))
    }

    #[test]
    fn refusal_should_say_whether_the_same_transaction_may_come_again() {
        assert_eq!(of(1_016), Refusal::Later);
        assert_eq!(of(1_012), Refusal::Later);
        assert_eq!(of(1_013), Refusal::Known);
        assert_eq!(of(1_014), Refusal::Replaced);
        assert_eq!(of(1_010), Refusal::Invalid);
        assert_eq!(refusal(&RpcError::RequestTimeout), Refusal::Later);
    }
}
