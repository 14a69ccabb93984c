//! How an account stands: SPEC 5.
//!
//! ```text
//! equity         = money + haircut collateral + sum (lots * mark - cost - funding owed)
//! slack          = equity - maintenance margin             = base + sum |lots| * coordinate
//! initial health = money + haircut collateral + sum (counted profit - requirement)
//! ```

use alloc::vec::Vec;
use caisson_primitives::trading::{
    Account, AccountRole, Armed, Cash, Contract, Coordinate, Headroom, LotPrice, Lots, MarketId,
    MarketPrices, Markets, Position, Requirement, Side,
};
use caisson_risk::{margin, triggers, Num, Res, RiskError};
use frame_support::traits::Get;
use sp_runtime::DispatchError;

use crate::{
    pallet::{Collaterals, Config, Error},
    types::{bucket, CollateralList, Exposure},
};

/// A position or a pledge as the trigger index sees it.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// What it waits on.
    pub exposure: Exposure,
    /// Side and tier.
    pub bucket: u8,
    /// Size, coordinate and share key.
    pub leg: triggers::Leg,
    /// Where it stands in the index now.
    pub armed: Option<Armed>,
}

/// How an account stands.
#[derive(Clone, Debug, Default)]
pub struct Assessment {
    /// Money, other collateral after haircuts, profits and losses at mark.
    pub equity: Cash,
    /// Equity minus maintenance margin.
    pub slack: Cash,
    /// What positions and orders must hold.
    pub initial: Cash,
    /// What counts against that, minus it.
    pub initial_health: Cash,
    /// All positions at mark.
    pub notional: Cash,
    /// Positions with lots, then pledges, in the order of the account.
    pub legs: Vec<Leg>,
    /// Whether all prices are fresh enough to withdraw on.
    pub fresh: bool,
}

impl Assessment {
    /// Maintenance margin of all positions.
    pub fn maintenance(&self) -> Res<Cash> {
        self.equity.sub(&self.slack)
    }
}

/// A market that the caller has read already.
pub type Known<'a> = Option<(MarketId, &'a Contract, &'a MarketPrices)>;

/// A position with lots, as it was valued in an assessment.
pub struct Valued<'a> {
    /// The position.
    pub position: &'a Position,
    /// Its market's prices.
    pub prices: &'a MarketPrices,
    /// Its size, a magnitude.
    pub size: Lots<i128>,
    /// Its profit at mark, less funding owed.
    pub profit: Cash,
    /// Maintenance margin of one lot.
    pub maintenance: LotPrice,
}

/// Adds up an account. One or two reads for each market it is in that is not `known`.
pub fn assess<T: Config>(
    account: &Account<T::AccountId>,
    known: Known<'_>,
) -> Result<Assessment, DispatchError> {
    assess_each::<T>(account, known, |_| Ok(()))
}

/// The same, and shows each position with lots to `each`.
pub fn assess_each<T: Config>(
    account: &Account<T::AccountId>,
    known: Known<'_>,
    mut each: impl FnMut(&Valued<'_>) -> Res<()>,
) -> Result<Assessment, DispatchError> {
    let is_fund = account.role == AccountRole::Fund;
    let mut sum = Assessment {
        equity: account.collateral,
        slack: account.collateral,
        initial_health: account.collateral,
        fresh: true,
        ..Assessment::default()
    };
    for position in &account.positions {
        with_market::<T, _>(position.market, known, |contract, prices| {
            let requirement = Requirement::new(contract, prices, account.leverage)?;
            match add_position(&mut sum, position, &requirement, prices, is_fund)? {
                Some(valued) => each(&valued),
                None => Ok(()),
            }
        })?
        .map_err(Error::<T>::from)?;
    }
    if !account.pledges.is_empty() {
        let list = Collaterals::<T>::get();
        add_pledges(&mut sum, account, &list).map_err(Error::<T>::from)?;
    }
    Ok(sum)
}

/// What the account can spend on a market: all but that market's requirement.
pub fn headroom<T: Config>(
    account: &Account<T::AccountId>,
    market: MarketId,
    contract: &Contract,
    prices: &MarketPrices,
) -> Result<Headroom, DispatchError> {
    let sum = assess::<T>(account, Some((market, contract, prices)))?;
    let build = || -> Res<Headroom> {
        let requirement = Requirement::new(contract, prices, account.leverage)?;
        let lots = account.lots(market);
        let own = requirement.total(lots, &account.open(market))?;
        Ok(Headroom {
            available: sum.initial_health.add(&own)?,
            requirement,
            lots,
            slack: sum.slack,
            equity: sum.equity,
        })
    };
    build().map_err(|error| Error::<T>::from(error).into())
}

/// Runs `f` on a market's contract and prices, read unless known.
fn with_market<T: Config, R>(
    market: MarketId,
    known: Known<'_>,
    f: impl FnOnce(&Contract, &MarketPrices) -> R,
) -> Result<R, DispatchError> {
    match known {
        Some((id, contract, prices)) if id == market => Ok(f(contract, prices)),
        _ => {
            let contract = T::Markets::contract(market).ok_or(Error::<T>::NoSuchMarket)?;
            let prices = T::Markets::prices(market).ok_or(Error::<T>::NoPrice)?;
            Ok(f(&contract, &prices))
        }
    }
}

/// Adds a position up. What a fund holds may be larger than any tier, since nothing is asked of it: it counts as in the last.
fn add_position<'a>(
    sum: &mut Assessment,
    position: &'a Position,
    requirement: &Requirement,
    prices: &'a MarketPrices,
    is_fund: bool,
) -> Res<Option<Valued<'a>>> {
    use caisson_primitives::oracle::Act;

    if !is_fund {
        let asked = requirement.total(position.lots, &position.open)?;
        sum.initial = sum.initial.add(&asked)?;
        sum.initial_health = sum.initial_health.sub(&asked)?;
    }
    let lots = position.lots.widen();
    if lots.0 == 0 {
        return Ok(None);
    }
    let owed = prices.funding.sub(&position.checkpoint)?.times(&lots)?;
    let profit = margin::unrealised(&lots, &prices.mark, &position.cost, &owed)?;
    let fresh = prices.status.allows(Act::Withdraw);
    let counted = requirement.counted_profit(position.lots, &position.cost, &owed, fresh)?;
    let size = lots.magnitude()?;
    let tier = match requirement.tier(&lots) {
        Err(RiskError::OutOfRange) if is_fund => prices.maintenance.len().saturating_sub(1),
        tier => tier?,
    };
    let maintenance = requirement.maintenance_per_lot(tier)?;
    let side = Side::of(&lots);
    let coordinate = triggers::coordinate(side, &prices.mark, &maintenance, &prices.funding)?;

    sum.equity = sum.equity.add(&profit)?;
    // slack = base + size * C, with the base's part of this position.
    let base = triggers::position_base(&lots, &position.cost, &position.checkpoint)?;
    sum.slack = sum.slack.add(&base)?.add(&coordinate.times(&size)?)?;
    sum.initial_health = sum.initial_health.add(&counted)?;
    sum.notional = sum.notional.add(&prices.mark.times(&size)?)?;
    sum.fresh &= fresh;
    sum.legs.push(Leg {
        exposure: Exposure::market(position.market),
        bucket: bucket(side, u8::try_from(tier).map_err(|_| RiskError::OutOfRange)?),
        leg: triggers::Leg {
            size,
            coordinate,
            risk_per_lot: maintenance.larger(&LotPrice(1)),
        },
        armed: position.armed,
    });
    Ok(Some(Valued {
        position,
        prices,
        size,
        profit,
        maintenance,
    }))
}

