//! What clients may ask; for runtime APIs, not for blocks. SPEC 9.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Cash, CompartmentFunds, CompartmentId, MarketId},
};
use caisson_risk::{
    insurance::{Fund, VIRTUAL_ASSETS, VIRTUAL_SHARES},
    Num, Res,
};

use crate::{
    backers, cover,
    limits::Allowance,
    money::{self, Settlement},
    pallet::{Backings, Config, Coverages, Pallet, Records, Series, Terms},
    types::{AllowanceView, BackingView, FundView, MarketFundView, DAY_MS, PRICED_SHARES},
};

impl<T: Config> Pallet<T> {
    /// The funds of a compartment, if it exists.
    pub fn fund_view(compartment: CompartmentId) -> Option<FundView> {
        let settlement = Settlement::of::<T>(compartment).ok()?;
        let pots = T::Funds::pots(compartment);
        let series = Series::<T>::get(compartment);
        let backstop = money::backstop_units::<T>(settlement.asset);
        Some(FundView {
            compartment,
            insurance: pots.insurance,
            backers: pots.backers,
            backstop: settlement.to_cash::<T>(backstop).ok()?,
            series,
            share_price: share_price(&backers::fund::<T>(compartment)).ok()?,
            coverage: Coverages::<T>::get(compartment),
            terms: Terms::<T>::get(compartment),
        })
    }

    /// What a market may still take from the funds of its compartment.
    pub fn market_fund_view(
        compartment: CompartmentId,
        market: MarketId,
    ) -> Option<MarketFundView> {
        let bounds = cover::bounds::<T>(compartment, market);
        let record = Records::<T>::get(compartment, market);
        let pots = T::Funds::pots(compartment);
        let now = T::Time::now_ms();
        let window_ms = bounds.window_ms;
        let of_pot = |bucket, pot, share, window_ms| {
            view(&Allowance::of_pot(bucket, pot, share, window_ms, now).ok()?)
        };
        Some(MarketFundView {
            market,
            max_inventory: pots.insurance.ratio_floor(&bounds.inventory).ok()?,
            drawdown: of_pot(
                &record.drawdown,
                &pots.insurance,
                &bounds.drawdown,
                window_ms,
            )?,
            backers: of_pot(&record.backers, &pots.backers, &bounds.backers, DAY_MS)?,
            backstop: view(&Allowance::of_day(&record.backstop, &bounds.backstop, now).ok()?)?,
            income: record.income,
            paid: record.paid,
        })
    }

    /// A backer's shares in a compartment, and what they are worth.
    pub fn backing_view(compartment: CompartmentId, backer: &T::AccountId) -> Option<BackingView> {
        let backing = Backings::<T>::get(compartment, backer)?;
        let settlement = Settlement::of::<T>(compartment).ok()?;
        let is_worthless = backing.series != Series::<T>::get(compartment).number;
        let worth = |shares| match is_worthless {
            true => Some(Cash::ZERO),
            false => Some(backers::fund::<T>(compartment).redeem(shares).ok()?.0),
        };
        let leaving = backing.leaving.map_or(0, |leaving| leaving.shares);
        Some(BackingView {
            backing,
            is_worthless,
            value: worth(&backing.shares)?,
            leaving_units: settlement.units_in::<T>(&worth(&leaving)?).ok()?,
        })
    }

    /// The account of the treasury's backstop: what is sent there backs all compartments.
    pub fn backstop_account() -> T::AccountId {
        money::backstop_account::<T>()
    }
}

fn view(allowance: &Allowance) -> Option<AllowanceView> {
    Some(AllowanceView {
        used: allowance.used(),
        left: allowance.left().ok()?,
    })
}

/// What [`PRICED_SHARES`] shares are worth, rounded down.
fn share_price(fund: &Fund) -> Res<Cash> {
    let assets = Num::add(&fund.assets.0, &VIRTUAL_ASSETS)?;
    let shares = Num::add(&fund.shares, &VIRTUAL_SHARES)?;
    Ok(Cash(PRICED_SHARES.mul_div_floor(&assets, &shares)?))
}
