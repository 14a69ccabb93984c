//! What trading costs in the compiled runtime, against what it says it costs and against the targets.
//!
//! Blocks are executed in one piece, as an importing node does. Times are compared with a transfer of the same run. Run
//! with `--nocapture` to see the figures that `docs/performance.md` records. `CAISSON_SCALE=6` runs the growth curves up
//! to a million accounts and a book of a hundred thousand orders; without it they end at ten thousand.

use std::time::Duration;

use caisson_primitives::{
    currency::UNIT,
    trading::{
        Account, AccountIndex, Cash, Fill, FillKind, Markets as _, OrderRef, Side, TradingAccounts,
    },
    AccountId,
};
use caisson_runtime::{Margin, Markets, Runtime, RuntimeCall, System};
use codec::Encode;
use sp_keyring::Sr25519Keyring::{Alice, Bob};

use crate::{
    chain::Chain,
    trading::{limit, mark_ticks, open_chain, place, set_prices, traders, Trader, BTC_PERP, ONE},
};

/// How often each thing is timed. The least time counts: what else runs on the machine only ever adds.
const RUNS: usize = 5;
/// How many transactions a measured block has.
const MANY: u32 = 200;
/// The price of bitcoin in all measurements.
const PRICE: u128 = 60_000 * ONE;

fn least(times: impl IntoIterator<Item = Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A block of these transactions on fresh prices.
fn timed(chain: &mut Chain, transactions: &[caisson_runtime::UncheckedExtrinsic]) -> Duration {
    set_prices(chain, PRICE);
    chain.timed_block(transactions)
}

/// Many runs: an empty block takes little, and what is looked for is a small part of it.
fn empty(chain: &mut Chain) -> Duration {
    least((0..5 * RUNS).map(|_| timed(chain, &[])))
}

/// The time of one transfer, signature and all, as part of a block that is executed in one piece.
fn time_of_transfer(chain: &mut Chain) -> Duration {
    let mut full = Vec::new();
    for _ in 0..RUNS {
        let nonce = chain.query(|| System::account_nonce(Alice.to_account_id()));
        let all: Vec<_> = (0..MANY)
            .map(|n| {
                let call = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
                    dest: Bob.to_account_id().into(),
                    value: UNIT,
                });
                chain.sign_with_nonce(Alice, nonce + n, call)
            })
            .collect();
        full.push(timed(chain, &all));
    }
    least(full).saturating_sub(empty(chain)) / MANY
}

/// The time of one of these transactions as part of a block: `calls` makes those of a run.
fn time_of_each(
    chain: &mut Chain,
    traders: &mut [Trader],
    mut calls: impl FnMut(&mut Chain, usize, &Trader) -> RuntimeCall,
    mut after: impl FnMut(&mut Chain, usize),
) -> Duration {
    let without = empty(chain);
    let mut times = Vec::new();
    for run in 0..RUNS {
        let transactions: Vec<_> = traders
            .iter_mut()
            .map(|trader| {
                let call = calls(chain, run, trader);
                trader.sign(chain, call)
            })
            .collect();
        times.push(timed(chain, &transactions));
        after(chain, run);
    }
    least(times).saturating_sub(without) / traders.len() as u32
}

/// Says what was measured. Panics when it misses its target.
fn report(what: &str, time: Duration, transfer: Duration, target: Option<f64>) {
    let ratio = micros(time) / micros(transfer);
    assert!(
        target.is_none_or(|target| ratio <= target),
        "{what}: {ratio:.2} transfers, target {target:?}"
    );
    let target = target.map_or(String::new(), |target| format!(", target {target}"));
    println!(
        "{what}: {:.1} us = {ratio:.2} transfers{target}",
        micros(time)
    );
}

fn last_number(account: AccountIndex) -> u32 {
    Margin::load(account).expect("an account").next_order - 1
}

