//! The formulas a block runs per account or per feed.
//!
//! `cargo bench --manifest-path risk/benches/Cargo.toml`

use caisson_risk::oracle::{weighted_mad, weighted_median, Report};
use caisson_risk::triggers::{arm, slack, Leg};
use caisson_risk::waterfall::{water_fill, Claim};
use caisson_risk::wide::{mul_div, Rounding};
use caisson_risk::{Cash, Coordinate, LotPrice, Lots};
use caisson_risk_benches::random::numbers;
use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use std::hint::black_box;

fn legs(count: usize) -> Vec<Leg> {
    let sizes = numbers(40);
    let prices = numbers(55).skip(7);
    sizes
        .zip(prices)
        .take(count)
        .map(|(size, price)| Leg {
            size: Lots(size),
            coordinate: Coordinate(price),
            risk_per_lot: LotPrice(price / 20 + 1),
        })
        .collect()
}

fn trigger_index(criterion: &mut Criterion) {
    for count in [1, 4, 32] {
        let legs = legs(count);
        let base = Cash(1_000_000_000_000_000i128);
        criterion.bench_function(&format!("slack of {count} positions"), |bencher| {
            bencher.iter(|| slack(black_box(&base), black_box(&legs)))
        });
        let free = slack(&base, &legs).expect("in range");
        let mut out = vec![Coordinate(0); count];
        criterion.bench_function(&format!("triggers of {count} positions"), |bencher| {
            bencher.iter(|| arm(black_box(&legs), black_box(&free), &mut out))
        });
    }
}

fn aggregation(criterion: &mut Criterion) {
    let mut reports: Vec<_> = numbers(60)
        .zip(numbers(63).skip(3))
        .take(100)
        .map(|(noise, weight)| Report {
            price: (1 << 76) + noise,
            weight,
        })
        .collect();
    reports.sort_by_key(|report| report.price);
    criterion.bench_function("weighted median of 100", |bencher| {
        bencher.iter(|| weighted_median(black_box(&reports)))
    });
    criterion.bench_function("weighted deviation of 100", |bencher| {
        bencher.iter(|| weighted_mad(black_box(&reports)))
    });
}

fn deleveraging(criterion: &mut Criterion) {
    let mut claims: Vec<_> = numbers(40)
        .zip(numbers(62).skip(5))
        .take(64)
        .map(|(lots, equity)| Claim {
            lots: Lots(lots),
            equity: Cash(equity),
            reduction: Lots(0),
        })
        .collect();
    claims.sort_by(Claim::by_leverage_descending);
    let all: i128 = claims.iter().map(|claim| claim.lots.0).sum();
    criterion.bench_function("water-filling of 64", |bencher| {
        bencher.iter_batched_ref(
            || claims.clone(),
            |claims| water_fill(black_box(claims), black_box(&Lots(all / 2))),
            BatchSize::SmallInput,
        )
    });
}

fn division(criterion: &mut Criterion) {
    let (price, ratio) = (123_456_789_012_345_678i128, 36_670i128);
    criterion.bench_function("margin per lot (product within 128 bits)", |bencher| {
        bencher.iter(|| {
            mul_div(
                black_box(price),
                black_box(ratio),
                1_000_000,
                Rounding::Ceil,
            )
        })
    });
    let (slack, risk, total) = (1i128 << 110, 1i128 << 58, (1i128 << 109) + 12_345);
    criterion.bench_function("trigger share (256-bit product)", |bencher| {
        bencher.iter(|| {
            mul_div(
                black_box(slack),
                black_box(risk),
                black_box(total),
                Rounding::Floor,
            )
        })
    });
}

criterion_group!(hot, trigger_index, aggregation, deleveraging, division);
criterion_main!(hot);
