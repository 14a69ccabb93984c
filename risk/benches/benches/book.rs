//! The matching of calls in memory, beside a plain order book that trades continuously: the same orders through both.
//!
//! A yardstick of what matching itself takes; on chain most of a fill is accounts, triggers and the trie. The other book is
//! `lobster`: one thread, price and time, nothing stored and nothing shared.
//!
//! `cargo bench --manifest-path risk/benches/Cargo.toml --bench book`

use caisson_risk::Side;
use caisson_risk_benches::book::{continuous, orders, Book, Order, Position};
use criterion::{criterion_group, criterion_main, BatchSize, BenchmarkId, Criterion, Throughput};
use lobster::{OrderBook, OrderEvent, OrderType};
use std::hint::black_box;

/// How many orders meet.
const SIZES: [u32; 4] = [100, 1_000, 10_000, 100_000];

/// An order as the other book takes it.
fn translated((number, order): (u128, &Order)) -> OrderType {
    OrderType::Limit {
        id: number,
        side: match order.side {
            Side::Long => lobster::Side::Bid,
            Side::Short => lobster::Side::Ask,
        },
        qty: order.lots,
        price: order.ticks.into(),
    }
}

/// Enters all orders into the other book. Returns fills and lots.
fn trade(orders: &[OrderType]) -> (u64, u64) {
    // Room for all, so that nothing is moved meanwhile.
    let mut book = OrderBook::new(orders.len(), 64, false);
    orders.iter().fold((0, 0), |sum, order| {
        let (fills, lots) = match book.execute(*order) {
            OrderEvent::PartiallyFilled {
                filled_qty, fills, ..
            }
            | OrderEvent::Filled {
                filled_qty, fills, ..
            } => (fills.len() as u64, filled_qty),
            _ => (0, 0),
        };
        (sum.0 + fills, sum.1 + lots)
    })
}

/// Enters all orders.
fn filled(orders: &[Order]) -> Book {
    let mut book = Book::default();
    orders.iter().for_each(|order| book.insert(order));
    book
}

fn books(criterion: &mut Criterion) {
    for size in SIZES {
        let orders = orders(size);
        let translated: Vec<_> = (0..).zip(&orders).map(translated).collect();
        let nothing: Vec<Position> = vec![(0, 0); orders.len()];
        let cleared = filled(&orders).clear(&mut nothing.clone());
        let other = trade(&translated);
        assert_eq!(
            other,
            continuous(&orders),
            "the other book trades as it must"
        );
        println!(
            "{size} orders: {} fills of {} lots in a call, {} fills of {} lots in a continuous book",
            cleared.fills, cleared.lots, other.0, other.1
        );

        let mut group = criterion.benchmark_group("orders in");
        group.throughput(Throughput::Elements(size.into()));
        group.bench_function(BenchmarkId::new("call: enter and clear", size), |bencher| {
            bencher.iter_batched_ref(
                || nothing.clone(),
                |positions| filled(black_box(&orders)).clear(positions),
                BatchSize::LargeInput,
            )
        });
        group.bench_function(BenchmarkId::new("lobster: enter", size), |bencher| {
            bencher.iter(|| trade(black_box(&translated)))
        });
        group.finish();

        let mut group = criterion.benchmark_group("fills of");
        group.throughput(Throughput::Elements(cleared.fills));
        let book = filled(&orders);
        group.bench_function(BenchmarkId::new("call: clear alone", size), |bencher| {
            bencher.iter_batched_ref(
                || (book.clone(), nothing.clone()),
                |(book, positions)| book.clear(positions),
                BatchSize::LargeInput,
            )
        });
        group.finish();
    }
}

criterion_group!(all, books);
criterion_main!(all);