#[test]
fn orders_and_fills_should_cost_what_the_targets_say() {
    let mut chain = open_chain(PRICE);
    let transfer = time_of_transfer(&mut chain);
    println!("transfer: {:.1} us", micros(transfer));
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let mut makers = traders(&mut chain, "maker", MANY, 0, 100_000);

    // Each maker one order a run, away from the touch.
    let placing = time_of_each(
        &mut chain,
        &mut makers,
        |_, run, trader| {
            let price = mark - 1_000 - 10 * run as u32;
            place(trader.account, BTC_PERP, limit(Side::Long, price, 10))
        },
        |_, _| (),
    );
    report("place a resting order", placing, transfer, Some(1.5));

    let cancelling = time_of_each(
        &mut chain,
        &mut makers,
        |chain, run, trader| {
            let number = chain.query(|| last_number(trader.account)) - run as u32;
            pallet_exchange::Call::<Runtime>::cancel {
                account: trader.account,
                market: BTC_PERP,
                order: OrderRef::Number(number),
            }
            .into()
        },
        |_, _| (),
    );
    report("cancel an order", cancelling, transfer, None);

    // Fifty quotes a maker, all moved by a tick in each run.
    let mut quoters = traders(&mut chain, "quoter", 4, 0, 1_000_000);
    let ladder = time_of_each(
        &mut chain,
        &mut quoters,
        |_, run, trader| ladder(trader.account, mark, run as u32),
        |_, _| (),
    );
    report("replace_all of 50 quotes", ladder, transfer, None);
    for quoter in &quoters {
        let orders = chain.query(|| Margin::load(quoter.account).expect("one").orders);
        assert_eq!(orders, 50, "every quote was accepted");
    }
    let singles = (placing + cancelling) * 50;
    let share = micros(ladder) / micros(singles);
    println!("replace_all of 50 quotes / 50 cancels and places: {share:.3}, target 0.25");
    assert!(
        share <= 0.25,
        "replace_all must be cheaper than single orders: {share}"
    );

    // Fills: bids rest, as many asks of others meet them; what the block takes beyond its placements is the clearing.
    const PAIRS: u32 = 100;
    let makers = &mut makers[..PAIRS as usize];
    let mut takers = traders(&mut chain, "taker", PAIRS, 0, 100_000);
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let bids = sign_all(&mut chain, makers, |trader| {
            place(trader.account, BTC_PERP, limit(Side::Long, mark, 10))
        });
        timed(&mut chain, &bids);
        let asks = sign_all(&mut chain, &mut takers, |trader| {
            place(trader.account, BTC_PERP, limit(Side::Short, mark, 10))
        });
        times.push(timed(&mut chain, &asks));
    }
    let without = empty(&mut chain) + placing * PAIRS;
    let fill = least(times).saturating_sub(without) / PAIRS;
    let filled = chain.query(|| {
        Margin::load(takers[0].account)
            .expect("one")
            .lots(BTC_PERP)
            .0
    });
    assert_eq!(filled, -10 * RUNS as i64, "every ask was filled");
    report("a fill, both sides", fill, transfer, Some(1.5));
}

fn sign_all(
    chain: &mut Chain,
    traders: &mut [Trader],
    call: impl Fn(&Trader) -> RuntimeCall,
) -> Vec<caisson_runtime::UncheckedExtrinsic> {
    traders
        .iter_mut()
        .map(|trader| {
            let call = call(trader);
            trader.sign(chain, call)
        })
        .collect()
}

fn ladder(account: AccountIndex, mark: u32, shift: u32) -> RuntimeCall {
    let quotes: Vec<_> = (0..25u32)
        .flat_map(|level| {
            [
                (Side::Long, mark - 100 - level * 10 - shift),
                (Side::Short, mark + 100 + level * 10 + shift),
            ]
        })
        .map(|(side, price)| pallet_exchange::types::Quote {
            side,
            price,
            lots: 10,
            client_id: None,
        })
        .collect();
    pallet_exchange::Call::<Runtime>::replace_all {
        account,
        market: BTC_PERP,
        quotes: quotes.try_into().expect("few enough"),
    }
    .into()
}

/// The most accounts, as a power of ten, and the most orders of the book, one power less.
fn scale() -> u32 {
    std::env::var("CAISSON_SCALE")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4)
}

fn number_owner(number: u32) -> AccountId {
    AccountId::new(sp_io::hashing::blake2_256(&(b"owner", number).encode()))
}

