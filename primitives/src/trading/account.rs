//! Margin accounts, as they are stored and as the pallets that trade for them hold them in memory.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use alloc::vec::Vec;
use caisson_risk::{Cash, LotPrice, Lots, Side};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, DispatchError, DispatchResult};

use super::{
    health::Headroom,
    market::{CompartmentId, Contract, MarketId, MarketPrices, Ticks},
    order::OrderNumber,
};
use crate::types::{AssetId, BlockNumber, Moment};

/// The number of a margin account, in the order of their opening.
pub type AccountIndex = u32;

/// The most markets one account is active in.
pub const MAX_POSITIONS: u32 = caisson_risk::limits::MAX_POSITIONS as u32;

/// The most assets one account pledges besides the settlement asset.
pub const MAX_PLEDGES: u32 = 4;

/// What an account's live orders in one market sum to. Orders that only reduce are not in it: they need no
/// margin.
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
pub struct OpenOrders {
    /// Lots of all buy orders.
    pub buy: u64,
    /// Lots of all sell orders.
    pub sell: u64,
    /// The highest limit of the buy orders; zero without any.
    pub highest_buy: Ticks,
    /// The lowest limit of the sell orders; zero without any.
    pub lowest_sell: Ticks,
}

impl OpenOrders {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.buy == 0 && self.sell == 0
    }
}

/// Where a position stands in the trigger index.
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
pub struct Armed {
    /// Side and size tier: which of the market's coordinates it waits on.
    pub bucket: u8,
    /// The coordinate, in quanta for one lot, below which the account must be looked at.
    pub trigger: i64,
}

/// What an account has in one market: a position, open orders, or both.
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
pub struct Position {
    /// The market.
    pub market: MarketId,
    /// Its size: positive is long, negative short.
    pub lots: Lots,
    /// What the lots cost: positive for a long, negative for a short.
    pub cost: Cash,
    /// The funding index up to which funding is paid.
    pub checkpoint: LotPrice,
    /// The open orders.
    pub open: OpenOrders,
    /// Its place in the trigger index. Between two acts it has one exactly when it has lots.
    pub armed: Option<Armed>,
}

impl Position {
    /// Nothing in this market yet.
    pub const fn empty(market: MarketId) -> Self {
        Self {
            market,
            lots: Lots(0),
            cost: Cash(0),
            checkpoint: LotPrice(0),
            open: OpenOrders {
                buy: 0,
                sell: 0,
                highest_buy: 0,
                lowest_sell: 0,
            },
            armed: None,
        }
    }

    /// Whether nothing is left of it, in the trigger index either.
    pub const fn is_empty(&self) -> bool {
        self.lots.0 == 0 && self.open.is_empty() && self.armed.is_none()
    }
}

/// Collateral in another asset than the settlement asset.
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
pub struct Pledge {
    /// The asset.
    pub asset: AssetId,
    /// How much, in the collateral lots of the asset's listing.
    pub lots: Lots,
    /// Its place in the trigger index, as of a long position. Between two acts it always has one.
    pub armed: Option<Armed>,
}

/// How many order acts an account did in a block.
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
pub struct BlockActs {
    /// The block.
    pub block: BlockNumber,
    /// The acts in it.
    pub count: u16,
}

/// What an account traded in windows of thirty days.
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
pub struct Volume {
    /// The number of the window since the epoch.
    pub window: u32,
    /// In that window so far.
    pub current: Cash,
    /// In the one before.
    pub previous: Cash,
}

/// A window of volume, in milliseconds.
const VOLUME_WINDOW_MS: Moment = 30 * 24 * 3_600_000;

impl Volume {
    /// The volume that counts for fees at a time: the higher of this window and the last.
    pub fn at(&self, now: Moment) -> Cash {
        let moved = self.moved_to(now);
        moved.current.larger(&moved.previous)
    }

