//! The keys that keep the trie sorted: the book, the dormant orders, the deadlines. SPEC 3.
//!
//! All parts are big-endian, so the order of the bytes is the order of the numbers; where the greatest must come
//! first the number is complemented. The maps use `Identity`, which keeps that order.

use alloc::vec::Vec;
use caisson_primitives::{
    trading::{AccountIndex, Direction, MarketId, OrderNumber, Side, Ticks},
    BlockNumber, Moment,
};
use codec::{
    Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input, MaxEncodedLen, Output,
};
use frame_support::StoragePrefixedMap;
use scale_info::TypeInfo;

/// The place of an order in the book: the best price of a side first, then the older call, then the lot drawn.
///
/// Nobody can choose a key that unbalances the trie: every part is a bounded number, so below a (market, side) a
/// branch is at most 40 levels of 4 bits deep whatever is chosen; a price is chosen only by an order that must stay in the
/// band and hold margin; batch, account and number are given by the chain in sequence, and the lottery is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeInfo)]
pub struct BookKey {
    /// The market.
    pub market: MarketId,
    /// Bids are long, asks short.
    pub side: Side,
    /// The limit.
    pub ticks: Ticks,
    /// The block in which the call began that the order came in.
    pub batch: BlockNumber,
    /// What it drew in that block.
    pub lottery: u32,
    /// Its account.
    pub account: AccountIndex,
    /// Its number among the account's orders; with the account it makes the key unique.
    pub number: OrderNumber,
}

const fn side_byte(side: Side) -> u8 {
    match side {
        Side::Long => 0,
        Side::Short => 1,
    }
}

/// The price as the key has it: the best of a side is the least.
const fn price_key(side: Side, ticks: Ticks) -> u32 {
    match side {
        Side::Long => !ticks,
        Side::Short => ticks,
    }
}

fn be16<I: Input>(input: &mut I) -> Result<u16, Error> {
    Ok(u16::from_be_bytes(<[u8; 2]>::decode(input)?))
}

fn be32<I: Input>(input: &mut I) -> Result<u32, Error> {
    Ok(u32::from_be_bytes(<[u8; 4]>::decode(input)?))
}

impl BookKey {
    const LENGTH: usize = 23;
}

impl Encode for BookKey {
    fn size_hint(&self) -> usize {
        Self::LENGTH
    }

    fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
        to.write(&self.market.to_be_bytes());
        to.push_byte(side_byte(self.side));
        to.write(&price_key(self.side, self.ticks).to_be_bytes());
        for part in [self.batch, self.lottery, self.account, self.number] {
            to.write(&part.to_be_bytes());
        }
    }
}

impl EncodeLike for BookKey {}

impl Decode for BookKey {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let market = be16(input)?;
        let side = match u8::decode(input)? {
            0 => Side::Long,
            1 => Side::Short,
            _ => return Err("no such side".into()),
        };
        Ok(Self {
            market,
            side,
            ticks: price_key(side, be32(input)?),
            batch: be32(input)?,
            lottery: be32(input)?,
            account: be32(input)?,
            number: be32(input)?,
        })
    }
}

impl DecodeWithMemTracking for BookKey {}

impl MaxEncodedLen for BookKey {
    fn max_encoded_len() -> usize {
        Self::LENGTH
    }
}

/// The place of a dormant order: of each direction the first to fire first.
///
/// Prices are chosen freely here, at the cost of one of the account's order slots each; see [`BookKey`] for why that
/// unbalances nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeInfo)]
pub struct DormantKey {
    /// The market.
    pub market: MarketId,
    /// Which way the mark must go.
    pub direction: Direction,
    /// The trigger price.
    pub price: Ticks,
    /// Its account.
    pub account: AccountIndex,
    /// Its number among the account's orders.
    pub number: OrderNumber,
}

const fn direction_byte(direction: Direction) -> u8 {
    match direction {
        Direction::AtOrAbove => 0,
        Direction::AtOrBelow => 1,
    }
}

/// A rising mark fires the lowest price first, a falling one the highest.
const fn trigger_key(direction: Direction, price: Ticks) -> u32 {
    match direction {
        Direction::AtOrAbove => price,
        Direction::AtOrBelow => !price,
    }
}

impl DormantKey {
    const LENGTH: usize = 15;
}

impl Encode for DormantKey {
    fn size_hint(&self) -> usize {
        Self::LENGTH
    }

    fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
        to.write(&self.market.to_be_bytes());
        to.push_byte(direction_byte(self.direction));
        to.write(&trigger_key(self.direction, self.price).to_be_bytes());
        to.write(&self.account.to_be_bytes());
        to.write(&self.number.to_be_bytes());
    }
}

impl EncodeLike for DormantKey {}

impl Decode for DormantKey {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let market = be16(input)?;
        let direction = match u8::decode(input)? {
            0 => Direction::AtOrAbove,
            1 => Direction::AtOrBelow,
            _ => return Err("no such direction".into()),
        };
        Ok(Self {
            market,
            direction,
            price: trigger_key(direction, be32(input)?),
            account: be32(input)?,
            number: be32(input)?,
        })
    }
}

impl DecodeWithMemTracking for DormantKey {}

impl MaxEncodedLen for DormantKey {
    fn max_encoded_len() -> usize {
        Self::LENGTH
    }
}

/// When an account's orders are to be cancelled: the earliest first. An account has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeInfo)]
pub struct DeadlineKey {
    /// When, in milliseconds since the epoch.
    pub at: Moment,
    /// The account.
    pub account: AccountIndex,
}

