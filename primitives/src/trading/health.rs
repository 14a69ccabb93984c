//! What an account must hold for one market, and what it has to spend on it.
//!
//! ```text
//! requirement    = worst size * initial margin per lot + reserves of its orders
//! worst size     = max(|lots + buys|, |lots - sells|)
//! reserve        = buys  * (max(0, highest buy - long price) + fee reserve)
//!                + sells * (max(0, short price - lowest sell) + fee reserve)
//! initial health = money + haircut collateral + sum over markets (counted profit - requirement)
//! ```
//!
//! Long price and short price are the more conservative of mark and stable price for that side. The reserve takes
//! the worst limit of a side for all of it, so it needs no list of orders; it is never less than what any set of
//! the orders can lose, and it is zero for quotes on the right side of the mark.
//!
//! While initial health is not negative no set of fills at the limits or better makes it negative: a fill of `x`
//! lots takes at most `x` times the reserve per lot from equity, gives that reserve back, and the worst size
//! doesn't grow.

use alloc::vec::Vec;
use caisson_risk::{margin, Cash, LotPrice, Lots, Ppm, Res, RiskError, Side};

use super::{
    account::OpenOrders,
    market::{Contract, MarketPrices, Ticks},
};

/// What one market asks of an account, by the size of its position and orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    bounds: Vec<Lots<i128>>,
    initial: Vec<LotPrice>,
    maintenance: Vec<LotPrice>,
    long_price: LotPrice,
    short_price: LotPrice,
    mark: LotPrice,
    fee_reserve: LotPrice,
    tick: i128,
}

impl Requirement {
    /// From a market's contract and prices, and the leverage that the owner of the account chose, zero for none.
    pub fn new(contract: &Contract, prices: &MarketPrices, leverage: u8) -> Res<Self> {
        let chosen = match u32::from(leverage) {
            0 => LotPrice::ZERO,
            leverage => LotPrice(caisson_risk::Num::div_ceil(
                &prices.mark.0,
                &i128::from(leverage),
            )?),
        };
        Ok(Self {
            bounds: contract.tier_bounds.iter().map(Lots::widen).collect(),
            initial: prices
                .initial
                .iter()
                .map(|margin| margin.larger(&chosen))
                .collect(),
            maintenance: prices.maintenance.to_vec(),
            long_price: prices.mark.smaller(&prices.stable),
            short_price: prices.mark.larger(&prices.stable),
            mark: prices.mark,
            fee_reserve: prices.fee_reserve,
            tick: i128::from(contract.tick),
        })
    }

    /// The size tier of a size, signed or not. Errors: [`RiskError::OutOfRange`] beyond the last.
    pub fn tier(&self, lots: &Lots<i128>) -> Res<usize> {
        let size = lots.magnitude()?;
        if self.bounds.is_empty() {
            return Err(RiskError::Empty);
        }
        self.bounds
            .iter()
            .position(|bound| size.is_le(bound))
            .ok_or(RiskError::OutOfRange)
    }

    /// Initial margin of one lot in a tier.
    pub fn initial_per_lot(&self, tier: usize) -> Res<LotPrice> {
        self.initial.get(tier).copied().ok_or(RiskError::Empty)
    }

    /// Maintenance margin of one lot in a tier.
    pub fn maintenance_per_lot(&self, tier: usize) -> Res<LotPrice> {
        self.maintenance.get(tier).copied().ok_or(RiskError::Empty)
    }

    /// What one lot of an order can lose against the conservative price when it is filled at that limit, with
    /// the fee.
    pub fn loss_per_lot(&self, side: Side, limit: Ticks) -> Res<LotPrice> {
        let limit = LotPrice(caisson_risk::Num::mul(&i128::from(limit), &self.tick)?);
        let reference = match side {
            Side::Long => &self.long_price,
            Side::Short => &self.short_price,
        };
        let loss = margin::order_loss(side, &Lots(1), &limit, reference)?;
        LotPrice(loss.0).add(&self.fee_reserve)
    }