    /// The record with windows that passed moved on.
    pub fn moved_to(&self, now: Moment) -> Self {
        let window = u32::try_from(now / VOLUME_WINDOW_MS).unwrap_or(u32::MAX);
        match window.checked_sub(self.window) {
            Some(0) | None => *self,
            Some(1) => Self {
                window,
                current: Cash(0),
                previous: self.current,
            },
            Some(_) => Self {
                window,
                ..Self::default()
            },
        }
    }
}

/// What an account is for.
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
pub enum AccountRole {
    /// Someone trades with it.
    #[default]
    #[codec(index = 0)]
    Trader,
    /// It holds what the fund of one market took over. It is never unsafe, waits on no trigger, and negative money in it
    /// is the market's open deficit.
    #[codec(index = 1)]
    Fund,
}

/// A margin account. One record, because whoever touches an account needs nearly all of it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Account<AccountId> {
    /// Who owns it.
    pub owner: AccountId,
    /// The compartment it belongs to.
    pub compartment: CompartmentId,
    /// Its number among the owner's accounts in that compartment.
    pub sub: u8,
    /// What it is for.
    pub role: AccountRole,
    /// The most leverage its owner wants, zero for as much as the market allows.
    pub leverage: u8,
    /// Since when it is short of maintenance margin, if it is.
    pub unsafe_since: Option<BlockNumber>,
    /// When all its orders are to be cancelled, if they are.
    pub cancel_at: Option<Moment>,
    /// The number of the next order.
    pub next_order: OrderNumber,
    /// How many orders live, dormant ones among them.
    pub orders: u16,
    /// Its acts in the last block in which it acted.
    pub acts: BlockActs,
    /// What it traded.
    pub volume: Volume,
    /// Money, which realised losses can make negative while other things are worth more.
    pub collateral: Cash,
    /// Other collateral, sorted by asset.
    pub pledges: BoundedVec<Pledge, ConstU32<MAX_PLEDGES>>,
    /// Positions and open orders, sorted by market.
    pub positions: BoundedVec<Position, ConstU32<MAX_POSITIONS>>,
}

impl<AccountId> Account<AccountId> {
    /// An account with nothing in it.
    pub fn new(owner: AccountId, compartment: CompartmentId, sub: u8) -> Self {
        Self {
            owner,
            compartment,
            sub,
            role: AccountRole::Trader,
            leverage: 0,
            unsafe_since: None,
            cancel_at: None,
            next_order: 0,
            orders: 0,
            acts: BlockActs::default(),
            volume: Volume::default(),
            collateral: Cash(0),
            pledges: BoundedVec::new(),
            positions: BoundedVec::new(),
        }
    }

    /// What it has in a market, if anything.
    pub fn position(&self, market: MarketId) -> Option<&Position> {
        let place = self.place(market).ok()?;
        self.positions.get(place)
    }

    /// What it has in a market, made if there is nothing yet; `None` when it is in too many.
    pub fn position_mut(&mut self, market: MarketId) -> Option<&mut Position> {
        let place = match self.place(market) {
            Ok(place) => place,
            Err(place) => {
                self.positions
                    .try_insert(place, Position::empty(market))
                    .ok()?;
                place
            }
        };
        self.positions.get_mut(place)
    }

    /// Its signed size in a market.
    pub fn lots(&self, market: MarketId) -> Lots {
        self.position(market)
            .map_or(Lots(0), |position| position.lots)
    }

    /// Its open orders in a market.
    pub fn open(&self, market: MarketId) -> OpenOrders {
        self.position(market)
            .map_or_else(OpenOrders::default, |position| position.open)
    }

    /// Says what its open orders in a market sum to. Forgets the market when nothing is left there.
    /// `false`, and nothing done, when it is in too many markets.
    #[must_use]
    pub fn set_open(&mut self, market: MarketId, open: OpenOrders) -> bool {
        match self.place(market) {
            Ok(place) => {
                if let Some(position) = self.positions.get_mut(place) {
                    position.open = open;
                    if position.is_empty() {
                        self.positions.remove(place);
                    }
                }
                true
            }
            Err(_) if open.is_empty() => true,
            Err(place) => self
                .positions
                .try_insert(
                    place,
                    Position {
                        open,
                        ..Position::empty(market)
                    },
                )
                .is_ok(),
        }
    }

