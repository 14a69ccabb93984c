//! What the pallet stores besides accounts, and the parameters it is given.

use caisson_primitives::{
    oracle::FeedId,
    trading::{Cash, CompartmentId, LotPrice, Lots, MarketId, Side, MAX_MARKET_ID, MAX_TIERS},
    AssetId, Balance,
};
use codec::{
    Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input, MaxEncodedLen, Output,
};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The decimal places of a quantum.
pub const QUANTUM_DECIMALS: u8 = 12;

/// The most collateral assets in all compartments together.
pub const MAX_COLLATERALS: u32 = 32;

/// What governance sets for a compartment.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct CompartmentTerms {
    /// The least that opens an account, in the smallest units of the settlement asset. At least a unit.
    pub min_deposit: Balance,
    /// Anyone may close an account that holds less than this and nothing else. At most `min_deposit`.
    pub dust: Balance,
    /// What a withdrawal must leave, as a share of all positions at mark, in parts per million.
    pub transfer_margin_ppm: u32,
}

/// A compartment: who shares custody, fund and losses.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Compartment {
    /// The asset in which profit and loss are settled.
    pub settlement_asset: AssetId,
    /// Quanta in the smallest unit of that asset.
    pub scale: i128,
    /// What governance set.
    pub terms: CompartmentTerms,
}

/// What a compartment holds that belongs to no account. All in quanta.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Ledger {
    /// The insurance fund.
    pub insurance: Cash,
    /// Fees owed to the treasury.
    pub treasury: Cash,
    /// What the backers of the fund stake, with their part of fees.
    pub backers: Cash,
    /// What closed accounts left.
    pub dust: Cash,
    /// What is owed to those whose withdrawals wait: it left their accounts, and is in custody.
    pub queued: Cash,
    /// What came into custody and did not leave: all claims together, in whole units of the settlement asset.
    pub custody: Cash,
}

/// What governance sets for a collateral asset.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct CollateralTerms {
    /// The haircut while the asset is no more of the pool than `share_cap_ppm`.
    pub haircut_ppm: u32,
    /// By how much the haircut rises with the share above that, in parts per million of it.
    pub slope_ppm: u32,
    /// The share of all collateral of the compartment up to which the haircut doesn't rise.
    pub share_cap_ppm: u32,
    /// How many confidences of the price are taken off first, in parts per million of one.
    pub confidence_ppm: u32,
    /// The most lots of it that the compartment takes, those seized included; zero takes none and lets all leave.
    pub cap: u64,
}

/// An asset that counts as collateral in a compartment.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Collateral {
    /// Where.
    pub compartment: CompartmentId,
    /// What.
    pub asset: AssetId,
    /// The feed of its price in the settlement asset.
    pub feed: FeedId,
    /// Smallest units in a collateral lot: deposits are whole lots.
    pub lot_units: Balance,
    /// The lot in 10^-18 of the asset's unit, as the feed quotes it.
    pub lot_size: u128,
    /// What governance set.
    pub terms: CollateralTerms,
    /// All lots in custody: those in accounts, and those seized.
    pub deposited: Lots,
    /// Lots taken from liquidated accounts and not sold yet.
    pub seized: Lots,
    /// What a lot counts for in this block.
    pub price: LotPrice,
    /// Whether that price is fresh enough to withdraw on.
    pub fresh: bool,
}

/// All collateral assets. Their place is their identity in the trigger index, so none ever leaves.
pub type CollateralList = BoundedVec<Collateral, ConstU32<MAX_COLLATERALS>>;

/// What a trigger waits on: a market, or a collateral asset by its place in the list.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Exposure(pub u16);

impl Exposure {
    /// Nothing: an account that has a debt and nothing else waits for the liquidation engine here. No place of a collateral asset is
    /// so high.
    pub const DEBT: Self = Self(u16::MAX);

    /// A market.
    pub const fn market(market: MarketId) -> Self {
        Self(market)
    }

    /// The market, if it is one.
    pub fn as_market(self) -> Option<MarketId> {
        (self.0 <= MAX_MARKET_ID).then_some(self.0)
    }

    /// The collateral asset of that place.
    pub const fn collateral(place: u8) -> Self {
        // Above every market: that is why markets end at `MAX_MARKET_ID`.
        Self((MAX_MARKET_ID + 1) | place as u16)
    }

    /// The place of the collateral asset, if it is one.
    pub fn as_collateral(self) -> Option<usize> {
        (self.0 > MAX_MARKET_ID && self != Self::DEBT).then(|| usize::from(self.0 & MAX_MARKET_ID))
    }
}

/// The bit of a bucket that says short.
const SHORT: u8 = 0x80;

/// The buckets of a market: each side has [`MAX_TIERS`] tiers.
pub const BUCKETS: usize = 2 * MAX_TIERS as usize;

/// Side and tier as one byte, as it stands in keys.
pub const fn bucket(side: Side, tier: u8) -> u8 {
    match side {
        Side::Long => tier,
        Side::Short => SHORT | tier,
    }
}

/// The side of a bucket.
pub const fn bucket_side(bucket: u8) -> Side {
    if bucket & SHORT == 0 {
        Side::Long
    } else {
        Side::Short
    }
}

/// The tier of a bucket.
pub const fn bucket_tier(bucket: u8) -> u8 {
    bucket & !SHORT
}

