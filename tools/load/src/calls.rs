//! What an account of a role sends next. Each is a function of the round, so that what was lost can be made again.

use crate::{
    plan::{Role, CYCLE_ORDERS},
    venue::Market,
};
use caisson_primitives::{
    currency::MILLI,
    trading::{AccountIndex, OrderRef, OrderRequest, Side},
    AccountId,
};
use caisson_runtime::RuntimeCall;
use frame_support::BoundedVec;
use pallet_exchange::{types::Quote, Call};
use sp_runtime::MultiAddress;

/// How far resting orders are from the mark at least, in parts per million: a calm market doesn't reach them.
const RESTING_PPM: u32 = 10_000;
/// Within how much more they are spread; bands are a tenth of the mark.
const RESTING_SPREAD_PPM: u32 = 30_000;
/// How far the first quotes of a ladder are from the mark, in parts per million.
const FIRST_QUOTE_PPM: u32 = 1_000;
/// How far the next ones are from each other.
const QUOTE_STEP_PPM: u32 = 200;
/// How far a market order may be filled from the mark: through a whole ladder.
const SLIPPAGE_PPM: u32 = 20_000;
/// Units that a quote has; takers have one.
const QUOTE_UNITS: u64 = 5;

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// What it does.
    pub role: Role,
    /// Its place in the fleet: neighbours do opposite things.
    pub place: u64,
    /// Its margin account.
    pub account: AccountIndex,
    /// Where it trades.
    pub market: &'a Market,
    /// Whom it pays.
    pub payee: &'a AccountId,
    /// How many quotes its ladders have.
    pub quotes: u32,
    /// How many transactions it sent before.
    pub round: u64,
    /// What its order names begin with, so that those of an earlier run are others.
    pub first_name: u64,
}

/// A call, and what it counts for.
#[derive(Clone, Debug)]
pub struct Made {
    /// The call.
    pub call: RuntimeCall,
    /// The acts that the rate counts, if the role's are counted: orders placed, or cancelled one by one.
    pub acts: u32,
    /// The acts that the chain counts against the account in a block.
    pub limited: u32,
}

