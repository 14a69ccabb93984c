//! The mass of accounts, written as the pallet writes them: thousands of transactions that all trade at one price would
//! show nothing but themselves.

use caisson_primitives::{
    trading::{Account, Cash, Fill, FillKind, MarketId, Markets as _, Side, TradingAccounts as _},
    AccountId,
};
use caisson_runtime::{configs::SETTLEMENT_ASSET, Assets, Margin, Markets, Runtime};
use codec::Encode;
use frame_support::traits::fungibles::Mutate as _;

use crate::{random::Random, stage::Stage};

/// Quanta of a smallest unit of the settlement asset.
const QUANTA_OF_UNIT: i128 = 1_000_000;

/// How many accounts are written at a time.
const BATCH: u32 = 20_000;

/// People who put up a like share of their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeverageClass {
    /// What they are called.
    pub name: &'static str,
    /// The least money of theirs, in parts per thousand of the position.
    pub least_ppt: u64,
    /// The most.
    pub most_ppt: u64,
}

/// Twelve to eighteen times their money.
pub const GAMBLERS: LeverageClass = LeverageClass {
    name: "gamblers",
    least_ppt: 55,
    most_ppt: 83,
};
/// Four to twelve times.
pub const LEVERAGED: LeverageClass = LeverageClass {
    name: "leveraged",
    least_ppt: 83,
    most_ppt: 250,
};
/// One to four times.
pub const CAREFUL: LeverageClass = LeverageClass {
    name: "careful",
    least_ppt: 250,
    most_ppt: 1_000,
};

/// Accounts in pairs, one long and one short of the same size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// How many; an odd one is left out.
    pub accounts: u32,
    /// Who is long: a class and how many of a hundred belong to it.
    pub longs: Vec<(LeverageClass, u64)>,
    /// Who is short.
    pub shorts: Vec<(LeverageClass, u64)>,
    /// The smallest position, in lots.
    pub least_lots: u64,
    /// The largest.
    pub most_lots: u64,
}

/// What a crowd came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Accounts.
    pub accounts: u32,
    /// Lots held long, and as many short.
    pub lots: u64,
    /// Their value at mark, in quanta.
    pub notional: i128,
    /// The money of all of them, in quanta.
    pub money: i128,
}

impl Crowd {
    /// Longs more leveraged than shorts, as it is before a crash.
    pub fn before_a_crash(accounts: u32) -> Self {
        Self {
            accounts,
            longs: vec![(GAMBLERS, 25), (LEVERAGED, 45), (CAREFUL, 30)],
            shorts: vec![(GAMBLERS, 5), (LEVERAGED, 35), (CAREFUL, 60)],
            least_lots: 200,
            most_lots: 2_000,
        }
    }

    /// Puts the crowd into a market at its mark. Open interest counts as if it had been there for hours.
    pub fn settle(&self, stage: &mut Stage, market: MarketId, seed: u64) -> Settled {
        let mut random = Random::new(seed);
        let mut settled = Settled {
            accounts: 0,
            lots: 0,
            notional: 0,
            money: 0,
        };
        let mut left = self.accounts / 2;
        while left > 0 {
            let pairs = left.min(BATCH / 2);
            stage.state(|| self.write(market, pairs, &mut random, &mut settled));
            left -= pairs;
        }
        // The breaker measures growth over an hour; this crowd did not come in a second.
        stage.state(|| {
            pallet_circuit_breaker::Watches::<Runtime>::mutate(market, |watch| {
                watch.interest = Default::default();
            });
        });
        settled
    }

    fn write(&self, market: MarketId, pairs: u32, random: &mut Random, settled: &mut Settled) {
        let mut contract = Markets::contract(market).expect("a market of the preset");
        let prices = Markets::prices(market).expect("the market has prices");
        // They are there already: nobody pays fees for the moment in which the scenario begins.
        contract.fees = Default::default();
        let (mut money, mut long) = (0, 0);
        for _ in 0..pairs {
            let lots = random.between(self.least_lots, self.most_lots);
            let notional = prices.mark.0 * i128::from(lots);
            for (side, classes) in [(Side::Long, &self.longs), (Side::Short, &self.shorts)] {
                let share = margin_ppt(classes, random);
                let index = pallet_margin::NextAccount::<Runtime>::get();
                pallet_margin::NextAccount::<Runtime>::put(index + 1);
                let owner = AccountId::new(sp_io::hashing::blake2_256(&(b"crowd", index).encode()));
                let mut account = Account::new(owner.clone(), contract.compartment, 0);
                account.collateral = Cash(notional * i128::from(share) / 1_000);
                money += account.collateral.0;
                let fill = Fill {
                    market,
                    side,
                    lots,
                    price: prices.mark,
                    kind: FillKind::Taker,
                };
                let booked = Margin::fill(&mut account, &contract, &prices, prices.at, &fill)
                    .expect("a position of this size is in range");
                long += booked.long_lots;
                pallet_margin::AccountIndices::<Runtime>::insert(
                    owner,
                    (contract.compartment, 0),
                    index,
                );
                Margin::settle(index, account).expect("the account is stored");
            }
            settled.accounts += 2;
            settled.lots += lots;
            settled.notional += notional;
        }
        settled.money += money;
        bring_into_custody(contract.compartment, money);
        Margin::conclude(market, &contract, Cash(0), long).expect("open interest is in range");
    }
}

/// The margin of one account, drawn from classes.
fn margin_ppt(classes: &[(LeverageClass, u64)], random: &mut Random) -> u64 {
    let mut drawn = random.between(0, 100);
    for (class, percent) in classes {
        if drawn < *percent {
            return random.between(class.least_ppt, class.most_ppt);
        }
        drawn -= percent;
    }
    classes.last().map_or(1_000, |(class, _)| class.most_ppt)
}

/// Brings so many quanta into a compartment's custody, as deposits would: in whole units, the rest of which is dust.
fn bring_into_custody(compartment: u16, money: i128) {
    let rest = (QUANTA_OF_UNIT - money % QUANTA_OF_UNIT) % QUANTA_OF_UNIT;
    pallet_margin::Ledgers::<Runtime>::mutate(compartment, |ledger| {
        ledger.custody.0 += money + rest;
        ledger.dust.0 += rest;
    });
    let units = u128::try_from((money + rest) / QUANTA_OF_UNIT).expect("accounts have money");
    let custody = pallet_margin::custody::custody_account::<Runtime>(compartment);
    Assets::mint_into(SETTLEMENT_ASSET, &custody, units).expect("money can be made");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_should_be_those_of_the_classes_when_they_are_drawn() {
        let mut random = Random::new(1);
        let classes = [(GAMBLERS, 50), (CAREFUL, 50)];
        let drawn: Vec<_> = (0..1_000)
            .map(|_| margin_ppt(&classes, &mut random))
            .collect();
        let gamblers = drawn.iter().filter(|share| **share < 83).count();
        assert!((400..600).contains(&gamblers), "{gamblers}");
        assert!(drawn
            .iter()
            .all(|share| (55..83).contains(share) || (250..1_000).contains(share)));
    }

    #[test]
    fn margin_should_be_the_most_when_the_classes_are_fewer_than_a_hundred() {
        let mut random = Random::new(1);
        assert_eq!(margin_ppt(&[(CAREFUL, 0)], &mut random), 1_000);
    }
}
