//! The orders of one account in one market, held in memory while a call changes them and stored once. SPEC 3.4.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    Account, AccountIndex, MarketId, OpenOrders, OrderNumber, OrderRef, TradingAccounts,
    MAX_POSITIONS,
};
use frame_support::BoundedVec;

use crate::{
    pallet::{Book, Books, Config, Dormant, Error, OrdersOf},
    refusals::Refusal,
    summary,
    types::{grow, sums, BookSummary, Listed, Order, Place},
};

/// An account as this pallet holds it.
pub type AccountOf<T> = Account<<T as frame_system::Config>::AccountId>;

/// The list of an account's orders in a market.
pub type OrderList<T> = BoundedVec<Listed, <T as Config>::MaxOrdersPerMarket>;

/// An account's orders in one market, and what of the market they can change.
pub struct Desk<T: Config> {
    /// The account's number.
    pub index: AccountIndex,
    /// The account.
    pub account: AccountOf<T>,
    /// The market.
    pub market: MarketId,
    /// The list.
    pub orders: OrderList<T>,
    /// The market's book in short.
    pub summary: BookSummary,
    stored: BookSummary,
    open: Option<OpenOrders>,
    touched: bool,
    cancels: u32,
    changed: bool,
}

impl<T: Config> Desk<T> {
    /// Reads list and book of an account that was loaded.
    pub fn open(index: AccountIndex, account: AccountOf<T>, market: MarketId) -> Self {
        let summary = Books::<T>::get(market);
        Self {
            open: Some(account.open(market)),
            orders: OrdersOf::<T>::get(index, market),
            index,
            account,
            market,
            summary,
            stored: summary,
            touched: false,
            cancels: 0,
            changed: false,
        }
    }

    /// How many markets the account is in, this one among them: what margin reads to judge an order.
    pub fn markets(&self) -> u32 {
        let is_new = self.account.position(self.market).is_none();
        u32::try_from(self.account.positions.len())
            .unwrap_or(MAX_POSITIONS)
            .saturating_add(is_new.into())
            .min(MAX_POSITIONS)
    }

    /// Whether the market's book in short is to be stored: the best price of a side is another one.
    pub fn moves_book(&self) -> bool {
        self.summary != self.stored
    }

    /// The order of that name.
    pub fn find(&self, order: &OrderRef) -> Option<Listed> {
        let is_it = |listed: &&Listed| match order {
            OrderRef::Number(number) => listed.number == *number,
            OrderRef::Client(client) => listed.client_id == Some(*client),
        };
        self.orders.iter().find(is_it).copied()
    }

    /// What the orders sum to now. Summed anew only after one left, so a ladder costs one pass.
    pub fn sums(&mut self) -> OpenOrders {
        let orders = &self.orders;
        *self.open.get_or_insert_with(|| sums(orders))
    }

    /// Has the market looked at when the block ends.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Counts an order that its owner cancelled, for the guard. Every one in the book, so that the count does not depend on
    /// what came first in the block. SPEC 13.6.
    pub fn count_cancel(&mut self, listed: &Listed) {
        if matches!(listed.place, Place::Book { .. }) {
            self.cancels = self.cancels.saturating_add(1);
        }
    }

    /// The account, or something in it, is to be stored.
    pub fn change(&mut self) {
        self.changed = true;
    }

    /// Puts an order that was admitted into the book.
    pub fn enter(&mut self, listed: Listed, order: Order) -> Result<(), Refusal> {
        let Some(key) = listed.book_key(self.index, self.market) else {
            return Err(Refusal::CorruptedBook);
        };
        // Known before the order is in the list, so that it isn't counted twice.
        let before = self.sums();
        self.list(listed)?;
        if listed.counts() {
            let mut open = before;
            grow(&mut open, key.side, listed.lots, key.ticks);
            self.open = Some(open);
        }
        Book::<T>::insert(key, order);
        if self.summary.crosses(key.side, key.ticks) || listed.flags.immediate() {
            self.touch();
        }
        if self.summary.improves(key.side, key.ticks) {
            self.summary.set_best(key.side, Some(key.ticks));
        }
        Ok(())
    }