/// Accounts in pairs, one long and one short, with money that puts their liquidation prices between 5 % and 60 % away;
/// written as the pallet writes them, without the transactions.
fn populate(chain: &mut Chain, accounts: u32) {
    const BATCH: u32 = 50_000;
    let mut first = 0;
    while first < accounts {
        let last = accounts.min(first + BATCH);
        chain.query(|| {
            let (contract, prices) = (
                Markets::contract(BTC_PERP).expect("a market"),
                Markets::prices(BTC_PERP).expect("prices"),
            );
            let (mut money, mut long) = (0, 0);
            for number in first..last {
                let index = pallet_margin::NextAccount::<Runtime>::get();
                pallet_margin::NextAccount::<Runtime>::put(index + 1);
                let owner = number_owner(index);
                let mut account = Account::new(owner.clone(), 0, 0);
                let lots = 10 + u64::from((number / 2).wrapping_mul(2_654_435_761) % 90);
                let share = 8 + i128::from((number / 2).wrapping_mul(40_503) % 55);
                account.collateral = Cash(prices.mark.0 * i128::from(lots) * share / 100);
                money += account.collateral.0;
                let fill = Fill {
                    market: BTC_PERP,
                    side: if number % 2 == 0 {
                        Side::Long
                    } else {
                        Side::Short
                    },
                    lots,
                    price: prices.mark,
                    kind: FillKind::Taker,
                };
                let mut free = contract.clone();
                free.fees = Default::default();
                let settled =
                    Margin::fill(&mut account, &free, &prices, prices.at, &fill).expect("fills");
                long += settled.long_lots;
                pallet_margin::AccountIndices::<Runtime>::insert(owner, (0, 0), index);
                Margin::settle(index, account).expect("settles");
            }
            pallet_margin::Ledgers::<Runtime>::mutate(0, |ledger| ledger.custody.0 += money);
            Margin::conclude(BTC_PERP, &contract, Cash(0), long).expect("concludes");
            System::reset_events();
        });
        chain.commit();
        first = last;
    }
}

/// As many keys of nothing as so many accounts have: what a larger state costs whatever is in it.
fn pad(chain: &mut Chain, accounts: u32) {
    for first in (0..accounts).step_by(50_000) {
        chain.query(|| {
            for number in first..accounts.min(first + 50_000) {
                for (kind, bytes) in [(0u8, 200), (1, 4), (2, 0)] {
                    let key = (b"padding", kind, sp_io::hashing::twox_128(&number.encode()));
                    sp_io::storage::set(&key.encode(), &vec![7; bytes]);
                }
            }
        });
        chain.commit();
    }
}

#[test]
fn quiet_blocks_and_orders_should_not_cost_more_with_more_accounts() {
    // Without markets the same hooks run over nothing.
    let mut bare = Chain::from_preset_with("development", |genesis| {
        genesis["markets"]["markets"] = serde_json::json!([]);
    });
    let bare = least((0..5 * RUNS).map(|_| bare.timed_block(&[])));
    println!("block without markets: {:.1} us", micros(bare));
    let mut rows = Vec::new();
    let mut chains = Vec::new();
    for power in 3..=scale() {
        let accounts = 10u32.pow(power);
        let mut chain = open_chain(PRICE);
        populate(&mut chain, accounts);
        let mut other = open_chain(PRICE);
        pad(&mut other, accounts);
        let control = empty(&mut other);
        drop(other);
        let transfer = time_of_transfer(&mut chain);
        let quiet = empty(&mut chain);
        let mark = mark_ticks(&mut chain, BTC_PERP);
        let mut some = traders(&mut chain, "maker", MANY, 0, 100_000);
        let placing = time_of_each(
            &mut chain,
            &mut some,
            |_, run, trader| {
                let price = mark - 1_000 - 10 * run as u32;
                place(trader.account, BTC_PERP, limit(Side::Long, price, 10))
            },
            |_, _| (),
        );
        println!(
            "{accounts} accounts: quiet block {:.1} us (with as many other keys {:.1} us), {:.1} us of it for \
             three markets, transfer {:.1} us, order {:.1} us = {:.2} transfers",
            micros(quiet),
            micros(control),
            micros(quiet.saturating_sub(bare)),
            micros(transfer),
            micros(placing),
            micros(placing) / micros(transfer)
        );
        rows.push((accounts, quiet));
        if power == 3 || power == scale() {
            chains.push(chain);
        }
    }
    let (mut first, mut last) = (rows[0], rows[rows.len() - 1]);
    let growth = |first: Duration, last: Duration| micros(last) / micros(first);
    // What else runs on the machine only adds, so more runs come nearer to what is looked for.
    for _ in 0..3 {
        if growth(first.1, last.1) < 1.2 {
            break;
        }
        if let [small, large] = &mut chains[..] {
            first.1 = first.1.min(empty(small));
            last.1 = last.1.min(empty(large));
        }
    }
    let growth = growth(first.1, last.1);
    println!(
        "quiet block, {} accounts against {}: {growth:.3}, target 1.2",
        last.0, first.0
    );
    assert!(
        growth < 1.2,
        "a quiet block must not cost more with more accounts: {growth}"
    );
}

