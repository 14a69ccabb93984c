//! The keys that sign.

use crate::error::{Error, Result};
use caisson_primitives::{AccountId, Nonce, Signature};
use sp_core::{sr25519, Pair};
use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// A key that signs transactions, and the number of its next one.
pub struct Signer {
    pair: sr25519::Pair,
    account: AccountId,
    /// The nonce of the next transaction; nothing when the node must be asked.
    nonce: Mutex<Option<Nonce>>,
}

impl Signer {
    /// The key of a secret: a phrase of words, a seed in hexadecimal, or either with a derivation such as `//Alice`.
    pub fn from_secret(secret: &str) -> Result<Self> {
        let pair = sr25519::Pair::from_string(secret.trim(), None).map_err(|_| {
            // The secret itself must not end up in a log.
            Error::new(
                "the key isn't one: give a phrase of 12 to 24 words, a seed of 32 bytes as 0x..., or a derivation \
                 such as //Alice of the development accounts",
            )
        })?;
        Ok(Self::from_pair(pair))
    }

    /// The key of a pair, for whoever derives many: a phrase is stretched for a millisecond each time it is read.
    pub fn from_pair(pair: sr25519::Pair) -> Self {
        Self {
            account: AccountId::from(pair.public()),
            pair,
            nonce: Mutex::new(None),
        }
    }

    /// The key whose secret stands in a file.
    pub fn from_file(file: &Path) -> Result<Self> {
        let secret = fs::read_to_string(file).map_err(|error| {
            Error::new(format!(
                "can't read the key file {}: {error}",
                file.display()
            ))
        })?;
        Self::from_secret(&secret)
    }

    /// The account of the key.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Signs bytes.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        self.pair.sign(bytes).into()
    }

    /// The nonce of the next transaction, which is then taken; nothing when it is not known.
    pub fn next_nonce(&self) -> Option<Nonce> {
        let mut nonce = self.lock();
        let taken = (*nonce)?;
        *nonce = taken.checked_add(1);
        Some(taken)
    }

    /// Counts on from what the node says, unless another task has begun to count meanwhile. Takes the number it returns.
    pub fn begin_with(&self, next: Nonce) -> Nonce {
        let mut nonce = self.lock();
        let taken = nonce.unwrap_or(next).max(next);
        *nonce = taken.checked_add(1);
        taken
    }

    /// Has the node asked again: a transaction was lost.
    pub fn forget_nonce(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Nonce>> {
        self.nonce.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Signer({})", self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signer_should_hide_its_secret_when_it_is_bad() {
        let error = Signer::from_secret("bottom drive obey lake").unwrap_err();
        assert!(!error.to_string().contains("lake"), "{error}");
    }

    #[test]
    fn signer_should_count_on_when_the_node_was_asked_once() {
        let signer = Signer::from_secret("//Alice").expect("a key");
        assert_eq!(signer.next_nonce(), None);
        assert_eq!(signer.begin_with(7), 7);
        assert_eq!(signer.next_nonce(), Some(8));
        signer.forget_nonce();
        assert_eq!(signer.next_nonce(), None);
    }

    #[test]
    fn signer_should_come_from_a_file_when_it_ends_with_a_line_break() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        fs::write(&file, "//Alice\n").expect("writes");
        let signer = Signer::from_file(&file).expect("a key");
        let alice = Signer::from_secret("//Alice").expect("a key");
        assert_eq!(signer.account(), alice.account());
    }
}