impl DeadlineKey {
    const LENGTH: usize = 12;
}

impl Encode for DeadlineKey {
    fn size_hint(&self) -> usize {
        Self::LENGTH
    }

    fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
        to.write(&self.at.to_be_bytes());
        to.write(&self.account.to_be_bytes());
    }
}

impl EncodeLike for DeadlineKey {}

impl Decode for DeadlineKey {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        Ok(Self {
            at: u64::from_be_bytes(<[u8; 8]>::decode(input)?),
            account: be32(input)?,
        })
    }
}

impl DecodeWithMemTracking for DeadlineKey {}

impl MaxEncodedLen for DeadlineKey {
    fn max_encoded_len() -> usize {
        Self::LENGTH
    }
}

/// A walk through the keys of a sorted map, in order. Lazy: each step is one look-up of the next key.
///
/// What the walk passed may be removed meanwhile.
pub struct Walk<K> {
    prefix: Vec<u8>,
    head: usize,
    at: Vec<u8>,
    key: core::marker::PhantomData<K>,
}

impl<K: Decode> Walk<K> {
    /// Through the keys of map `M` that begin with the encoding of `part`.
    pub fn new<V: codec::FullCodec, M: StoragePrefixedMap<V>>(part: &impl AsRef<[u8]>) -> Self {
        let mut prefix = M::final_prefix().to_vec();
        let head = prefix.len();
        prefix.extend_from_slice(part.as_ref());
        Self {
            at: prefix.clone(),
            prefix,
            head,
            key: core::marker::PhantomData,
        }
    }

    /// The same, but only what comes after `key`.
    pub fn after(mut self, key: &impl Encode) -> Self {
        self.at.truncate(self.head);
        key.encode_to(&mut self.at);
        self
    }
}

impl<K: Decode> Iterator for Walk<K> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        let raw = sp_io::storage::next_key(&self.at)?;
        if !raw.starts_with(&self.prefix) {
            return None;
        }
        let key = K::decode(&mut raw.get(self.head..)?).ok()?;
        self.at = raw;
        Some(key)
    }
}

/// The beginning of all keys of one side of a market's book.
pub fn side_prefix(market: MarketId, side: Side) -> [u8; 3] {
    let [high, low] = market.to_be_bytes();
    [high, low, side_byte(side)]
}

/// The beginning of all keys of one direction of a market's dormant orders.
pub fn direction_prefix(market: MarketId, direction: Direction) -> [u8; 3] {
    let [high, low] = market.to_be_bytes();
    [high, low, direction_byte(direction)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn book_keys_should_sort_by_price_then_rank_and_decode_to_themselves() {
        let key = |market, side, ticks, batch, lottery, account, number| BookKey {
            market,
            side,
            ticks,
            batch,
            lottery,
            account,
            number,
        };
        let keys = [
            key(1, Side::Long, u32::MAX, 9, 9, 9, 9),
            key(1, Side::Long, 300, 1, 7, 0, 0),
            key(1, Side::Long, 300, 256, 0, 0, 0),
            key(1, Side::Long, 299, 0, 0, 0, 0),
            key(1, Side::Short, 1, 5, 5, 5, 5),
            key(1, Side::Short, 256, 5, 5, 5, 5),
            key(1, Side::Short, 256, 5, 6, 0, 0),
            key(256, Side::Long, 1, 0, 0, 0, 0),
        ];
        let encoded: Vec<_> = keys.iter().map(Encode::encode).collect();
        assert!(encoded.is_sorted());
        for (key, bytes) in keys.iter().zip(&encoded) {
            assert_eq!(bytes.len(), BookKey::max_encoded_len());
            assert_eq!(BookKey::decode(&mut &bytes[..]), Ok(*key));
        }
        assert!(encoded[0].starts_with(&side_prefix(1, Side::Long)));
    }

    #[test]
    fn dormant_keys_should_sort_by_who_fires_first_and_decode_to_themselves() {
        let key = |direction, price, account| DormantKey {
            market: 3,
            direction,
            price,
            account,
            number: 8,
        };
        let keys = [
            key(Direction::AtOrAbove, 255, 9),
            key(Direction::AtOrAbove, 256, 1),
            key(Direction::AtOrBelow, 256, 1),
            key(Direction::AtOrBelow, 255, 0),
        ];
        let encoded: Vec<_> = keys.iter().map(Encode::encode).collect();
        assert!(encoded.is_sorted());
        for (key, bytes) in keys.iter().zip(&encoded) {
            assert_eq!(bytes.len(), DormantKey::max_encoded_len());
            assert_eq!(DormantKey::decode(&mut &bytes[..]), Ok(*key));
        }
        assert!(encoded[3].starts_with(&direction_prefix(3, Direction::AtOrBelow)));
    }

    #[test]
    fn deadline_keys_should_sort_by_time_and_decode_to_themselves() {
        let key = |at, account| DeadlineKey { at, account };
        let keys = [key(255, 7), key(256, 0), key(256, 1)];
        let encoded: Vec<_> = keys.iter().map(Encode::encode).collect();
        assert!(encoded.is_sorted());
        for (key, bytes) in keys.iter().zip(&encoded) {
            assert_eq!(bytes.len(), DeadlineKey::max_encoded_len());
            assert_eq!(DeadlineKey::decode(&mut &bytes[..]), Ok(*key));
        }
    }
}
