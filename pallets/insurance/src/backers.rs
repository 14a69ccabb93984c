//! Backers: who stake for shares of a compartment's second pot. SPEC 6, 7.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Admission, Cash, CompartmentFunds, CompartmentId, Pot, WithdrawalGate},
    Balance, Moment,
};
use caisson_risk::{
    insurance::{Fund, VIRTUAL_ASSETS, VIRTUAL_SHARES},
    Num, Res,
};
use frame_support::ensure;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    money::Settlement,
    pallet::{Backings, Config, Error, Event, Pallet, Series, Terms},
    types::{Backing, Leaving, ShareSeries, Shares, WIPED_OUT_FACTOR},
};

/// The backers' pot with the shares that count, as share arithmetic sees it. Two reads.
pub fn fund<T: Config>(compartment: CompartmentId) -> Fund {
    Fund {
        assets: T::Funds::pots(compartment).backers,
        shares: Series::<T>::get(compartment).shares,
    }
}

/// Stakes units of the settlement asset for shares at the price of the moment. SPEC 6.2.
pub fn back<T: Config>(
    who: &T::AccountId,
    compartment: CompartmentId,
    units: Balance,
) -> DispatchResult {
    let settlement = Settlement::of::<T>(compartment)?;
    let amount = settlement.to_cash::<T>(units)?;
    let least = Terms::<T>::get(compartment).min_backing;
    ensure!(
        amount.is_positive() && least.is_le(&amount),
        Error::<T>::BelowMinimumBacking
    );
    claim_orphaned_pot::<T>(compartment)?;
    let (minted, after) = fund::<T>(compartment)
        .deposit(&amount)
        .map_err(Error::<T>::from)?;
    ensure!(minted > 0, Error::<T>::NoShares);
    let received = T::Funds::receive(compartment, Pot::Backers, who, units)?;
    ensure!(received == amount, Error::<T>::CorruptedFunds);

    let series = Series::<T>::mutate(compartment, |series| {
        series.shares = after.shares;
        series.number
    });
    let mut backing = current_or_new::<T>(who, compartment, series);
    backing.shares = Num::add(&backing.shares, &minted).map_err(Error::<T>::from)?;
    Backings::<T>::insert(compartment, who, backing);
    Pallet::<T>::deposit_event(Event::Backed {
        compartment,
        backer: who.clone(),
        units,
        shares: minted,
        held: backing.shares,
    });
    Ok(())
}

/// What a backer holds in the current series; shares of an earlier one are struck off.
fn current_or_new<T: Config>(
    who: &T::AccountId,
    compartment: CompartmentId,
    series: u32,
) -> Backing {
    match Backings::<T>::get(compartment, who) {
        Some(backing) if backing.series == series => backing,
        stale => {
            if let Some(backing) = stale {
                strike_off::<T>(who, compartment, &backing);
            }
            Backing {
                series,
                ..Default::default()
            }
        }
    }
}

fn strike_off<T: Config>(who: &T::AccountId, compartment: CompartmentId, backing: &Backing) {
    Backings::<T>::remove(compartment, who);
    Pallet::<T>::deposit_event(Event::SharesStruckOff {
        compartment,
        backer: who.clone(),
        series: backing.series,
        shares: backing.shares,
    });
}

/// What is in the pot while nobody has a share of it goes to the insurance fund, so that shares begin at their first
/// price and nobody buys into what others left. SPEC 6.5.
fn claim_orphaned_pot<T: Config>(compartment: CompartmentId) -> DispatchResult {
    let fund = fund::<T>(compartment);
    if fund.shares != 0 || !fund.assets.is_positive() {
        return Ok(());
    }
    T::Funds::debit(compartment, Pot::Backers, fund.assets)?;
    T::Funds::credit(compartment, Pot::Insurance, fund.assets)?;
    Pallet::<T>::deposit_event(Event::OrphanedPotClaimed {
        compartment,
        amount: fund.assets,
    });
    Ok(())
}

/// Begins the cool-down of some shares. SPEC 6.3.
pub fn leave<T: Config>(
    who: &T::AccountId,
    compartment: CompartmentId,
    shares: Shares,
) -> DispatchResult {
    let mut backing = current::<T>(who, compartment)?;
    ensure!(backing.leaving.is_none(), Error::<T>::AlreadyLeaving);
    ensure!(
        shares > 0 && shares <= backing.shares,
        Error::<T>::NotEnoughShares
    );
    let terms = Terms::<T>::get(compartment);
    let stays = Num::sub(&backing.shares, &shares).map_err(Error::<T>::from)?;
    let (worth, _) = fund::<T>(compartment)
        .redeem(&stays)
        .map_err(Error::<T>::from)?;
    ensure!(
        stays == 0 || terms.min_backing.is_le(&worth),
        Error::<T>::StaysTooLittle
    );
    let at = T::Time::now_ms().saturating_add(Moment::from(terms.cool_down_ms));
    backing.leaving = Some(Leaving { shares, at });
    Backings::<T>::insert(compartment, who, backing);
    Pallet::<T>::deposit_event(Event::Leaves {
        compartment,
        backer: who.clone(),
        shares,
        at,
    });
    Ok(())
}