#[test]
fn book_should_cost_the_same_with_more_orders() {
    for power in 2..scale() {
        let orders = 10u32.pow(power);
        let mut chain = open_chain(PRICE);
        let transfer = time_of_transfer(&mut chain);
        let mark = mark_ticks(&mut chain, BTC_PERP);
        fill_book(&mut chain, mark, orders);
        let mut some = traders(&mut chain, "maker", MANY, 0, 100_000);
        let placing = time_of_each(
            &mut chain,
            &mut some,
            |_, run, trader| {
                let price = mark - 1_000 - 10 * run as u32;
                place(trader.account, BTC_PERP, limit(Side::Long, price, 10))
            },
            |_, _| (),
        );
        let cancelling = time_of_each(
            &mut chain,
            &mut some,
            |chain, run, trader| {
                let number = chain.query(|| last_number(trader.account)) - run as u32;
                pallet_exchange::Call::<Runtime>::cancel {
                    account: trader.account,
                    market: BTC_PERP,
                    order: OrderRef::Number(number),
                }
                .into()
            },
            |_, _| (),
        );
        report("  place", placing, transfer, Some(1.5));
        let best = time_of_best(&mut chain, mark);
        println!(
            "book of {orders}: place {:.2}, cancel {:.2} transfers of {:.1} us, best prices {:.1} us",
            micros(placing) / micros(transfer),
            micros(cancelling) / micros(transfer),
            micros(transfer),
            micros(best)
        );
    }
}

/// Finding the best order of both sides in the book itself: what the runtime API for one level takes beyond one that
/// reads nothing. One order of each side stands alone in front, so that the level is one order whatever the book.
fn time_of_best(chain: &mut Chain, mark: u32) -> Duration {
    let front = traders(chain, "front", 1, 0, 100_000).remove(0);
    set_prices(chain, PRICE);
    chain.query(|| {
        for (side, price) in [(Side::Long, mark - 5), (Side::Short, mark + 5)] {
            let call = place(front.account, BTC_PERP, limit(side, price, 10));
            crate::native::dispatch(&front.id(), call).expect("passes");
        }
    });
    chain.commit();
    let mut ask = |method: &str, input: &[u8]| {
        least((0..20 * RUNS).map(|_| {
            let started = std::time::Instant::now();
            chain.api(method, input);
            started.elapsed()
        }))
    };
    let depth = ask("ExchangeApi_depth", &(BTC_PERP, 1u32).encode());
    depth.saturating_sub(ask("ExchangeApi_depth", &(u16::MAX, 0u32).encode()))
}

/// Rests so many orders around the mark, through the pallet's own calls.
fn fill_book(chain: &mut Chain, mark: u32, orders: u32) {
    const EACH: u32 = 50;
    let makers = traders(chain, "resting", orders.div_ceil(EACH), 0, 1_000_000);
    for some in makers.chunks(100) {
        set_prices(chain, PRICE);
        chain.query(|| {
            for trader in some {
                let shift = trader.account % 97;
                let call = ladder(trader.account, mark - 20, shift);
                crate::native::dispatch(&trader.id(), call).expect("passes");
            }
            System::reset_events();
        });
        chain.commit();
    }
}
