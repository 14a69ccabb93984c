//! The settlement of a market whose deficit nobody covered: SPEC 16.
//!
//! Everyone is closed at the settlement price, and those who made a profit give up a part of it, pro rata. That takes three
//! stages, each metered over blocks:
//!
//! ```text
//! Weighing   walks the market's part of the index and notes every profit
//! Checking   walks what was noted; both are repeated until a round changes nothing and nobody waits for the engine
//! Sharing    closes the fund's position, which makes the deficit final, then everyone's, less their share of it
//! ```
//!
//! Positions don't change in a market that settles, but for those that the fund takes over; keys of the index do, for accounts
//! are armed anew.

use caisson_primitives::{
    time::MINUTES,
    trading::{Account, AccountIndex, AccountRole, Cash, LotPrice, Lots, MarketId, Markets},
    BlockNumber,
};
use caisson_risk::{apportion::Apportionment, margin, Num, Res};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, SaturatedConversion};

use crate::{
    inventory,
    pallet::{
        Accounts, BestTriggers, Claims, Config, Error, Event, Inventories, OpenInterest, Pallet,
        Shortfalls, SweepIncomplete,
    },
    settlement::{self, market_prefix},
    sweep::{bucket_prefix, index_prefix, next_key},
    triggers::{self, WATCHED},
    types::{bucket_at, Exposure, TRIGGER_KEY_BYTES},
    weights::{of_one, WeightInfo},
};

/// How long sharing waits for unsafe accounts. One that can't be liquidated, because a price of another market is missing, must
/// not hold everyone's money.
pub const PATIENCE: BlockNumber = MINUTES.saturating_mul(10);

/// How far the settlement of a market with a deficit got.
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
pub enum Stage {
    /// Profits are noted. The last key of the index that was looked at in this round.
    #[codec(index = 0)]
    Weighing(Option<[u8; TRIGGER_KEY_BYTES]>),
    /// What was noted is looked at again. The last account in this round.
    #[codec(index = 1)]
    Checking(Option<AccountIndex>),
    /// Positions are closed.
    #[codec(index = 2)]
    Sharing(Sharing),
}

/// The division of a deficit among profits, as far as it got. All in quanta.
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
pub struct Sharing {
    /// What was collected.
    pub shared: Cash,
    /// The division, from the first profit on.
    pub division: Option<Apportionment>,
}

/// The settlement of a market with a deficit.
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
pub struct Shortfall {
    /// How far it got.
    pub stage: Stage,
    /// The block in which it began.
    pub since: BlockNumber,
    /// The sum of the profits that are noted and not settled yet.
    pub profits: Cash,
    /// Whether this round changed what is noted.
    pub changed: bool,
    /// The fund's lots and the open interest at the start of this round: whatever the fund takes over changes one of them.
    pub seen: (Lots, u64),
}

/// Ends a market at its mark, and has its deficit shared among its profits.
///
/// Errors: the market is not live, or settles already.
pub fn begin<T: Config>(market: MarketId) -> DispatchResult {
    T::Markets::end_at_mark(market)?;
    inventory::of::<T>(market)?;
    let shortfall = Shortfall {
        stage: Stage::Weighing(None),
        since: now::<T>(),
        profits: Cash(0),
        changed: false,
        seen: seen::<T>(market),
    };
    Shortfalls::<T>::insert(market, shortfall);
    Ok(())
}

