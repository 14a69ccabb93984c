//! Paying for a market's losses, layer by layer. SPEC 5.
//!
//! The one way out of the pots besides what backers redeem. Nothing is paid but against a loss that the caller has in
//! its books, and never more than that.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        Cash, CompartmentFunds, CompartmentId, Cover, InsuranceFunds, MarketId, Pot, SafetySignals,
    },
    Moment,
};
use caisson_risk::waterfall::{absorb, Capacity};
use frame_support::{ensure, storage::with_storage_layer, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    backers,
    limits::{Allowance, Bounds},
    money::{self, Settlement},
    pallet::{Config, Error, Event, Pallet, Records, SubLimits, Terms},
    types::MarketRecord,
    weights::WeightInfo,
};

impl<T: Config> InsuranceFunds for Pallet<T> {
    fn cover(
        compartment: CompartmentId,
        market: MarketId,
        loss: Cash,
    ) -> Result<Cover, DispatchError> {
        // All layers or none: half a payment that nobody books would be money lost.
        with_storage_layer(|| cover::<T>(compartment, market, loss))
    }

    fn income(compartment: CompartmentId, market: MarketId, amount: Cash) -> DispatchResult {
        with_storage_layer(|| {
            T::Funds::credit(compartment, Pot::Insurance, amount)?;
            Records::<T>::mutate(compartment, market, |record| {
                record.income = Cash(record.income.0.saturating_add(amount.0));
            });
            Ok(())
        })
    }

    fn capacity(
        compartment: CompartmentId,
        market: MarketId,
        held_notional: Cash,
    ) -> Capacity<i128> {
        // What can't be computed holds nothing.
        capacity::<T>(compartment, market, held_notional).unwrap_or(Capacity {
            max_notional: Cash::ZERO,
            held_notional,
            drawdown_left: Cash::ZERO,
        })
    }

    fn cover_weight() -> Weight {
        T::WeightInfo::cover()
    }
}

/// The bounds of a market now. Two reads.
pub fn bounds<T: Config>(compartment: CompartmentId, market: MarketId) -> Bounds {
    let terms = Terms::<T>::get(compartment);
    Bounds::of(&terms, SubLimits::<T>::get(compartment, market).as_ref())
}

fn capacity<T: Config>(
    compartment: CompartmentId,
    market: MarketId,
    held_notional: Cash,
) -> Result<Capacity<i128>, Error<T>> {
    let bounds = bounds::<T>(compartment, market);
    let pot = T::Funds::pots(compartment).insurance;
    let bucket = Records::<T>::get(compartment, market).drawdown;
    let now = T::Time::now_ms();
    let allowance = Allowance::of_pot(&bucket, &pot, &bounds.drawdown, bounds.window_ms, now)?;
    Ok(Capacity {
        max_notional: pot.ratio_floor(&bounds.inventory)?,
        held_notional,
        drawdown_left: allowance.left()?,
    })
}

/// A loss on its way through the layers.
struct Claim<T> {
    compartment: CompartmentId,
    bounds: Bounds,
    record: MarketRecord,
    now: Moment,
    left: Cash,
    _config: core::marker::PhantomData<T>,
}

fn cover<T: Config>(
    compartment: CompartmentId,
    market: MarketId,
    loss: Cash,
) -> Result<Cover, DispatchError> {
    if !loss.is_positive() {
        return Ok(Cover::default());
    }
    let mut claim = Claim::<T> {
        compartment,
        bounds: bounds::<T>(compartment, market),
        record: Records::<T>::get(compartment, market),
        now: T::Time::now_ms(),
        left: loss,
        _config: core::marker::PhantomData,
    };
    let (insurance, used_ppm) = claim.draw_on_insurance()?;
    let backers = claim.draw_on_backers()?;
    let treasury = claim.draw_on_backstop()?;
    let Claim {
        mut record, left, ..
    } = claim;
    let paid = loss.sub(&left).map_err(Error::<T>::from)?;
    let sum = insurance
        .add(&backers)
        .and_then(|sum| sum.add(&treasury))
        .map_err(Error::<T>::from)?;
    ensure!(
        sum == paid && !left.is_negative(),
        Error::<T>::CorruptedFunds
    );
    if paid.is_positive() {
        record.paid = Cash(record.paid.0.saturating_add(paid.0));
        Records::<T>::insert(compartment, market, record);
        T::Signals::drawdown(compartment, market, paid, used_ppm);
        Pallet::<T>::deposit_event(Event::LossCovered {
            compartment,
            market,
            loss,
            insurance,
            backers,
            treasury,
            left,
        });
    }
    Ok(Cover {
        insurance,
        backers,
        treasury,
    })
}