/// Ends the cool-down: what was to leave stays.
pub fn stay<T: Config>(who: &T::AccountId, compartment: CompartmentId) -> DispatchResult {
    let mut backing = current::<T>(who, compartment)?;
    let leaving = backing.leaving.take().ok_or(Error::<T>::NotLeaving)?;
    Backings::<T>::insert(compartment, who, backing);
    Pallet::<T>::deposit_event(Event::Stays {
        compartment,
        backer: who.clone(),
        shares: leaving.shares,
    });
    Ok(())
}

/// Pays out what left, in whole units, once its cool-down is over and the gate lets it. SPEC 6.4.
pub fn redeem<T: Config>(who: &T::AccountId, compartment: CompartmentId) -> DispatchResult {
    let backing = Backings::<T>::get(compartment, who).ok_or(Error::<T>::NotABacker)?;
    let series = Series::<T>::get(compartment);
    if backing.series != series.number {
        strike_off::<T>(who, compartment, &backing);
        return Ok(());
    }
    let leaving = backing.leaving.ok_or(Error::<T>::NotLeaving)?;
    ensure!(T::Time::now_ms() >= leaving.at, Error::<T>::CoolingDown);
    let settlement = Settlement::of::<T>(compartment)?;
    let (worth, after) = fund::<T>(compartment)
        .redeem(&leaving.shares)
        .map_err(Error::<T>::from)?;
    let units = settlement.units_in::<T>(&worth)?;
    let amount = settlement.to_cash::<T>(units)?;
    if units > 0 {
        pay_out::<T>(who, compartment, units, amount)?;
    }
    Series::<T>::insert(
        compartment,
        ShareSeries {
            shares: after.shares,
            ..series
        },
    );
    let held = Num::sub(&backing.shares, &leaving.shares).map_err(Error::<T>::from)?;
    match held {
        0 => Backings::<T>::remove(compartment, who),
        _ => Backings::<T>::insert(
            compartment,
            who,
            Backing {
                shares: held,
                leaving: None,
                ..backing
            },
        ),
    }
    Pallet::<T>::deposit_event(Event::Redeemed {
        compartment,
        backer: who.clone(),
        shares: leaving.shares,
        units,
        held,
    });
    Ok(())
}

fn pay_out<T: Config>(
    who: &T::AccountId,
    compartment: CompartmentId,
    units: Balance,
    amount: Cash,
) -> DispatchResult {
    match T::Gate::admit(compartment, amount, false)? {
        Admission::Now => {}
        // Shares can't wait in a queue of money: they bear losses until they are paid.
        Admission::Queue => return Err(Error::<T>::MustWait.into()),
    }
    let paid = T::Funds::pay_out(compartment, Pot::Backers, who, amount)?;
    ensure!(paid == (units, amount), Error::<T>::CorruptedFunds);
    Ok(())
}

/// Brings units into the insurance pot, for nothing.
pub fn donate<T: Config>(
    who: &T::AccountId,
    compartment: CompartmentId,
    units: Balance,
) -> DispatchResult {
    ensure!(units > 0, Error::<T>::ZeroAmount);
    let amount = T::Funds::receive(compartment, Pot::Insurance, who, units)?;
    Pallet::<T>::deposit_event(Event::Donated {
        compartment,
        donor: who.clone(),
        units,
        amount,
    });
    Ok(())
}

/// A backer's shares, if they are of the series that counts.
fn current<T: Config>(
    who: &T::AccountId,
    compartment: CompartmentId,
) -> Result<Backing, DispatchError> {
    let backing = Backings::<T>::get(compartment, who).ok_or(Error::<T>::NotABacker)?;
    let series = Series::<T>::get(compartment).number;
    ensure!(backing.series == series, Error::<T>::WipedOut);
    Ok(backing)
}

/// Whether shares are worth so little that the next ones could not be counted. SPEC 7.1.
///
/// The first ones of a series cost [`VIRTUAL_ASSETS`] for [`VIRTUAL_SHARES`].
pub fn is_wiped_out(fund: &Fund) -> Res<bool> {
    if fund.shares == 0 {
        return Ok(false);
    }
    let price_shares = Num::add(&fund.shares, &VIRTUAL_SHARES)?;
    let price_assets = Num::add(&fund.assets.0, &VIRTUAL_ASSETS)?;
    let least = Num::mul(&VIRTUAL_SHARES, &WIPED_OUT_FACTOR)?;
    let is_worth_something = i128::products_le(&price_shares, &1, &price_assets, &least)?;
    Ok(!fund.assets.is_positive() || !is_worth_something)
}

/// Begins a new series of shares if a loss has wiped the current one out. SPEC 7.
pub fn end_series_if_wiped_out<T: Config>(compartment: CompartmentId) -> DispatchResult {
    let fund = fund::<T>(compartment);
    if !is_wiped_out(&fund).map_err(Error::<T>::from)? {
        return Ok(());
    }
    let ended = Series::<T>::get(compartment);
    let number = ended.number.checked_add(1).ok_or(Error::<T>::TooLarge)?;
    Series::<T>::insert(compartment, ShareSeries { number, shares: 0 });
    Pallet::<T>::deposit_event(Event::BackersWipedOut {
        compartment,
        series: ended.number,
        shares: ended.shares,
        left: fund.assets,
    });
    Ok(())
}
