//! The worked figures of the traders' guide, made by the runtime: one position from its purchase to its liquidation.
//! Each figure must stand in the guide, in the row of its table that speaks of it.

use caisson_primitives::trading::{api::AccountHealth, Cash, LotPrice, OrderRequest, Side, Ticks};
use caisson_primitives::AccountId;
use caisson_runtime::{Margin, RuntimeEvent};

use crate::stage::{order, place, Actor, Stage, BTC, BTC_PERP, ONE, QUANTA};

const GUIDE: &str = include_str!("../../../docs/guides/trader.md");
/// Lots in a whole bitcoin.
const LOTS: i128 = 10_000;
/// The position: 0.2 BTC.
const SIZE: u64 = 2_000;
/// 50,000 in ticks of 0.10.
const PRICE: Ticks = 500_000;

/// You with 600, who bought, and the seller with 10,000, whose offer rested.
fn bought() -> (Stage, Actor, Actor) {
    let mut stage = Stage::new();
    let you = stage.trader("you", 0, 600);
    let seller = stage.trader("seller", 0, 10_000);
    stage.fund(0, 100_000);
    stage.block(|| place(&seller, BTC_PERP, Side::Short, SIZE, PRICE).expect("the offer rests"));
    let offer = health(&mut stage, &seller);
    row("required by the offer", [money(offer.initial)]);
    let bid = OrderRequest::limit(Side::Long, SIZE, PRICE).immediate();
    stage.block(|| order(&you, BTC_PERP, bid).expect("bids"));
    (stage, you, seller)
}

#[test]
fn guide_should_state_the_margin_of_the_runtime_when_a_position_is_bought() {
    let (mut stage, you, seller) = bought();
    let fees = stage.find(|event| match event {
        RuntimeEvent::Exchange(pallet_exchange::Event::Filled { account, fee, .. }) => {
            Some((*account, *fee))
        }
        _ => None,
    });
    let fee_of = |actor: &Actor| {
        let mut of_actor = fees.iter().filter(|(account, _)| *account == actor.account);
        of_actor.next().expect("filled").1
    };
    let both = [health(&mut stage, &you), health(&mut stage, &seller)];
    let of = |figure: fn(&AccountHealth<AccountId>) -> Cash| {
        [money(figure(&both[0])), money(figure(&both[1]))]
    };

    row("value of the trade", of(|health| health.notional));
    row("fee", [money(fee_of(&you)), money(fee_of(&seller))]);
    row("money", of(|health| health.account.collateral));
    row("equity", of(|health| health.equity));
    row("maintenance margin, 3.2 %", of(|health| health.maintenance));
    row("slack", of(|health| health.slack));
    row("initial margin, 4.8 %", of(|health| health.initial));
    row("free for new risk", of(|health| health.initial_health));
    row("can be withdrawn", of(|health| health.withdrawable));
    let ends = [&both[0], &both[1]].map(|health| {
        price(
            health.positions[0]
                .liquidation_price
                .expect("a price ends it"),
        )
    });
    row("liquidation price", ends);
}

#[test]
fn guide_should_state_the_funding_of_the_runtime_when_there_is_no_premium() {
    /// A hundredth of eight hours.
    const BLOCKS: u32 = 288;
    let (mut stage, you, _) = bought();
    // None accrues before a market's first whole hour is over, which begins at some time of the first one.
    let mut waited = 0;
    while stage.prices(BTC_PERP).funding.0 == 0 {
        stage.block_unchecked(|| {});
        waited += 1;
        assert!(waited <= 7_200, "no funding after two hours");
    }
    let owed = |stage: &mut Stage| health(stage, &you).positions[0].funding_owed.0;
    let before = owed(&mut stage);
    stage.blocks(BLOCKS);
    let paid = (owed(&mut stage) - before) * 100;
    row("funding in 8 hours", [money(Cash(paid))]);
    row(
        "rate for 8 hours",
        [format!("{} %", decimal(paid, 10_000 * QUANTA / 100))],
    );
}

/// The same when the price has fallen to 48,600; slowly, so that the circuit breaker sees nothing: 2 dollars a second.
fn fallen() -> (Stage, Actor) {
    let (mut stage, you, _) = bought();
    for step in 1..=700 {
        stage.exact_price(BTC, (50_000 - 2 * step) * ONE);
        stage.blocks(1);
    }
    (stage, you)
}

#[test]
fn guide_should_state_what_the_runtime_asks_for_to_stay_safe() {
    let (mut stage, you) = fallen();
    let bidder = stage.trader("bidder", 0, 10_000);
    stage.block(|| place(&bidder, BTC_PERP, Side::Long, 100, 486_000).expect("bids"));
    let before = health(&mut stage, &you).equity;
    let ask = OrderRequest::limit(Side::Short, 100, 486_000).immediate();
    stage.block(|| order(&you, BTC_PERP, ask.reduce_only()).expect("sells"));
    let fee = money(Cash(before.0 - health(&mut stage, &you).equity.0));
    says(&format!(
        "closing 0.01 BTC yourself at 48,600 for a fee of {fee}"
    ));
    stage.price(BTC, 48_500);
    stage.blocks(1);
    assert!(!stage.is_unsafe(&you), "it saved the penalty");
}

