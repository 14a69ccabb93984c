//! Taking an order in: what must hold, and what is written. SPEC 5.

use caisson_primitives::{
    oracle::{Act, BlockTime},
    trading::{
        BlockActs, CallGuard, ClientOrderId, Contract, Headroom, Level, LotPrice, MarketId,
        MarketPrices, Markets, OpenOrders, OrderKind, OrderNumber, OrderRequest, Permit, Side,
        Ticks, TimeInForce, TradingAccounts,
    },
    BlockNumber, Moment,
};
use caisson_risk::{auction, limits, Lots, Num, Ppm, RiskError};
use frame_support::{ensure, traits::Get};

use crate::{
    desk::{AccountOf, Desk},
    dormant,
    keys::BookKey,
    pallet::{Book, Config, Error, Immediates},
    refusals::Refusal,
    summary,
    types::{grow, Flags, Listed, LongCall, Order, Place},
};

/// What all orders of one call share.
pub struct Venue {
    /// The market.
    pub market: MarketId,
    /// What it is.
    pub contract: Contract,
    /// Its prices in this block.
    pub prices: MarketPrices,
    /// What the circuit breaker lets through.
    pub level: Level,
    /// The number of this block.
    pub block: BlockNumber,
    /// Its time.
    pub now: Moment,
    /// What lots are drawn with in this block.
    pub seed: [u8; 32],
}

impl Venue {
    /// A market that takes orders.
    pub fn open<T: Config>(market: MarketId) -> Result<Self, Error<T>> {
        let contract = T::Markets::contract(market).ok_or(Error::<T>::NoSuchMarket)?;
        ensure!(contract.phase.takes_orders(), Error::<T>::MarketClosed);
        let prices = T::Markets::prices(market).ok_or(Error::<T>::NoPrice)?;
        Ok(Self {
            market,
            contract,
            prices,
            level: T::Guard::level(market),
            block: summary::now::<T>(),
            now: T::Time::now_ms(),
            seed: T::Lottery::get(),
        })
    }

    fn lottery(&self, account: u32, number: OrderNumber) -> u32 {
        let mut input = [0u8; 40];
        let (seed, rest) = input.split_at_mut(32);
        seed.copy_from_slice(&self.seed);
        let (one, two) = rest.split_at_mut(4);
        one.copy_from_slice(&account.to_be_bytes());
        two.copy_from_slice(&number.to_be_bytes());
        let [a, b, c, d, ..] = sp_io::hashing::blake2_128(&input);
        u32::from_be_bytes([a, b, c, d])
    }
}

/// What an account can spend, computed when the first order of a call needs it.
#[derive(Default)]
pub struct Purse(Option<Headroom>);

impl Purse {
    /// What it can spend on the market.
    pub fn headroom<T: Config>(
        &mut self,
        account: &AccountOf<T>,
        venue: &Venue,
    ) -> Result<&Headroom, Refusal> {
        if self.0.is_none() {
            let headroom =
                T::Accounts::headroom(account, venue.market, &venue.contract, &venue.prices)
                    .map_err(|_| Refusal::NoPrice)?;
            self.0 = Some(headroom);
        }
        self.0.as_ref().ok_or(Refusal::NoPrice)
    }
}

/// An order whose limit is known.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Buy or sell.
    pub side: Side,
    /// How many lots.
    pub lots: u64,
    /// The limit.
    pub ticks: Ticks,
    /// What it may and may not do.
    pub flags: Flags,
    /// When it expires.
    pub expires_at: Option<Moment>,
    /// Its owner's name for it.
    pub client_id: Option<ClientOrderId>,
}

impl Entry {
    /// From a request without its trigger.
    pub fn of(venue: &Venue, request: &OrderRequest) -> Result<Self, Refusal> {
        let flags = Flags::of(request);
        let expires_at = match request.time_in_force {
            TimeInForce::GoodTillTime(at) if !flags.immediate() => Some(at),
            _ => None,
        };
        Ok(Self {
            side: request.side,
            lots: request.lots,
            ticks: limit(venue, request.side, &request.kind)?,
            flags,
            expires_at,
            client_id: request.client_id,
        })
    }