fn now<T: Config>() -> BlockNumber {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

pub(crate) fn seen<T: Config>(market: MarketId) -> (Lots, u64) {
    let fund = Inventories::<T>::get(market).and_then(Accounts::<T>::get);
    let lots = fund.map_or(Lots(0), |account| account.lots(market));
    (lots, OpenInterest::<T>::get(market))
}

/// Takes a settlement further, as far as the budget goes, at most one round in a block. Says whether no position and no claim
/// is left.
pub fn advance<T: Config>(
    market: MarketId,
    price: LotPrice,
    mut shortfall: Shortfall,
    meter: &mut WeightMeter,
) -> bool {
    if let Stage::Weighing(after) = shortfall.stage {
        shortfall.stage = weigh::<T>(market, price, after, &mut shortfall, meter);
    }
    if let Stage::Checking(after) = shortfall.stage {
        shortfall.stage = check::<T>(market, price, after, &mut shortfall, meter);
    }
    if let Stage::Sharing(sharing) = shortfall.stage {
        let mut desk = Desk {
            market,
            price,
            profits: shortfall.profits,
            sharing,
        };
        if share::<T>(&mut desk, meter) {
            Shortfalls::<T>::remove(market);
            return true;
        }
        shortfall.profits = desk.profits;
        shortfall.stage = Stage::Sharing(desk.sharing);
    }
    Shortfalls::<T>::insert(market, shortfall);
    false
}

/// Notes the profits of all accounts of the market after a key of the index. Returns the stage that follows.
pub(crate) fn weigh<T: Config>(
    market: MarketId,
    price: LotPrice,
    after: Option<[u8; TRIGGER_KEY_BYTES]>,
    shortfall: &mut Shortfall,
    meter: &mut WeightMeter,
) -> Stage {
    let prefix = market_prefix::<T>(market);
    let mut last = after;
    if meter.try_consume(T::WeightInfo::weigh(0)).is_err() {
        return Stage::Weighing(last);
    }
    loop {
        let at = match last {
            Some(key) => [&index_prefix::<T>()[..], &key[..]].concat(),
            None => prefix.clone(),
        };
        let Some((_, key)) = next_key(&prefix, &at) else {
            return Stage::Checking(None);
        };
        if meter.try_consume(of_one(T::WeightInfo::weigh)).is_err() {
            return Stage::Weighing(last);
        }
        last = Some(key.bytes());
        note::<T>(market, price, key.account, shortfall);
    }
}

/// Looks at all that is noted again, after an account. Returns the stage that follows: another round, or sharing.
pub(crate) fn check<T: Config>(
    market: MarketId,
    price: LotPrice,
    after: Option<AccountIndex>,
    shortfall: &mut Shortfall,
    meter: &mut WeightMeter,
) -> Stage {
    let mut last = after;
    if meter.try_consume(T::WeightInfo::weigh(0)).is_err() {
        return Stage::Checking(last);
    }
    while let Some(index) = next_claim::<T>(market, last) {
        if meter.try_consume(of_one(T::WeightInfo::weigh)).is_err() {
            return Stage::Checking(last);
        }
        last = Some(index);
        note::<T>(market, price, index, shortfall);
    }
    if meter.try_consume(T::WeightInfo::open_sharing()).is_err() {
        return Stage::Checking(last);
    }
    let seen = seen::<T>(market);
    let is_quiet = !shortfall.changed
        && shortfall.seen == seen
        && !SweepIncomplete::<T>::get()
        && !someone_waits::<T>(market);
    let is_overdue = now::<T>() >= shortfall.since.saturating_add(PATIENCE);
    if (is_quiet || is_overdue) && open::<T>(market, price, &shortfall.profits) {
        return Stage::Sharing(Sharing::default());
    }
    shortfall.changed = false;
    shortfall.seen = seen;
    Stage::Weighing(None)
}

/// The most that a block must have room for: finding that no claim is left to look at and that nobody waits, and closing the
/// fund's position.
pub fn largest_step<T: Config>() -> Weight {
    T::WeightInfo::weigh(1).saturating_add(T::WeightInfo::open_sharing())
}

/// The account of the claim after that of another account, in the order of storage.
fn next_claim<T: Config>(market: MarketId, after: Option<AccountIndex>) -> Option<AccountIndex> {
    match after {
        None => Claims::<T>::iter_key_prefix(market).next(),
        Some(last) => {
            let from = Claims::<T>::hashed_key_for(market, last);
            Claims::<T>::iter_key_prefix_from(market, from).next()
        }
    }
}

/// Notes the profit of an account as it is now: nothing when it has no position any more.
fn note<T: Config>(
    market: MarketId,
    price: LotPrice,
    index: AccountIndex,
    shortfall: &mut Shortfall,
) {
    let Some(funding) = T::Markets::prices(market).map(|prices| prices.funding) else {
        return;
    };
    let account = Accounts::<T>::get(index);
    let trader = account.filter(|account| account.role == AccountRole::Trader);
    let profit = trader.map_or(Ok(Cash(0)), |account| {
        profit(&account, market, &price, &funding)
    });
    let result = profit.and_then(|profit| {
        let before = Claims::<T>::get(market, index);
        let now = profit.positive_part();
        if now == before {
            return Ok(());
        }
        shortfall.profits = shortfall.profits.sub(&before)?.add(&now)?;
        shortfall.changed = true;
        set_claim::<T>(market, index, now);
        Ok(())
    });
    if let Err(error) = result {
        // It is met again in the next round, and when it is closed.
        log::error!(target: crate::LOG_TARGET, "account {index} can't be weighed: {error}");
    }
}

fn set_claim<T: Config>(market: MarketId, index: AccountIndex, claim: Cash) {
    match claim.is_positive() {
        true => Claims::<T>::insert(market, index, claim),
        false => Claims::<T>::remove(market, index),
    }
}

/// What an account makes of its position at the settlement price, after funding.
fn profit<AccountId>(
    account: &Account<AccountId>,
    market: MarketId,
    price: &LotPrice,
    funding: &LotPrice,
) -> Res<Cash> {
    let Some(position) = account.position(market) else {
        return Ok(Cash(0));
    };
    let lots = position.lots.widen();
    let owed = funding.sub(&position.checkpoint)?.times(&lots)?;
    margin::unrealised(&lots, price, &position.cost, &owed)
}

/// Whether an unsafe account, with its largest position in this market, waits for the engine. A bound, and one key for each
/// bucket whose bound says that there may be one.
fn someone_waits<T: Config>(market: MarketId) -> bool {
    let exposure = Exposure::market(market);
    let bests = BestTriggers::<T>::get(exposure);
    bests.0.iter().enumerate().any(|(place, best)| {
        let prefix = bucket_prefix::<T>(exposure, bucket_at(place));
        *best > WATCHED
            && next_key(&prefix, &prefix).is_some_and(|(_, first)| first.trigger > WATCHED)
    })
}

/// Closes the position of the fund, so that its money says what the deficit is. Says whether it could.
fn open<T: Config>(market: MarketId, price: LotPrice, profits: &Cash) -> bool {
    let result = with_storage_layer(|| {
        let index = inventory::of::<T>(market)?;
        let fund = Accounts::<T>::get(index).ok_or(Error::<T>::CorruptedIndex)?;
        if fund.lots(market).0 != 0 {
            settlement::close::<T>(index, market, price)?;
        }
        let deficit = deficit::<T>(index)?;
        Pallet::<T>::deposit_event(Event::SharingBegan {
            market,
            deficit,
            profits: *profits,
        });
        Ok::<_, DispatchError>(())
    });
    if let Err(error) = result {
        log::error!(target: crate::LOG_TARGET, "market {market}: its fund can't be closed: {error:?}");
    }
    result.is_ok()
}

/// What an inventory owes.
fn deficit<T: Config>(index: AccountIndex) -> Result<Cash, DispatchError> {
    let fund = Accounts::<T>::get(index).ok_or(Error::<T>::CorruptedIndex)?;
    Ok(owed(&fund.collateral))
}

fn owed(money: &Cash) -> Cash {
    Cash(money.0.saturating_neg()).positive_part()
}

/// A market whose deficit is being shared.
#[derive(Clone, Copy)]
struct Desk {
    market: MarketId,
    price: LotPrice,
    profits: Cash,
    sharing: Sharing,
}

/// Closes all positions, winners less their share. Says whether nobody is left.
fn share<T: Config>(desk: &mut Desk, meter: &mut WeightMeter) -> bool {
    let closed = settlement::close_all::<T>(desk.market, T::WeightInfo::share, meter, |index| {
        // What is noted of a division counts only if its account is stored.
        let mut tried = *desk;
        close::<T>(&mut tried, index)?;
        *desk = tried;
        Ok(())
    });
    closed && forget_claims::<T>(desk, meter) && finish::<T>(desk).is_ok()
}

/// Closes one position. Who has a profit pays its share of the deficit out of it.
fn close<T: Config>(desk: &mut Desk, index: AccountIndex) -> DispatchResult {
    let (mut account, made) = settlement::take_out::<T>(index, desk.market, desk.price)?;
    if account.role == AccountRole::Fund {
        return triggers::settle::<T>(index, account);
    }
    let claim = Claims::<T>::take(desk.market, index);
    let profit = made.positive_part();
    if !profit.is_positive() {
        desk.profits = desk.profits.sub(&claim).map_err(Error::<T>::from)?;
        return triggers::settle::<T>(index, account);
    }
    let inventory = inventory::of::<T>(desk.market)?;
    let mut fund = Accounts::<T>::get(inventory).ok_or(Error::<T>::CorruptedIndex)?;
    let share = desk
        .share_of(&owed(&fund.collateral), &claim, &profit)
        .map_err(Error::<T>::from)?;
    account.collateral = account.collateral.sub(&share).map_err(Error::<T>::from)?;
    fund.collateral = fund.collateral.add(&share).map_err(Error::<T>::from)?;
    triggers::settle::<T>(index, account)?;
    triggers::settle::<T>(inventory, fund)?;
    Pallet::<T>::deposit_event(Event::ProfitShared {
        account: index,
        market: desk.market,
        profit,
        share,
    });
    Ok(())
}

impl Desk {
    /// What a profit contributes to the deficit that is open: its part of `min(open, profits)`, so never more than itself. All
    /// contribute exactly that together, rounded as [`Apportionment`] says.
    ///
    /// The division begins anew with what is left when the deficit or the profits changed otherwise: the funds paid in the
    /// meantime, or an account was taken over. Somebody who was never noted, because its key always moved out of the way,
    /// pays at the rate of the others at least: hiding must not pay.
    fn share_of(&mut self, open: &Cash, claim: &Cash, profit: &Cash) -> Res<Cash> {
        let rate = match self.sharing.division {
            Some(before) if claim.0 == 0 => profit
                .0
                .mul_div_floor(&before.total, &before.weight_total)?,
            _ => 0,
        };
        self.profits = self.profits.sub(claim)?.add(profit)?;
        let due = open.smaller(&self.profits);
        let mut division = match self.sharing.division {
            Some(division) if is_current(&division, &due, &self.profits)? => division,
            _ => Apportionment::new(&due.0, &self.profits.0)?,
        };
        let share = Cash(division.next(&profit.0)?).larger(&Cash(rate));
        self.profits = self.profits.sub(profit)?;
        self.sharing.shared = self.sharing.shared.add(&share)?;
        self.sharing.division = Some(division);
        Ok(share)
    }
}

/// Whether what is left of a division is what is due from what is left of the profits.
fn is_current(division: &Apportionment, due: &Cash, profits: &Cash) -> Res<bool> {
    let open = Cash(division.total).sub(&Cash(division.given))?;
    let left = Cash(division.weight_total).sub(&Cash(division.weight_seen))?;
    Ok(open == *due && left == *profits)
}

/// Drops the claims of accounts that were taken over while the deficit was shared: their profit is in the fund. Says whether
/// none is left.
fn forget_claims<T: Config>(desk: &mut Desk, meter: &mut WeightMeter) -> bool {
    loop {
        let Some((index, claim)) = Claims::<T>::iter_prefix(desk.market).next() else {
            return true;
        };
        if meter.try_consume(of_one(T::WeightInfo::weigh)).is_err() {
            return false;
        }
        Claims::<T>::remove(desk.market, index);
        desk.profits = desk.profits.sub(&claim).unwrap_or(Cash(0));
    }
}

/// Says how it ended. What is left is open: the fund's later income pays it.
fn finish<T: Config>(desk: &Desk) -> DispatchResult {
    let left = deficit::<T>(inventory::of::<T>(desk.market)?)?;
    let (market, shared) = (desk.market, desk.sharing.shared);
    Pallet::<T>::deposit_event(match left.is_positive() {
        true => Event::ShortfallLeft {
            market,
            shared,
            left,
        },
        false => Event::ShortfallShared { market, shared },
    });
    Ok(())
}