    /// The same against the mark: what a fill at that limit takes from slack, before margin is released.
    pub fn loss_per_lot_at_mark(&self, side: Side, limit: Ticks) -> Res<LotPrice> {
        let limit = LotPrice(caisson_risk::Num::mul(&i128::from(limit), &self.tick)?);
        let loss = margin::order_loss(side, &Lots(1), &limit, &self.mark)?;
        LotPrice(loss.0).add(&self.fee_reserve)
    }

    /// The worst size that position and orders can reach.
    pub fn worst(&self, lots: Lots, open: &OpenOrders) -> Res<Lots<i128>> {
        margin::worst_side(
            &lots.widen(),
            &Lots(i128::from(open.buy)),
            &Lots(i128::from(open.sell)),
        )
    }

    /// Initial margin of position and orders.
    pub fn initial(&self, lots: Lots, open: &OpenOrders) -> Res<Cash> {
        let worst = self.worst(lots, open)?;
        if !worst.is_positive() {
            return Ok(Cash::ZERO);
        }
        self.initial_per_lot(self.tier(&worst)?)?.times(&worst)
    }

    /// What fills of the orders can lose.
    pub fn reserve(&self, open: &OpenOrders) -> Res<Cash> {
        let of = |side, lots: u64, limit| match lots {
            0 => Ok(Cash::ZERO),
            lots => self
                .loss_per_lot(side, limit)?
                .times(&Lots(i128::from(lots))),
        };
        of(Side::Long, open.buy, open.highest_buy)?.add(&of(
            Side::Short,
            open.sell,
            open.lowest_sell,
        )?)
    }

    /// Initial margin and reserves together.
    pub fn total(&self, lots: Lots, open: &OpenOrders) -> Res<Cash> {
        self.initial(lots, open)?.add(&self.reserve(open)?)
    }

    /// The profit of a position that counts toward initial health: at the conservative price, and a profit only on a
    /// fresh price and only up to the initial margin that its lots have in the first tier; a loss in full.
    ///
    /// The cap is linear in the lots, so closing a part never makes less count than before.
    pub fn counted_profit(
        &self,
        lots: Lots,
        cost: &Cash,
        funding_owed: &Cash,
        fresh: bool,
    ) -> Res<Cash> {
        if lots.0 == 0 {
            return Ok(Cash::ZERO);
        }
        let wide = lots.widen();
        let price = match Side::of(&wide) {
            Side::Long => &self.long_price,
            Side::Short => &self.short_price,
        };
        let profit = margin::unrealised(&wide, price, cost, funding_owed)?;
        let cap = match fresh {
            true => self.initial_per_lot(0)?.times(&wide.magnitude()?)?,
            false => Cash::ZERO,
        };
        Ok(margin::capped_profit(&profit, &cap))
    }
}

/// What an account can spend on one market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headroom {
    /// What the market asks.
    pub requirement: Requirement,
    /// The position there.
    pub lots: Lots,
    /// Initial health without that market's requirement: money, collateral, counted profits, less what other
    /// markets ask.
    pub available: Cash,
    /// Equity minus maintenance margin of the whole account.
    pub slack: Cash,
    /// Equity of the whole account at mark.
    pub equity: Cash,
}

impl Headroom {
    /// Initial health with these open orders in the market.
    pub fn health(&self, open: &OpenOrders) -> Res<Cash> {
        self.available
            .sub(&self.requirement.total(self.lots, open)?)
    }

    /// The part of the account's maximum share, in ppm, of what it could spend; for display.
    pub fn used_ppm(&self, open: &OpenOrders) -> Res<Ppm<i128>> {
        let used = self.requirement.total(self.lots, open)?;
        if !self.available.is_positive() {
            return Ok(Ppm::one());
        }
        margin::margin_ratio(&used, &self.available)
    }
}
