//! What clients may ask.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    api::{AccountHealth, PositionHealth, TriggerDensity},
    Account, AccountIndex, Cash, CompartmentId, Contract, Fill, LotPrice, Lots, MarketId,
    MarketPrices, Markets, Position, Ppm, Requirement, Side,
};
use caisson_risk::{margin, triggers as risk, Num, Res};

use crate::{
    fills, health,
    pallet::{AccountIndices, Accounts, Compartments, Config, Pallet},
    sweep::{bucket_prefix, next_key},
    triggers,
    types::{bucket, Exposure},
};

/// The most positions of a side that are counted for the density.
pub const MAX_COUNTED: u32 = 10_000;

/// The most steps of the density.
pub const MAX_STEPS: u32 = 100;

impl<T: Config> Pallet<T> {
    /// The numbers of an owner's accounts, with compartment and sub-number.
    pub fn accounts_of(owner: &T::AccountId) -> Vec<(AccountIndex, CompartmentId, u8)> {
        AccountIndices::<T>::iter_prefix(owner)
            .map(|((compartment, sub), index)| (index, compartment, sub))
            .collect()
    }

    /// How an account stands.
    pub fn health(index: AccountIndex) -> Option<AccountHealth<T::AccountId>> {
        let account = Accounts::<T>::get(index)?;
        let sum = health::assess::<T>(&account, None).ok()?;
        let terms = Compartments::<T>::get(account.compartment)?.terms;
        let positions = account
            .positions
            .iter()
            .filter_map(|position| position_health::<T>(&account, position, &sum.slack))
            .collect();
        Some(AccountHealth {
            equity: sum.equity,
            maintenance: sum.maintenance().ok()?,
            slack: sum.slack,
            initial: sum.initial,
            initial_health: sum.initial_health,
            notional: sum.notional,
            withdrawable: health::withdrawable(
                &account.collateral,
                &sum,
                terms.transfer_margin_ppm,
            )
            .ok()?,
            positions,
            account,
        })
    }

    /// Where an account would be liquidated after a fill, in the fill's market.
    pub fn liquidation_price_after(
        mut account: Account<T::AccountId>,
        contract: &Contract,
        prices: &MarketPrices,
        fill: &Fill,
    ) -> Option<LotPrice> {
        fills::book(&mut account, contract, prices, prices.at, fill).ok()?;
        let known = Some((fill.market, contract, prices));
        let sum = health::assess::<T>(&account, known).ok()?;
        let position = *account.position(fill.market)?;
        liquidation_price(&account, &position, contract, prices, &sum.slack).ok()?
    }

    /// How many positions of a market would be looked at after moves of one, two, ... steps against them.
    pub fn trigger_density(market: MarketId, step_ppm: u32, steps: u32) -> Vec<TriggerDensity> {
        let Some(prices) = T::Markets::prices(market) else {
            return Vec::new();
        };
        let moves: Vec<u32> = (1..=steps.min(MAX_STEPS))
            .map(|step| step.saturating_mul(step_ppm))
            .collect();
        let long = count::<T>(market, &prices, Side::Long, &moves);
        let short = count::<T>(market, &prices, Side::Short, &moves);
        moves
            .into_iter()
            .zip(long.into_iter().zip(short))
            .map(|(move_ppm, (long, short))| TriggerDensity {
                move_ppm,
                long,
                short,
            })
            .collect()
    }
}

/// For each move, how many triggers of a side it crosses.
fn count<T: Config>(
    market: MarketId,
    prices: &MarketPrices,
    side: Side,
    moves: &[u32],
) -> Vec<u32> {
    let mut counts = alloc::vec![0u32; moves.len()];
    crossed::<T>(market, prices, side, moves, |first, _| {
        counts
            .iter_mut()
            .skip(first)
            .for_each(|count| *count = count.saturating_add(1));
    });
    counts
}