    /// As the book has it.
    pub const fn order(&self) -> Order {
        Order {
            lots: self.lots,
            flags: self.flags,
            expires_at: self.expires_at,
        }
    }
}

pub(crate) fn risk_refusal(error: RiskError) -> Refusal {
    match error {
        // Beyond the last size tier.
        RiskError::OutOfRange => Refusal::TooLarge,
        _ => Refusal::OutOfRange,
    }
}

/// The limit an order stands at. A market order's is the mark moved by its bound, which rounds down. SPEC 5.3.
pub fn limit(venue: &Venue, side: Side, kind: &OrderKind) -> Result<Ticks, Refusal> {
    match *kind {
        OrderKind::Limit(ticks) => Ok(ticks),
        OrderKind::Market { slippage_ppm } => {
            let tick = LotPrice(i128::from(venue.contract.tick));
            let mark = &venue.prices.mark;
            let ticks = mark
                .ratio_floor(&Ppm(i128::from(slippage_ppm)))
                .and_then(|bound| Num::div_floor(&bound.0, &tick.0))
                .and_then(|slippage| auction::market_limit(side, mark, &tick, &slippage))
                .map_err(risk_refusal)?;
            Ticks::try_from(ticks).map_err(|_| Refusal::OutsideBand)
        }
    }
}

/// Places one order of an account. Nothing is changed when it is refused.
pub fn place<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    request: &OrderRequest,
) -> Result<OrderNumber, Refusal> {
    let acts = next_act(desk, venue, T::MaxActsPerBlock::get())?;
    let number = desk.account.next_order;
    let next = number.checked_add(1).ok_or(Refusal::NumbersExhausted)?;
    match request.trigger {
        Some(trigger) => dormant::sleep(desk, venue, purse, number, request, trigger)?,
        None => {
            let entry = Entry::of(venue, request)?;
            admit(desk, venue, purse, &entry)?;
            enter(desk, venue, number, &entry)?;
        }
    }
    desk.account.next_order = next;
    desk.account.acts = acts;
    Ok(number)
}

/// The account's acts in this block with one more. SPEC 5.8.
pub fn next_act<T: Config>(desk: &Desk<T>, venue: &Venue, most: u16) -> Result<BlockActs, Refusal> {
    let acts = desk.account.acts;
    let before = if acts.block == venue.block {
        acts.count
    } else {
        0
    };
    ensure!(before < most, Refusal::TooManyActs);
    Ok(BlockActs {
        block: venue.block,
        count: before.saturating_add(1),
    })
}

/// Whether an order may enter the book. Changes nothing.
pub fn admit<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    entry: &Entry,
) -> Result<(), Refusal> {
    check_level(venue.level, entry.flags)?;
    check_account(desk, venue)?;
    check_terms(desk, venue, entry)?;
    check_slots(desk, venue, purse, entry.client_id)?;
    check_risk(desk, venue, purse, entry)
}

/// SPEC 13.2: the circuit breaker lets such orders in.
pub fn check_level(level: Level, flags: Flags) -> Result<(), Refusal> {
    ensure!(level.permits(Permit::Reduce), Refusal::MarketHalted);
    if level.permits(Permit::Place) {
        return Ok(());
    }
    if level.permits(Permit::Increase) {
        ensure!(flags.reduce_only(), Refusal::OnlyReducing);
        return Ok(());
    }
    // Resting orders would only be skipped by the clearings.
    ensure!(
        flags.reduce_only() && flags.immediate(),
        Refusal::OnlyImmediateReducing
    );
    Ok(())
}

/// SPEC 5.2: the account may trade at all.
pub fn check_account<T: Config>(desk: &Desk<T>, venue: &Venue) -> Result<(), Refusal> {
    ensure!(desk.account.unsafe_since.is_none(), Refusal::AccountUnsafe);
    // Its orders are about to be cancelled.
    let is_over = desk.account.cancel_at.is_some_and(|at| at <= venue.now);
    ensure!(!is_over, Refusal::ExpiryPassed);
    Ok(())
}

