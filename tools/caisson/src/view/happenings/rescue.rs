//! Liquidation and who pays for losses, in words.

use super::{tell, Told};
use crate::units::money_short;
use crate::view::{
    frame::Weight,
    words::{error, verb, Names},
};
use caisson_primitives::trading::{Cash, MarketId};
use caisson_runtime::Runtime;
use pallet_liquidation::Event as Engine;

/// What the engine did.
pub fn liquidation(event: &Engine<Runtime>, names: &Names) -> Option<Told> {
    orders(event, names)
        .or_else(|| takeovers(event, names))
        .or_else(|| losses(event, names))
}

/// Accounts that get their margin back by trading.
fn orders(event: &Engine<Runtime>, names: &Names) -> Option<Told> {
    match event {
        // Only the first try: the next ones are of the same liquidation, whose end is told again.
        Engine::OrderEntered {
            account,
            market,
            side,
            lots,
            limit,
            attempt: 0,
            equity,
            slack,
        } => tell(
            "liquidation.OrderEntered",
            Weight::Notable,
            *market,
            format!(
                "account {account} is {} short of margin with equity {}: liquidation offers to {} {} at {} or better",
                money_short(Cash(slack.0.saturating_neg())),
                money_short(*equity),
                verb(*side),
                names.size(*market, *lots),
                names.price(*market, *limit),
            ),
        ),
        Engine::Bought {
            account,
            market,
            side,
            lots,
            price,
            ..
        } => tell(
            "liquidation.Bought",
            Weight::Notable,
            *market,
            format!(
                "account {account} could not {} in the call: the fund took {} at {}",
                verb(*side),
                names.size(*market, *lots),
                names.price(*market, *price),
            ),
        ),
        Engine::Restored {
            account,
            market,
            blocks,
            ..
        } => tell(
            "liquidation.Restored",
            Weight::Calm,
            *market,
            format!(
                "account {account}, liquidated in {}, {}",
                names.market(*market),
                restored(*blocks)
            ),
        ),
        _ => None,
    }
}

/// How long it took.
fn restored(blocks: u32) -> String {
    match blocks {
        0 => "is restored in the same block".to_owned(),
        1 => "is restored after 1 block".to_owned(),
        more => format!("is restored after {more} blocks"),
    }
}

/// Accounts that the funds took over, and what became of their positions.
fn takeovers(event: &Engine<Runtime>, names: &Names) -> Option<Told> {
    match event {
        Engine::TakenOver {
            account,
            market,
            positions,
            equity,
            loss,
            ..
        } => tell(
            "liquidation.TakenOver",
            Weight::Grave,
            *market,
            format!(
                "account {account} is taken over by the fund of {} with {positions} position{} and equity {}, a loss of {}",
                names.market(*market),
                if *positions == 1 { "" } else { "s" },
                money_short(*equity),
                money_short(*loss),
            ),
        ),
        Engine::Deleveraged {
            account,
            market,
            side,
            lots,
            price,
            ..
        } => tell(
            "liquidation.Deleveraged",
            Weight::Grave,
            *market,
            format!(
                "account {account} is deleveraged: {} closed ({}) at the mark {}",
                names.size(*market, *lots),
                verb(*side),
                names.price(*market, *price),
            ),
        ),
        _ => None,
    }
}