impl<T: Config> Claim<T> {
    /// The chain's own fund, inside the market's drawdown allowance. Returns what it paid, and the share of the
    /// allowance that is used up then.
    fn draw_on_insurance(&mut self) -> Result<(Cash, u32), DispatchError> {
        let pot = T::Funds::pots(self.compartment).insurance;
        let allowance = Allowance::of_pot(
            &self.record.drawdown,
            &pot,
            &self.bounds.drawdown,
            self.bounds.window_ms,
            self.now,
        )
        .map_err(Error::<T>::from)?;
        let (paid, after) = self.pay(Pot::Insurance, &pot, &allowance)?;
        self.record.drawdown = after.bucket();
        Ok((paid, after.used_ppm().map_err(Error::<T>::from)?))
    }

    /// Those who stake for it, inside the market's share of a day.
    fn draw_on_backers(&mut self) -> Result<Cash, DispatchError> {
        let pot = T::Funds::pots(self.compartment).backers;
        let allowance = Allowance::of_pot(
            &self.record.backers,
            &pot,
            &self.bounds.backers,
            crate::types::DAY_MS,
            self.now,
        )
        .map_err(Error::<T>::from)?;
        let (paid, after) = self.pay(Pot::Backers, &pot, &allowance)?;
        self.record.backers = after.bucket();
        if paid.is_positive() {
            backers::end_series_if_wiped_out::<T>(self.compartment)?;
        }
        Ok(paid)
    }

    fn pay(
        &mut self,
        pot: Pot,
        held: &Cash,
        allowance: &Allowance,
    ) -> Result<(Cash, Allowance), DispatchError> {
        let cap = allowance.left().map_err(Error::<T>::from)?;
        let (paid, left) = absorb(&self.left, held, &cap).map_err(Error::<T>::from)?;
        if paid.is_positive() {
            T::Funds::debit(self.compartment, pot, paid)?;
        }
        self.left = left;
        Ok((paid, allowance.take(&paid).map_err(Error::<T>::from)?))
    }

    /// The treasury's backstop, inside the market's cap of a day. It pays whole units into the insurance pot, from
    /// which the loss is paid; what they are more than the loss stays there.
    fn draw_on_backstop(&mut self) -> Result<Cash, DispatchError> {
        if !self.left.is_positive() || !self.bounds.backstop.is_positive() {
            return Ok(Cash::ZERO);
        }
        let Ok(settlement) = Settlement::of::<T>(self.compartment) else {
            return Ok(Cash::ZERO);
        };
        let allowance = Allowance::of_day(&self.record.backstop, &self.bounds.backstop, self.now)
            .map_err(Error::<T>::from)?;
        let allowed = allowance.left().map_err(Error::<T>::from)?;
        let units = settlement
            .units_for::<T>(&self.left)?
            .min(settlement.units_in::<T>(&allowed)?)
            .min(money::backstop_units::<T>(settlement.asset));
        if units == 0 {
            return Ok(Cash::ZERO);
        }
        let drawn = settlement.to_cash::<T>(units)?;
        let (paid, left) = absorb(&self.left, &drawn, &drawn).map_err(Error::<T>::from)?;
        let moved = with_storage_layer(|| move_units::<T>(self.compartment, units, &drawn, &paid));
        if let Err(error) = moved {
            // An asset that is frozen, say. The layers above have paid, and that stays.
            log::warn!(target: crate::LOG_TARGET, "the backstop could not pay: {error:?}");
            return Ok(Cash::ZERO);
        }
        self.record.backstop = allowance.take(&drawn).map_err(Error::<T>::from)?.bucket();
        self.left = left;
        Ok(paid)
    }
}

fn move_units<T: Config>(
    compartment: CompartmentId,
    units: caisson_primitives::Balance,
    drawn: &Cash,
    paid: &Cash,
) -> DispatchResult {
    let from = money::backstop_account::<T>();
    let received = T::Funds::receive(compartment, Pot::Insurance, &from, units)?;
    ensure!(received == *drawn, Error::<T>::CorruptedFunds);
    T::Funds::debit(compartment, Pot::Insurance, *paid)
}