/// Calls `note` for each trigger of a side that any of the moves crosses, with the place of the first move that does, and
/// the account; at most [`MAX_COUNTED`] triggers.
pub(crate) fn crossed<T: Config>(
    market: MarketId,
    prices: &MarketPrices,
    side: Side,
    moves: &[u32],
    mut note: impl FnMut(usize, AccountIndex),
) {
    let mut seen = 0u32;
    let coordinates: Vec<Vec<i128>> = moves
        .iter()
        .map(|move_ppm| moved(prices, side, *move_ppm).unwrap_or_default())
        .collect();
    for tier in 0..prices.maintenance.len() {
        let bucket = bucket(side, u8::try_from(tier).unwrap_or(u8::MAX));
        let prefix = bucket_prefix::<T>(Exposure::market(market), bucket);
        let mut at = prefix.clone();
        while let Some((raw, key)) = next_key(&prefix, &at) {
            if seen >= MAX_COUNTED {
                return;
            }
            at = raw;
            let is_crossed = |place: usize| {
                coordinates
                    .get(place)
                    .and_then(|tiers| tiers.get(tier))
                    .is_some_and(|coordinate| i128::from(key.trigger) > *coordinate)
            };
            let Some(first) = (0..moves.len()).find(|place| is_crossed(*place)) else {
                break;
            };
            seen = seen.saturating_add(1);
            note(first, key.account);
        }
    }
}

/// The coordinates of a side, by tier, after the mark moved against it. Margins per lot stay as they are.
fn moved(prices: &MarketPrices, side: Side, move_ppm: u32) -> Res<Vec<i128>> {
    let change = prices.mark.ratio_floor(&Ppm(i128::from(move_ppm)))?;
    let mark = match side {
        Side::Long => prices.mark.sub(&change)?,
        Side::Short => prices.mark.add(&change)?,
    };
    let (long, short) = triggers::coordinates(&mark, &prices.maintenance, &prices.funding)?;
    let of = match side {
        Side::Long => long,
        Side::Short => short,
    };
    Ok(of.into_iter().map(|coordinate| coordinate.0).collect())
}

fn position_health<T: Config>(
    account: &Account<T::AccountId>,
    position: &Position,
    slack: &Cash,
) -> Option<PositionHealth> {
    let contract = T::Markets::contract(position.market)?;
    let prices = T::Markets::prices(position.market)?;
    let build = || -> Res<PositionHealth> {
        let requirement = Requirement::new(&contract, &prices, account.leverage)?;
        let lots = position.lots.widen();
        let owed = prices.funding.sub(&position.checkpoint)?.times(&lots)?;
        let entry = match lots.0 {
            0 => LotPrice::ZERO,
            lots => position
                .cost
                .magnitude()?
                .per_lot_floor(&Lots(lots.magnitude()?))?,
        };
        let maintenance = requirement
            .maintenance_per_lot(requirement.tier(&lots)?)?
            .times(&lots.magnitude()?)?;
        Ok(PositionHealth {
            market: position.market,
            lots: position.lots,
            entry,
            mark: prices.mark,
            unrealised: margin::unrealised(&lots, &prices.mark, &position.cost, &owed)?,
            funding_owed: owed,
            maintenance,
            initial: requirement.total(position.lots, &position.open)?,
            liquidation_price: liquidation_price(account, position, &contract, &prices, slack)?,
            open: position.open,
        })
    };
    build().ok()
}

fn liquidation_price<AccountId>(
    account: &Account<AccountId>,
    position: &Position,
    contract: &Contract,
    prices: &MarketPrices,
    slack: &Cash,
) -> Res<Option<LotPrice>> {
    let lots = position.lots.widen();
    if lots.0 == 0 {
        return Ok(None);
    }
    let requirement = Requirement::new(contract, prices, account.leverage)?;
    let maintenance = requirement.maintenance_per_lot(requirement.tier(&lots)?)?;
    let side = Side::of(&lots);
    let leg = risk::Leg {
        size: lots.magnitude()?,
        coordinate: risk::coordinate(side, &prices.mark, &maintenance, &prices.funding)?,
        risk_per_lot: maintenance,
    };
    health::liquidation_price(
        &leg,
        side,
        slack,
        &prices.mark,
        &maintenance,
        &prices.funding,
    )
}