    fn place(&self, market: MarketId) -> Result<usize, usize> {
        self.positions
            .binary_search_by_key(&market, |position| position.market)
    }
}

/// One order's fill in a clearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The market.
    pub market: MarketId,
    /// Bought (long) or sold (short).
    pub side: Side,
    /// How many lots; positive.
    pub lots: u64,
    /// The clearing price, or the mark.
    pub price: LotPrice,
    /// Who wanted it, which decides the fee.
    pub kind: FillKind,
}

/// Who wanted a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillKind {
    /// The trader, now: the order came in during this call. Pays the taker's fee.
    Taker,
    /// The trader, before: the order rested. Pays the maker's fee, or gets the rebate.
    Maker,
    /// The liquidation engine, in a call. No fee; the penalty comes on top.
    Liquidation,
    /// The liquidation engine, outside of a call: at mark, or a fund at the engine's limit. No fee, no penalty.
    AtMark,
}

impl FillKind {
    /// Of a trader's order.
    pub const fn of_order(rested: bool) -> Self {
        if rested {
            Self::Maker
        } else {
            Self::Taker
        }
    }
}

/// What a fill did to its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The fee it paid; negative is a rebate.
    pub fee: Cash,
    /// The profit or loss it realised, before the fee.
    pub realised: Cash,
    /// The penalty that is due for it, before it is bounded by what equity the account has. Not taken yet.
    pub penalty: Cash,
    /// The funding it paid on the way; negative if received.
    pub funding: Cash,
    /// By how much the lots held long changed.
    pub long_lots: i64,
}

/// Margin accounts, for the pallets that trade for them.
///
/// An act loads an account, changes it in memory and stores it once. [`store`](Self::store) is for acts
/// that change orders only; [`settle`](Self::settle) for those that change positions or money, because it puts
/// the account's triggers right as well.
pub trait TradingAccounts<AccountId> {
    /// The account of that number. One read.
    fn load(index: AccountIndex) -> Option<Account<AccountId>>;

    /// Stores an account whose orders, and nothing else, changed. One write.
    fn store(index: AccountIndex, account: &Account<AccountId>);

    /// What the account can spend on one market, so that many changes of its orders there are judged with one
    /// look at the rest. One or two reads for each other market it is in.
    ///
    /// Errors: a market of its positions has no prices.
    fn headroom(
        account: &Account<AccountId>,
        market: MarketId,
        contract: &Contract,
        prices: &MarketPrices,
    ) -> Result<Headroom, DispatchError>;

    /// Books a fill in memory. The open orders are the caller's to change.
    ///
    /// Errors: a number leaves its range; nothing of the account is to be used then.
    fn fill(
        account: &mut Account<AccountId>,
        contract: &Contract,
        prices: &MarketPrices,
        now: Moment,
        fill: &Fill,
    ) -> Result<Settled, DispatchError>;

    /// Stores an account whose positions or money changed, with its triggers.
    fn settle(index: AccountIndex, account: Account<AccountId>) -> DispatchResult;

    /// Stores an account after fills of forced orders, as [`settle`](Self::settle) does, and takes the penalty
    /// from it: at most what equity it has. Returns what it paid, which is in the insurance fund then.
    fn settle_liquidated(
        index: AccountIndex,
        account: Account<AccountId>,
        penalty: Cash,
    ) -> Result<Cash, DispatchError>;

    /// Books what a clearing took in fees, net of rebates and never negative, and by how much the lots held long
    /// changed.
    fn conclude(
        market: MarketId,
        contract: &Contract,
        fees: Cash,
        long_lots: i64,
    ) -> DispatchResult;

    /// The numbers of all accounts. For checks and tests only.
    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn all() -> Vec<(AccountIndex, Account<AccountId>)>;

    /// An account with that much collateral for a benchmark.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_account(
        owner: &AccountId,
        compartment: CompartmentId,
        collateral: Cash,
    ) -> AccountIndex;
}