impl Turn<'_> {
    /// The next call.
    pub fn call(&self) -> Made {
        let (step, _) = self.step();
        match self.role {
            Role::Paying => made(self.pay(), 1, 0),
            Role::Quoting => {
                let quotes = self.ladder();
                let count = u32::try_from(quotes.len()).unwrap_or(u32::MAX);
                made(self.replace_all(quotes), count, count)
            }
            Role::Taking => made(self.place(self.take()), 1, 1),
            Role::Resting if step < CYCLE_ORDERS => made(self.place(self.rest(self.round)), 1, 1),
            Role::Resting => made(self.cancel_cycle(), 0, 0),
            Role::Cancelling if step == 0 => {
                let count = u32::try_from(CYCLE_ORDERS).unwrap_or(u32::MAX);
                made(self.place_cycle(), 0, count)
            }
            Role::Cancelling => made(self.cancel(self.round), 1, 0),
            Role::Flickering if self.round.is_multiple_of(2) => {
                made(self.place(self.rest(self.round)), 1, 1)
            }
            Role::Flickering => made(self.cancel(self.round - 1), 1, 0),
        }
    }

    /// The place in the cycle of fifty orders and one batch, and the round in which it began.
    fn step(&self) -> (u64, u64) {
        let step = self.round % (CYCLE_ORDERS + 1);
        (step, self.round - step)
    }

    fn name(&self, round: u64) -> u64 {
        self.first_name.wrapping_add(round)
    }

    /// Sides alternate, and neighbours begin with opposite ones, so that positions and books stay level.
    fn side(&self, round: u64) -> Side {
        let markets_apart = self.place / 2;
        match (self.place + markets_apart + round) % 2 {
            0 => Side::Long,
            _ => Side::Short,
        }
    }

    /// An order that rests: spread over a band on its side of the mark.
    fn rest(&self, round: u64) -> OrderRequest {
        let side = self.side(round);
        let spread = scatter(self.place, round) % u64::from(RESTING_SPREAD_PPM);
        let ppm = RESTING_PPM + u32::try_from(spread).unwrap_or(0);
        let price = self.market.ticks_away(side, ppm, 0);
        OrderRequest::limit(side, self.market.unit_lots, price).named(self.name(round))
    }

    fn take(&self) -> OrderRequest {
        let side = self.side(self.round);
        OrderRequest::market(side, self.market.unit_lots, SLIPPAGE_PPM).immediate()
    }

    /// A ladder none of whose quotes is like one of the ladder before, so all are placed anew. At a mark that stands still all
    /// prices are others, whatever size a fill left of a quote; where the mark moved a price may come again, but sizes are others.
    fn ladder(&self) -> Vec<Quote> {
        let lots = self.market.unit_lots * QUOTE_UNITS + self.round % 2;
        let jitter = scatter(self.place, self.round) % 4 * 2 + self.round % 2;
        let jitter = u32::try_from(jitter).unwrap_or(0);
        (0..self.quotes)
            .map(|number| {
                let side = if number % 2 == 0 {
                    Side::Long
                } else {
                    Side::Short
                };
                let ppm = FIRST_QUOTE_PPM + number / 2 * QUOTE_STEP_PPM;
                Quote {
                    side,
                    price: self.market.ticks_away(side, ppm, jitter),
                    lots,
                    client_id: None,
                }
            })
            .collect()
    }

    fn replace_all(&self, quotes: Vec<Quote>) -> RuntimeCall {
        RuntimeCall::Exchange(Call::replace_all {
            account: self.account,
            market: self.market.market,
            // The command line allows no more than fit.
            quotes: BoundedVec::truncate_from(quotes),
        })
    }

    fn place(&self, request: OrderRequest) -> RuntimeCall {
        RuntimeCall::Exchange(Call::place {
            account: self.account,
            market: self.market.market,
            request,
        })
    }

    fn cancel(&self, round: u64) -> RuntimeCall {
        RuntimeCall::Exchange(Call::cancel {
            account: self.account,
            market: self.market.market,
            order: OrderRef::Client(self.name(round)),
        })
    }

    /// Fifty orders, under the names of the rounds that cancel them.
    fn place_cycle(&self) -> RuntimeCall {
        let (_, began) = self.step();
        let requests = (1..=CYCLE_ORDERS).map(|step| self.rest(began + step));
        RuntimeCall::Exchange(Call::place_batch {
            account: self.account,
            market: self.market.market,
            requests: BoundedVec::truncate_from(requests.collect()),
        })
    }

    /// Cancels the fifty orders of the rounds before.
    fn cancel_cycle(&self) -> RuntimeCall {
        let (_, began) = self.step();
        let orders = (0..CYCLE_ORDERS).map(|step| OrderRef::Client(self.name(began + step)));
        RuntimeCall::Exchange(Call::cancel_batch {
            account: self.account,
            market: self.market.market,
            orders: BoundedVec::truncate_from(orders.collect()),
        })
    }

    fn pay(&self) -> RuntimeCall {
        RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: MultiAddress::Id(self.payee.clone()),
            value: MILLI,
        })
    }
}

fn made(call: RuntimeCall, acts: u32, limited: u32) -> Made {
    Made {
        call,
        acts,
        limited,
    }
}

