//! What a bot sees before it decides, and what it may do.

use super::market::Market;
use caisson_primitives::{
    trading::{Account, AccountIndex, CompartmentId, MarketId, OrderRequest, Position, Side},
    AccountId, Balance, BlockNumber, Moment, Nonce,
};
use caisson_runtime::RuntimeCall;
use pallet_exchange::types::Quote;
use std::collections::BTreeMap;

/// What an owner holds outside of margin accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    /// The native token, in its smallest units.
    pub native: Balance,
    /// The settlement asset, in units.
    pub cash: Balance,
    /// The number of its next transaction.
    pub nonce: Nonce,
}

/// The chain after a block, as far as the crowd looks at it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The block's height.
    pub number: BlockNumber,
    /// Its time, in milliseconds since 1970.
    pub time: Moment,
    /// The markets of the crowd that have prices.
    pub markets: Vec<Market>,
    /// The margin accounts of the crowd.
    pub accounts: BTreeMap<AccountIndex, Account<AccountId>>,
    /// What the crowd's keys hold.
    pub wallets: BTreeMap<AccountId, Wallet>,
}

impl Snapshot {
    /// A market.
    pub fn market(&self, id: MarketId) -> Option<&Market> {
        self.markets.iter().find(|market| market.terms.market == id)
    }

    /// What an account is worth at mark, in quanta: money, profits, losses, funding owed.
    pub fn equity(&self, account: &Account<AccountId>) -> i128 {
        let profits = account.positions.iter().filter_map(|position| {
            let market = self.market(position.market)?;
            let owed = market.funding_owed(position.lots.0, position.checkpoint);
            Some(market.value(position.lots.0) - position.cost.0 - owed)
        });
        account.collateral.0 + profits.sum::<i128>()
    }
}

/// What one bot sees.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The chain.
    pub snapshot: &'a Snapshot,
    /// The bot's margin accounts.
    pub accounts: &'a [(CompartmentId, AccountIndex)],
    /// What it holds of the settlement asset besides, in units.
    pub cash: Balance,
    /// Quanta in a unit of the settlement asset.
    pub scale: i128,
}

impl<'a> Desk<'a> {
    /// The height of the block.
    pub fn now(&self) -> BlockNumber {
        self.snapshot.number
    }

    /// The bot's account in a compartment.
    pub fn account(
        &self,
        compartment: CompartmentId,
    ) -> Option<(AccountIndex, &'a Account<AccountId>)> {
        let mut mine = self.accounts.iter();
        let (_, index) = mine.find(|(place, _)| *place == compartment)?;
        Some((*index, self.snapshot.accounts.get(index)?))
    }

    /// A market with the bot's account for it and what that has there.
    pub fn seat(&self, id: MarketId) -> Option<Seat<'a>> {
        let market = self.snapshot.market(id)?;
        let (index, account) = self.account(market.contract.compartment)?;
        let position = account.position(id).copied();
        Some(Seat {
            market,
            index,
            account,
            position: position.unwrap_or_else(|| Position::empty(id)),
            equity: self.snapshot.equity(account),
        })
    }
}

/// A market with the bot's account for it.
#[derive(Clone, Debug)]
pub struct Seat<'a> {
    /// The market.
    pub market: &'a Market,
    /// The number of the account.
    pub index: AccountIndex,
    /// The account.
    pub account: &'a Account<AccountId>,
    /// Its position and open orders in the market.
    pub position: Position,
    /// What it is worth, in quanta.
    pub equity: i128,
}

impl Seat<'_> {
    /// The signed size of the position.
    pub fn lots(&self) -> i64 {
        self.position.lots.0
    }

    /// A market order at most so far from the mark.
    pub fn market_order(&self, side: Side, lots: u64, slippage_ppm: u32) -> Act {
        self.place(OrderRequest::market(side, lots, slippage_ppm))
    }

    /// A market order that closes the position; nothing if there is none.
    pub fn close(&self, slippage_ppm: u32) -> Option<Act> {
        let lots = self.lots();
        if lots == 0 {
            return None;
        }
        let request = OrderRequest::market(side_of(-lots), lots.unsigned_abs(), slippage_ppm);
        Some(self.place(request.reduce_only()))
    }

    /// Places an order.
    pub fn place(&self, request: OrderRequest) -> Act {
        Act::Place {
            account: self.index,
            market: self.market.terms.market,
            request: clipped(request, self.market.contract.max_order_lots),
        }
    }

    /// Cancels all orders in the market.
    pub fn cancel_all(&self) -> Act {
        Act::CancelAll {
            account: self.index,
            market: self.market.terms.market,
        }
    }
}

/// The side of a signed size.
pub fn side_of(lots: i64) -> Side {
    if lots < 0 {
        Side::Short
    } else {
        Side::Long
    }
}

fn clipped(request: OrderRequest, most: u64) -> OrderRequest {
    OrderRequest {
        lots: request.lots.min(most),
        ..request
    }
}

/// What a bot does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Places an order.
    Place {
        /// For this account.
        account: AccountIndex,
        /// In this market.
        market: MarketId,
        /// The order.
        request: OrderRequest,
    },
    /// Replaces what stands in the book by a ladder.
    Replace {
        /// For this account.
        account: AccountIndex,
        /// In this market.
        market: MarketId,
        /// The ladder.
        quotes: Vec<Quote>,
    },
    /// Cancels all orders in a market.
    CancelAll {
        /// Of this account.
        account: AccountIndex,
        /// In this market.
        market: MarketId,
    },
    /// Has all orders cancelled at a time, unless it is set again.
    CancelAt {
        /// Of this account.
        account: AccountIndex,
        /// In milliseconds since 1970.
        at: Moment,
    },
    /// Brings money into an account.
    Deposit {
        /// The account.
        account: AccountIndex,
        /// How much, in units of the settlement asset.
        units: Balance,
    },
    /// Takes money out of an account.
    Withdraw {
        /// The account.
        account: AccountIndex,
        /// How much, in units of the settlement asset.
        units: Balance,
    },
}

impl Act {
    /// The call that does it; `asset` is the settlement asset.
    pub fn call(self, asset: caisson_primitives::AssetId) -> RuntimeCall {
        use pallet_exchange::Call as Exchange;
        use pallet_margin::Call as Margin;
        match self {
            Self::Place {
                account,
                market,
                request,
            } => RuntimeCall::Exchange(Exchange::place {
                account,
                market,
                request,
            }),
            Self::Replace {
                account,
                market,
                quotes,
            } => RuntimeCall::Exchange(Exchange::replace_all {
                account,
                market,
                // Ladders are far shorter than what a call takes; what were too much would not be quoted.
                quotes: frame_support::BoundedVec::truncate_from(quotes),
            }),
            Self::CancelAll { account, market } => RuntimeCall::Exchange(Exchange::cancel_all {
                account,
                market: Some(market),
            }),
            Self::CancelAt { account, at } => RuntimeCall::Exchange(Exchange::schedule_cancel {
                account,
                at: Some(at),
            }),
            Self::Deposit { account, units } => RuntimeCall::Margin(Margin::deposit {
                account,
                asset,
                units,
            }),
            Self::Withdraw { account, units } => RuntimeCall::Margin(Margin::withdraw {
                account,
                asset,
                units,
            }),
        }
    }
}

/// Someone who trades.
pub trait Bot: Send {
    /// What to do now. Asked once for a block, and not again before what it did is in one.
    fn decide(&mut self, desk: &Desk<'_>) -> Vec<Act>;
}
