//! The basic types of the chain.

use sp_runtime::{
    generic,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature, OpaqueExtrinsic,
};

/// What signs a transaction: an sr25519, ed25519 or ecdsa key.
pub type Signature = MultiSignature;

/// The public key behind an account.
pub type AccountPublic = <Signature as Verify>::Signer;

/// An account, 32 bytes.
pub type AccountId = <AccountPublic as IdentifyAccount>::AccountId;

/// How a transaction names an account.
pub type Address = MultiAddress<AccountId, ()>;

/// An amount of the native token, in its smallest unit (see [`crate::currency`]), or of an asset.
pub type Balance = u128;

/// The identifier of an asset in `pallet-assets`.
pub type AssetId = u32;

/// The number of a block.
pub type BlockNumber = u32;

/// The number of transactions an account has sent.
pub type Nonce = u32;

/// A point in time, in milliseconds since the Unix epoch.
pub type Moment = u64;

/// The hash function of the chain.
pub type Hashing = BlakeTwo256;

/// A hash of the chain.
pub type Hash = sp_core::H256;

/// The header of a block.
pub type Header = generic::Header<BlockNumber, Hashing>;

/// A block as the node sees it: its extrinsics are bytes that only the runtime can read.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