/// SPEC 5.3 and 5.4: the order itself.
pub fn check_terms<T: Config>(desk: &Desk<T>, venue: &Venue, entry: &Entry) -> Result<(), Refusal> {
    check_size(
        desk,
        venue,
        entry.side,
        entry.lots,
        entry.flags.reduce_only(),
    )?;
    ensure!(entry.ticks > 0, Refusal::ZeroPrice);
    let limit = venue.contract.price(entry.ticks);
    check_value(desk, venue, entry.side, entry.lots, &limit, entry.flags)?;
    let is_over = entry.expires_at.is_some_and(|at| at <= venue.now);
    ensure!(!is_over, Refusal::ExpiryPassed);
    let mark = &venue.prices.mark;
    let distance = limit
        .sub(mark)
        .and_then(|distance| distance.magnitude())
        .map_err(risk_refusal)?;
    let band = mark
        .ratio_floor(&Ppm(i128::from(venue.contract.band_ppm)))
        .map_err(risk_refusal)?;
    ensure!(distance.is_le(&band), Refusal::OutsideBand);
    Ok(())
}

/// SPEC 5.3: lots, and a position to reduce if that is all the order may do.
pub fn check_size<T: Config>(
    desk: &Desk<T>,
    venue: &Venue,
    side: Side,
    lots: u64,
    reduce_only: bool,
) -> Result<(), Refusal> {
    ensure!(lots > 0, Refusal::ZeroLots);
    let most = u128::from(venue.contract.max_order_lots).min(limits::MAX_LOTS.unsigned_abs());
    ensure!(u128::from(lots) <= most, Refusal::TooLarge);
    let reducible = reducible(desk.account.lots(venue.market), side);
    ensure!(!reduce_only || reducible > 0, Refusal::WouldNotReduce);
    Ok(())
}

/// SPEC 5.4: the minimum, which an order that closes the whole position need not reach.
pub fn check_value<T: Config>(
    desk: &Desk<T>,
    venue: &Venue,
    side: Side,
    lots: u64,
    price: &LotPrice,
    flags: Flags,
) -> Result<(), Refusal> {
    if flags.reduce_only() && lots >= reducible(desk.account.lots(venue.market), side) {
        return Ok(());
    }
    let value = price.times(&Lots(i128::from(lots))).map_err(risk_refusal)?;
    ensure!(
        venue.contract.min_notional.is_le(&value),
        Refusal::BelowMinimum
    );
    Ok(())
}

/// How many lots of a position orders of that side can close.
pub fn reducible(lots: Lots, side: Side) -> u64 {
    let closes = match side {
        Side::Long => lots.0 < 0,
        Side::Short => lots.0 > 0,
    };
    if closes {
        lots.0.unsigned_abs()
    } else {
        0
    }
}

/// SPEC 5.7: room in the list, under the account's cap, and a name of its own.
pub fn check_slots<T: Config>(
    desk: &Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    client_id: Option<ClientOrderId>,
) -> Result<(), Refusal> {
    ensure!(!desk.orders.is_full(), Refusal::TooManyOrders);
    if let Some(client) = client_id {
        let is_taken = desk
            .orders
            .iter()
            .any(|order| order.client_id == Some(client));
        ensure!(!is_taken, Refusal::DuplicateClientId);
    }
    // Equity is asked for only by those who have many orders.
    if desk.account.orders >= T::BaseOpenOrders::get() {
        let equity = purse.headroom::<T>(&desk.account, venue)?.equity;
        ensure!(
            desk.account.orders < order_cap::<T>(equity.0),
            Refusal::TooManyOpenOrders
        );
    }
    Ok(())
}