/// Losses and what should never be.
fn losses(event: &Engine<Runtime>, names: &Names) -> Option<Told> {
    match event {
        Engine::ProfitCut {
            account,
            market,
            profit,
            cut,
        } => tell(
            "liquidation.ProfitCut",
            Weight::Grave,
            *market,
            format!(
                "haircut: account {account} gives {} of a profit of {} for the deficit of {}",
                money_short(*cut),
                money_short(*profit),
                names.market(*market),
            ),
        ),
        Engine::DeficitChanged {
            market,
            before,
            after,
        } => tell(
            "liquidation.DeficitChanged",
            Weight::Grave,
            *market,
            format!(
                "the deficit of {} that nobody covered went from {} to {}",
                names.market(*market),
                money_short(*before),
                money_short(*after),
            ),
        ),
        Engine::GivenUp {
            market,
            deficit,
            mark,
        } => tell(
            "liquidation.GivenUp",
            Weight::Grave,
            *market,
            format!(
                "{} is given up with a deficit of {}: it settles at the mark {}",
                names.market(*market),
                money_short(*deficit),
                names.price(*market, *mark),
            ),
        ),
        Engine::CouldNotLiquidate {
            account,
            error: why,
        } => tell(
            "liquidation.CouldNotLiquidate",
            Weight::Grave,
            None,
            format!(
                "account {account} could not be liquidated, which should never be: {}",
                error(why)
            ),
        ),
        Engine::FundFailed { market, error: why } => tell(
            "liquidation.FundFailed",
            Weight::Grave,
            *market,
            format!(
                "the fund of {} could not work, which should never be: {}",
                names.market(*market),
                error(why)
            ),
        ),
        _ => None,
    }
}

/// What funds and backers paid.
pub fn insurance(event: &pallet_insurance::Event<Runtime>, names: &Names) -> Option<Told> {
    use pallet_insurance::Event;
    match event {
        Event::LossCovered {
            market,
            loss,
            insurance,
            backers,
            treasury,
            left,
            ..
        } => tell(
            "insurance.LossCovered",
            Weight::Grave,
            *market,
            format!(
                "a loss of {} in {}: insurance paid {}, backers {}, treasury {}; {} left",
                money_short(*loss),
                names.market(*market),
                money_short(*insurance),
                money_short(*backers),
                money_short(*treasury),
                money_short(*left),
            ),
        ),
        Event::BackersWipedOut { compartment, .. } => tell(
            "insurance.BackersWipedOut",
            Weight::Grave,
            None,
            format!("the backers of compartment {compartment} are wiped out"),
        ),
        Event::FundBelowTarget {
            compartment,
            target,
            fund,
        } => tell(
            "insurance.FundBelowTarget",
            Weight::Notable,
            None,
            format!(
                "the funds of compartment {compartment} hold {}, less than their target {}",
                money_short(*fund),
                money_short(*target),
            ),
        ),
        Event::FundReachedTarget {
            compartment,
            target,
            fund,
        } => tell(
            "insurance.FundReachedTarget",
            Weight::Calm,
            None,
            format!(
                "the funds of compartment {compartment} hold {} again, their target is {}",
                money_short(*fund),
                money_short(*target),
            ),
        ),
        _ => None,
    }
}

/// Withdrawals that wait, markets that settle with a loss.
pub fn margin(event: &pallet_margin::Event<Runtime>, names: &Names) -> Option<Told> {
    use pallet_margin::Event;
    let shared = |kind, market: MarketId, text: String| {
        tell(
            kind,
            Weight::Grave,
            market,
            format!("{}: {text}", names.market(market)),
        )
    };
    match event {
        Event::WithdrawalQueued {
            account,
            compartment,
            number,
            ..
        } => tell(
            "margin.WithdrawalQueued",
            Weight::Notable,
            None,
            format!("a withdrawal of account {account} waits as number {number} of compartment {compartment}"),
        ),
        Event::QueuedWithdrawalPaid {
            compartment,
            number,
            left,
            ..
        } => tell(
            "margin.QueuedWithdrawalPaid",
            Weight::Calm,
            None,
            format!(
                "withdrawal {number} of compartment {compartment} is paid{}",
                if *left == 0 { "" } else { " in part" }
            ),
        ),
        Event::SharingBegan {
            market,
            deficit,
            profits,
        } => shared(
            "margin.SharingBegan",
            *market,
            format!(
                "a deficit of {} is shared over profits of {}",
                money_short(*deficit),
                money_short(*profits)
            ),
        ),
        Event::ShortfallLeft { market, left, .. } => shared(
            "margin.ShortfallLeft",
            *market,
            format!("settled with {} that nobody could pay", money_short(*left)),
        ),
        Event::CouldNotAssess { account, error: why } => tell(
            "margin.CouldNotAssess",
            Weight::Grave,
            None,
            format!("account {account} could not be assessed, which should never be: {}", error(why)),
        ),
        _ => None,
    }
}