/// The place of a bucket in [`Bests`].
pub fn bucket_place(bucket: u8) -> usize {
    let tier = usize::from(bucket_tier(bucket));
    match bucket_side(bucket) {
        Side::Long => tier,
        Side::Short => tier.saturating_add(MAX_TIERS as usize),
    }
}

/// The bucket at a place in [`Bests`].
pub fn bucket_at(place: usize) -> u8 {
    let tiers = MAX_TIERS as usize;
    let tier = u8::try_from(place % tiers).unwrap_or_default();
    bucket(
        if place < tiers {
            Side::Long
        } else {
            Side::Short
        },
        tier,
    )
}

/// A bound on the first trigger of each bucket of an exposure: never below it, so a bucket whose bound is not
/// above its coordinate has nothing to do. `i64::MIN` where there is none.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Bests(pub [i64; BUCKETS]);

impl Default for Bests {
    fn default() -> Self {
        Self([i64::MIN; BUCKETS])
    }
}

/// A key of the trigger index: exposure, bucket, trigger, account, all big-endian, the trigger so that the highest
/// comes first. 15 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeInfo)]
pub struct TriggerKey {
    /// What it waits on.
    pub exposure: Exposure,
    /// Side and tier.
    pub bucket: u8,
    /// Below which the account must be looked at.
    pub trigger: i64,
    /// Whose.
    pub account: u32,
}

/// The length of a [`TriggerKey`].
pub const TRIGGER_KEY_BYTES: usize = 15;

impl TriggerKey {
    /// The trigger as it stands in the key: unsigned, and the highest first.
    fn descending(trigger: i64) -> u64 {
        // Flipping the sign bit maps the order of i64 to that of u64; the complement reverses it.
        !(trigger.cast_unsigned() ^ (1 << 63))
    }

    /// The key as it is stored.
    pub fn bytes(&self) -> [u8; TRIGGER_KEY_BYTES] {
        let [e0, e1] = self.exposure.0.to_be_bytes();
        let [t0, t1, t2, t3, t4, t5, t6, t7] = Self::descending(self.trigger).to_be_bytes();
        let [a0, a1, a2, a3] = self.account.to_be_bytes();
        [
            e0,
            e1,
            self.bucket,
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            t6,
            t7,
            a0,
            a1,
            a2,
            a3,
        ]
    }
}

impl Encode for TriggerKey {
    fn encode_to<O: Output + ?Sized>(&self, dest: &mut O) {
        dest.write(&self.bytes());
    }

    fn size_hint(&self) -> usize {
        TRIGGER_KEY_BYTES
    }
}

impl EncodeLike for TriggerKey {}

impl Decode for TriggerKey {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let exposure = u16::from_be_bytes(<[u8; 2]>::decode(input)?);
        let bucket = u8::decode(input)?;
        let trigger = u64::from_be_bytes(<[u8; 8]>::decode(input)?);
        let account = u32::from_be_bytes(<[u8; 4]>::decode(input)?);
        Ok(Self {
            exposure: Exposure(exposure),
            bucket,
            trigger: (!trigger ^ (1 << 63)).cast_signed(),
            account,
        })
    }
}

impl DecodeWithMemTracking for TriggerKey {}

impl MaxEncodedLen for TriggerKey {
    fn max_encoded_len() -> usize {
        TRIGGER_KEY_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_should_sort_by_exposure_bucket_and_falling_trigger_and_decode_to_themselves() {
        let key = |exposure, bucket, trigger, account| TriggerKey {
            exposure: Exposure(exposure),
            bucket,
            trigger,
            account,
        };
        let keys = [
            key(1, 0, i64::MAX, 9),
            key(1, 0, 5, 0),
            key(1, 0, 5, 1),
            key(1, 0, 0, 0),
            key(1, 0, -1, 0),
            key(1, 0, i64::MIN, 0),
            key(1, 1, 7, 0),
            key(1, bucket(Side::Short, 0), 7, 0),
            key(0x0100, 0, 7, 0),
            key(Exposure::collateral(0).0, 0, 7, 0),
        ];
        let encoded: Vec<_> = keys.iter().map(Encode::encode).collect();
        assert!(encoded.is_sorted());
        for (key, bytes) in keys.iter().zip(&encoded) {
            assert_eq!(bytes.len(), TRIGGER_KEY_BYTES);
            assert_eq!(TriggerKey::decode(&mut &bytes[..]).as_ref(), Ok(key));
        }
    }

    #[test]
    fn buckets_should_have_a_place_each() {
        for place in 0..BUCKETS {
            assert_eq!(bucket_place(bucket_at(place)), place);
        }
        assert_eq!(Exposure::collateral(3).as_collateral(), Some(3));
        assert_eq!(Exposure::market(MAX_MARKET_ID).as_collateral(), None);
        assert_eq!(
            Exposure::market(MAX_MARKET_ID).as_market(),
            Some(MAX_MARKET_ID)
        );
        assert_eq!(Exposure::collateral(3).as_market(), None);
        assert_eq!(Exposure::DEBT.as_market(), None);
        assert_eq!(Exposure::DEBT.as_collateral(), None);
        assert!(Exposure::collateral(u8::MAX) < Exposure::DEBT);
    }
}