    /// Adds an order to the list.
    pub fn list(&mut self, listed: Listed) -> Result<(), Refusal> {
        self.orders
            .try_push(listed)
            .map_err(|_| Refusal::TooManyOrders)?;
        self.account.orders = self
            .account
            .orders
            .checked_add(1)
            .ok_or(Refusal::TooManyOpenOrders)?;
        self.change();
        Ok(())
    }

    /// Takes an order out of the list, and out of the book or the dormant orders.
    pub fn take_out(&mut self, number: OrderNumber) -> Result<Listed, Refusal> {
        let place = self
            .orders
            .iter()
            .position(|listed| listed.number == number)
            .ok_or(Refusal::NoSuchOrder)?;
        let listed = self.orders.remove(place);
        if let Some(key) = listed.book_key(self.index, self.market) {
            Book::<T>::remove(key);
        }
        if let Some(key) = listed.dormant_key(self.index, self.market) {
            Dormant::<T>::remove(key);
        }
        self.left(&listed);
        Ok(listed)
    }

    /// Takes all orders out of which this is true, in the order of the list.
    pub fn take_out_all(&mut self, leaves: impl Fn(&Listed) -> bool) -> Vec<Listed> {
        let leaving: Vec<_> = self
            .orders
            .iter()
            .copied()
            .filter(|one| leaves(one))
            .collect();
        if leaving.is_empty() {
            return Vec::new();
        }
        self.orders.retain(|listed| !leaves(listed));
        for listed in &leaving {
            if let Some(key) = listed.book_key(self.index, self.market) {
                Book::<T>::remove(key);
            }
            if let Some(key) = listed.dormant_key(self.index, self.market) {
                Dormant::<T>::remove(key);
            }
            self.left(listed);
        }
        leaving
    }

    fn left(&mut self, listed: &Listed) {
        if listed.counts() {
            self.open = None;
        }
        if let Place::Book { ticks, .. } = listed.place {
            // Perhaps it was the last at the best price: the end of the block finds the next.
            if self.summary.best(listed.side) == Some(ticks) {
                self.touch();
            }
        }
        self.account.orders = self.account.orders.saturating_sub(1);
        self.change();
    }

    /// Changes the lots of an order in the book, which keeps its rank.
    pub fn shrink(&mut self, number: OrderNumber, lots: u64) -> Result<(), Refusal> {
        let (index, market) = (self.index, self.market);
        let listed = self
            .orders
            .iter_mut()
            .find(|listed| listed.number == number)
            .ok_or(Refusal::NoSuchOrder)?;
        let key = listed
            .book_key(index, market)
            .ok_or(Refusal::OrderIsDormant)?;
        listed.lots = lots;
        Book::<T>::try_mutate(key, |order| {
            order.as_mut().ok_or(Refusal::CorruptedBook)?.lots = lots;
            Ok(())
        })?;
        self.open = None;
        self.change();
        Ok(())
    }

    /// Stores what changed.
    pub fn save(self) -> Result<(), Error<T>> {
        let index = self.index;
        let (account, changed) = self.close()?;
        if changed {
            T::Accounts::store(index, &account);
        }
        Ok(())
    }

    /// Stores what changed except for the account, and gives that back with whether it changed.
    pub fn close(mut self) -> Result<(AccountOf<T>, bool), Error<T>> {
        if self.touched || self.cancels > 0 {
            summary::touch::<T>(self.market, self.cancels);
        }
        if self.moves_book() {
            Books::<T>::insert(self.market, self.summary);
        }
        if !self.changed {
            return Ok((self.account, false));
        }
        let open = self.sums();
        if !self.account.set_open(self.market, open) {
            return Err(Error::<T>::TooManyMarkets);
        }
        if self.orders.is_empty() {
            OrdersOf::<T>::remove(self.index, self.market);
        } else {
            OrdersOf::<T>::insert(self.index, self.market, self.orders);
        }
        Ok((self.account, true))
    }
}