#[test]
fn guide_should_state_the_liquidation_of_the_runtime_when_the_price_falls() {
    let (mut stage, you) = fallen();
    let safe = health(&mut stage, &you);
    let bidder = stage.trader("bidder", 0, 10_000);
    stage.block(|| place(&bidder, BTC_PERP, Side::Long, 10_000, 484_800).expect("bids"));
    stage.events.clear();
    stage.price(BTC, 48_500);
    stage.blocks(1);
    let restored = health(&mut stage, &you);

    let (equity, slack) = the(&stage, |event| match event {
        RuntimeEvent::Margin(pallet_margin::Event::BecameUnsafe { equity, slack, .. }) => {
            Some((*equity, *slack))
        }
        _ => None,
    });
    let found = Cash(equity.0 - safe.account.collateral.0);
    let needed = Cash(equity.0 - slack.0);
    let three = |label, figures: [Cash; 3]| row(label, figures.map(money));
    let kept = safe.account.collateral;
    three("your money", [kept, kept, restored.account.collateral]);
    three(
        "your profit at mark",
        [
            safe.positions[0].unrealised,
            found,
            restored.positions[0].unrealised,
        ],
    );
    three("your equity", [safe.equity, equity, restored.equity]);
    three(
        "your maintenance margin",
        [safe.maintenance, needed, restored.maintenance],
    );
    three("your slack", [safe.slack, slack, restored.slack]);
    row(
        "your position",
        [&safe, &safe, &restored].map(|health| size(health.positions[0].lots.0)),
    );
    says(&format!(
        "Depositing {} before that block",
        money(Cash(-slack.0))
    ));
    act(&stage, &restored);
}

/// What the engine did, and what it cost.
fn act(stage: &Stage, restored: &AccountHealth<AccountId>) {
    let (lots, limit) = the(stage, |event| match event {
        RuntimeEvent::Liquidation(pallet_liquidation::Event::OrderEntered {
            lots, limit, ..
        }) => Some((*lots, *limit)),
        _ => None,
    });
    let (filled, at, realised) = the(stage, |event| match event {
        RuntimeEvent::Exchange(pallet_exchange::Event::Filled {
            forced: true,
            lots,
            price,
            realised,
            ..
        }) => Some((*lots, *price, *realised)),
        _ => None,
    });
    let penalty = the(stage, |event| match event {
        RuntimeEvent::Margin(pallet_margin::Event::PenaltyPaid { paid, .. }) => Some(*paid),
        _ => None,
    });
    let blocks = the(stage, |event| match event {
        RuntimeEvent::Liquidation(pallet_liquidation::Event::Restored { blocks, .. }) => {
            Some(*blocks)
        }
        _ => None,
    });
    assert_eq!(lots, filled, "all that was offered is sold");
    row(
        "sold by the engine",
        [size(i64::try_from(lots).expect("few lots"))],
    );
    row("at no less than", [price(limit)]);
    row("sold at", [price(at)]);
    row("loss realised", [money(realised)]);
    row("penalty, 1 % of the value sold", [money(penalty)]);
    row("blocks in which you were unsafe", [blocks.to_string()]);
    let ratio = restored.equity.0 * 10_000 / restored.maintenance.0;
    row(
        "equity over maintenance margin after it",
        [decimal(ratio, 10_000)],
    );
}

/// The one event of a kind.
fn the<T>(stage: &Stage, pick: impl Fn(&RuntimeEvent) -> Option<T>) -> T {
    let mut found = stage.find(pick);
    assert_eq!(found.len(), 1, "one event of the kind");
    found.remove(0)
}

fn health(stage: &mut Stage, actor: &Actor) -> AccountHealth<AccountId> {
    stage
        .chain
        .run(|| Margin::health(actor.account))
        .expect("the account exists")
}

/// Fails unless the guide has a row with this label and these figures.
fn row<const N: usize>(label: &str, figures: [String; N]) {
    let row = format!("| {label} | {} |", figures.join(" | "));
    assert!(
        GUIDE.contains(&row),
        "the traders' guide should have the row\n{row}"
    );
}

/// Fails unless the guide has these words, wherever its lines end.
fn says(words: &str) {
    let text = GUIDE.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains(words),
        "the traders' guide should say: {words}"
    );
}

fn money(cash: Cash) -> String {
    decimal(cash.0, QUANTA)
}

/// Of a whole bitcoin, to the cent.
fn price(lot: LotPrice) -> String {
    let cents = lot.0 * LOTS * 100;
    decimal((cents + QUANTA / 2).div_euclid(QUANTA), 100)
}

fn size(lots: i64) -> String {
    decimal(i128::from(lots), LOTS)
}

/// A fraction as a decimal number with commas, with two decimal places or as many as it takes.
fn decimal(value: i128, one: i128) -> String {
    let (whole, rest) = (value.abs() / one, value.abs() % one);
    let places = one.ilog10() as usize;
    let digits = format!("{rest:0places$}");
    let fraction = format!("{:0<2}", digits.trim_end_matches('0'));
    let mut grouped = whole.to_string();
    for at in (1..grouped.len())
        .rev()
        .filter(|at| (grouped.len() - at).is_multiple_of(3))
        .collect::<Vec<_>>()
    {
        grouped.insert(at, ',');
    }
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{grouped}.{fraction}")
}

#[test]
fn decimal_should_group_thousands_and_keep_every_digit() {
    assert_eq!(decimal(-10_000_500_000_000_000, QUANTA), "-10,000.50");
    assert_eq!(decimal(475_714_400_000_000, QUANTA), "475.7144");
    assert_eq!(decimal(1_405, LOTS), "0.1405");
    assert_eq!(decimal(123_456_700, 100), "1,234,567.00");
}