/// How many orders an account of that equity may have; rounds down.
fn order_cap<T: Config>(equity: i128) -> u16 {
    let more = equity
        .max(0)
        .checked_div(T::EquityPerOrder::get().0)
        .and_then(|more| u16::try_from(more).ok())
        .unwrap_or(u16::MAX);
    T::BaseOpenOrders::get()
        .saturating_add(more)
        .min(T::MaxOpenOrders::get())
}

/// SPEC 5.5 and 5.6: an order that could add risk needs a trusted price, open interest below its cap, and margin.
fn check_risk<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    entry: &Entry,
) -> Result<(), Refusal> {
    if entry.flags.reduce_only() {
        return Ok(());
    }
    let is_new = desk.account.position(venue.market).is_none();
    ensure!(
        !(is_new && desk.account.positions.is_full()),
        Refusal::TooManyMarkets
    );
    let open = with_entry(&desk.sums(), entry);
    if !adds_risk(desk.account.lots(venue.market), &open, entry.side) {
        return Ok(());
    }
    ensure!(
        venue.prices.status.allows(Act::OpenRisk),
        Refusal::PriceNotTrusted
    );
    let interest = venue.prices.open_interest.saturating_add(entry.lots);
    ensure!(
        interest <= venue.contract.open_interest_cap,
        Refusal::OpenInterestCap
    );
    let health = purse
        .headroom::<T>(&desk.account, venue)?
        .health(&open)
        .map_err(risk_refusal)?;
    ensure!(!health.is_negative(), Refusal::NotEnoughMargin);
    Ok(())
}

/// What the account's orders sum to with one more.
pub fn with_entry(open: &OpenOrders, entry: &Entry) -> OpenOrders {
    let mut open = *open;
    if !entry.flags.reduce_only() {
        grow(&mut open, entry.side, entry.lots, entry.ticks);
    }
    open
}

/// Whether an order of a side could make the position larger or turn it, once it and all others of its side are filled.
fn adds_risk(lots: Lots, open: &OpenOrders, side: Side) -> bool {
    let ordered = match side {
        Side::Long => open.buy,
        Side::Short => open.sell,
    };
    ordered > reducible(lots, side)
}

/// Puts an admitted order into the book, under the current call and the lot it draws.
pub fn enter<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    number: OrderNumber,
    entry: &Entry,
) -> Result<(), Refusal> {
    let call = summary::current_call(&desk.summary, &venue.contract, venue.block);
    let listed = ranked(desk, venue, &call, number, entry);
    if entry.flags.immediate() {
        let key: BookKey = listed
            .book_key(desk.index, venue.market)
            .ok_or(Refusal::CorruptedBook)?;
        Immediates::<T>::try_append(venue.market, key).map_err(|_| Refusal::CallFull)?;
    }
    if call.ends.is_none() && desk.summary.call.is_none() {
        // The first order of the opening call begins it.
        desk.summary.call = Some(call);
        desk.touch();
    }
    desk.enter(listed, entry.order())
}

/// The order with its place in the book: the current call and the lot it draws.
pub fn ranked<T: Config>(
    desk: &Desk<T>,
    venue: &Venue,
    call: &LongCall,
    number: OrderNumber,
    entry: &Entry,
) -> Listed {
    Listed {
        number,
        client_id: entry.client_id,
        side: entry.side,
        lots: entry.lots,
        flags: entry.flags,
        place: Place::Book {
            ticks: entry.ticks,
            batch: call.since,
            lottery: venue.lottery(desk.index, number),
        },
    }
}

/// The order as its book entry and its list entry have it together.
pub fn entry_of<T: Config>(desk: &Desk<T>, listed: &Listed) -> Result<Entry, Refusal> {
    let key = listed
        .book_key(desk.index, desk.market)
        .ok_or(Refusal::OrderIsDormant)?;
    let order = Book::<T>::get(key).ok_or(Refusal::CorruptedBook)?;
    Ok(Entry {
        side: listed.side,
        lots: listed.lots,
        ticks: key.ticks,
        flags: listed.flags,
        expires_at: order.expires_at,
        client_id: listed.client_id,
    })
}