fn add_pledges<AccountId>(
    sum: &mut Assessment,
    account: &Account<AccountId>,
    list: &CollateralList,
) -> Res<()> {
    for pledge in &account.pledges {
        let (place, listing) = list
            .iter()
            .enumerate()
            .find(|(_, one)| one.compartment == account.compartment && one.asset == pledge.asset)
            .ok_or(RiskError::Empty)?;
        let size = pledge.lots.widen();
        let value = listing.price.times(&size)?;
        sum.equity = sum.equity.add(&value)?;
        sum.slack = sum.slack.add(&value)?;
        sum.initial_health = sum.initial_health.add(&value)?;
        sum.fresh &= listing.fresh;
        sum.legs.push(Leg {
            exposure: Exposure::collateral(u8::try_from(place).map_err(|_| RiskError::OutOfRange)?),
            bucket: bucket(Side::Long, 0),
            leg: triggers::Leg {
                size,
                coordinate: Coordinate(listing.price.0),
                risk_per_lot: listing.price.larger(&LotPrice(1)),
            },
            armed: pledge.armed,
        });
    }
    Ok(())
}

/// Conservative equity above what must stay when money leaves: the greater of what positions and orders must hold
/// and a share of all positions. Negative is too little.
pub fn spare(sum: &Assessment, transfer_margin_ppm: u32) -> Res<Cash> {
    let share = caisson_primitives::trading::Ppm(i128::from(transfer_margin_ppm));
    let left = margin::transfer_margin(&sum.initial, &sum.notional, &share)?;
    sum.initial_health.add(&sum.initial)?.sub(&left)
}

/// What of the settlement asset can leave an account that stands so: what is spare, never more than its money.
pub fn withdrawable(collateral: &Cash, sum: &Assessment, transfer_margin_ppm: u32) -> Res<Cash> {
    let spare = spare(sum, transfer_margin_ppm)?;
    Ok(spare.smaller(collateral).positive_part())
}

/// The mark at which an account with that slack falls short while all else stands still, to a quantum for one lot
/// (margin is taken in proportion to the price); nothing when no positive price does.
///
/// ```text
/// long  : P - P * r - F = safe coordinate,  P = ceil((safe + F) * mark / (mark - margin))
/// short : F - P - P * r = safe coordinate,  P = floor((F - safe) * mark / (mark + margin))
/// ```
pub fn liquidation_price(
    leg: &triggers::Leg,
    side: Side,
    slack: &Cash,
    mark: &LotPrice,
    maintenance: &LotPrice,
    funding: &LotPrice,
) -> Res<Option<LotPrice>> {
    let safe = triggers::safe_until(leg, slack)?;
    let price = match side {
        Side::Long => {
            let whole = mark.sub(maintenance)?;
            if !whole.is_positive() {
                return Ok(None);
            }
            safe.0.add(&funding.0)?.mul_div_ceil(&mark.0, &whole.0)?
        }
        Side::Short => funding
            .0
            .sub(&safe.0)?
            .mul_div_floor(&mark.0, &mark.add(maintenance)?.0)?,
    };
    Ok((price > 0).then_some(LotPrice(price)))
}

/// The step under which an account of several legs is watched instead of armed: a share of its notional.
pub fn step<T: Config>(sum: &Assessment) -> Res<Cash> {
    let share = caisson_primitives::trading::Ppm(i128::from(T::WatchStepPpm::get()));
    sum.notional.ratio_ceil(&share)
}