/// A number that looks random and is the same for the same place and round (the finaliser of SplitMix64).
fn scatter(place: u64, round: u64) -> u64 {
    let mut mixed = place
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(round.wrapping_mul(0xd134_2543_de82_ef95));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::bitcoin;
    use caisson_primitives::trading::OrderKind;
    use std::collections::BTreeSet;

    const PAYEE: AccountId = AccountId::new([1; 32]);

    fn turn<'a>(role: Role, market: &'a Market, round: u64) -> Turn<'a> {
        Turn {
            role,
            place: 3,
            account: 9,
            market,
            payee: &PAYEE,
            quotes: 50,
            round,
            first_name: 1_000,
        }
    }

    #[test]
    fn resting_should_cancel_just_what_it_placed() {
        let btc = bitcoin();
        let mut placed = BTreeSet::new();
        for round in 51..101 {
            let made = turn(Role::Resting, &btc, round).call();
            let RuntimeCall::Exchange(Call::place { request, .. }) = made.call else {
                panic!("round {round} places");
            };
            placed.insert(request.client_id.expect("a name"));
        }
        let made = turn(Role::Resting, &btc, 101).call();
        let RuntimeCall::Exchange(Call::cancel_batch { orders, .. }) = made.call else {
            panic!("the cycle ends with a batch");
        };
        let cancelled: BTreeSet<u64> = orders
            .iter()
            .map(|order| match order {
                OrderRef::Client(name) => *name,
                OrderRef::Number(_) => panic!("by name"),
            })
            .collect();
        assert_eq!(placed, cancelled);
        assert_eq!(placed.len(), 50);
        assert_eq!(made.acts, 0);
    }

    #[test]
    fn cancelling_should_cancel_just_what_its_batch_placed() {
        let btc = bitcoin();
        let made = turn(Role::Cancelling, &btc, 102).call();
        let RuntimeCall::Exchange(Call::place_batch { requests, .. }) = made.call else {
            panic!("the cycle begins with a batch");
        };
        let placed: Vec<u64> = requests.iter().filter_map(|one| one.client_id).collect();
        let cancelled: Vec<u64> = (103..153)
            .map(
                |round| match turn(Role::Cancelling, &btc, round).call().call {
                    RuntimeCall::Exchange(Call::cancel {
                        order: OrderRef::Client(name),
                        ..
                    }) => name,
                    other => panic!("round {round} cancels: {other:?}"),
                },
            )
            .collect();
        assert_eq!(placed, cancelled);
        assert_eq!((made.acts, made.limited), (0, 50));
    }

    #[test]
    fn ladder_should_share_no_price_with_the_one_before() {
        let btc = bitcoin();
        let quotes = |round| turn(Role::Quoting, &btc, round).ladder();
        for round in 0..20 {
            let before: BTreeSet<_> = quotes(round).iter().map(|one| one.price).collect();
            let after: BTreeSet<_> = quotes(round + 1).iter().map(|one| one.price).collect();
            assert_eq!(before.len(), 50, "all prices differ");
            assert!(before.is_disjoint(&after), "round {round}");
        }
        let buys = quotes(0)
            .iter()
            .filter(|one| one.side == Side::Long)
            .count();
        assert_eq!(buys, 25);
    }

    #[test]
    fn ladder_should_not_cross_that_of_another() {
        let btc = bitcoin();
        let quotes = turn(Role::Quoting, &btc, 5).ladder();
        let buys = quotes.iter().filter(|one| one.side == Side::Long);
        let sells = quotes.iter().filter(|one| one.side == Side::Short);
        let best = (
            buys.map(|one| one.price).max().expect("buys"),
            sells.map(|one| one.price).min().expect("sells"),
        );
        assert!(best.0 < 600_000 - 500 && best.1 > 600_000 + 500, "{best:?}");
    }

    #[test]
    fn takers_should_buy_and_sell_in_turn() {
        let btc = bitcoin();
        let side = |round| turn(Role::Taking, &btc, round).take().side;
        assert_ne!(side(0), side(1));
        assert_eq!(side(0), side(2));
    }

    #[test]
    fn resting_orders_should_stay_within_the_band_and_off_the_mark() {
        let btc = bitcoin();
        for round in 0..500 {
            let request = turn(Role::Resting, &btc, round).rest(round);
            let OrderKind::Limit(price) = request.kind else {
                panic!("a limit");
            };
            let away = price.abs_diff(600_000);
            assert!((6_000..=24_001).contains(&away), "{price}");
        }
    }
}
