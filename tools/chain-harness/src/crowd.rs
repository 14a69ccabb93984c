//! Crowds of accounts with positions, written as the pallets write them, without the transactions.

use core::ops::Range;

use caisson_primitives::{
    oracle::OraclePrice,
    trading::{
        Account, Cash, CompartmentId, Fill, FillKind, MarketId, Markets as _, Side, TradingAccounts,
    },
    AccountId,
};
use caisson_runtime::{configs::SETTLEMENT_ASSET, Assets, Margin, Markets, Runtime, System};
use codec::Encode;
use frame_support::traits::fungibles::Mutate as _;

use crate::{
    trading::{open_chain, BTC_PERP},
    Chain,
};

/// So many accounts are written before the trie takes them in.
const BATCH: u32 = 50_000;

/// Quanta in the smallest unit of the settlement asset.
const QUANTA_PER_UNIT: i128 = 1_000_000;

/// Accounts in pairs, one long and one short, of the same size and with the same money.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// How many accounts, an even number.
    pub accounts: u32,
    /// The market in which they are.
    pub market: MarketId,
    /// Their money, in parts per thousand of their position at mark: spread evenly over this.
    pub money_per_mille: Range<i128>,
    /// Whether they hold their positions, or only the money for them.
    pub holds: bool,
}

/// A chain with so many accounts in the market of bitcoin, between 5 % and 60 % from liquidation.
pub fn populated(accounts: u32, btc: OraclePrice) -> Chain {
    let mut chain = open_chain(btc);
    Crowd {
        accounts,
        market: BTC_PERP,
        money_per_mille: 80..630,
        holds: true,
    }
    .enter(&mut chain);
    chain
}

impl Crowd {
    /// Brings them onto the chain.
    pub fn enter(&self, chain: &mut Chain) {
        for first in (0..self.accounts).step_by(BATCH as usize) {
            let last = self.accounts.min(first + BATCH);
            chain.query(|| self.write(first..last));
            chain.commit();
        }
        // They were not there a moment ago, which would be a surge of open interest: the breaker begins to watch now.
        chain.query(|| pallet_circuit_breaker::Watches::<Runtime>::remove(self.market));
        chain.commit();
    }

    fn write(&self, numbers: Range<u32>) {
        let mut contract = Markets::contract(self.market).expect("a market");
        let prices = Markets::prices(self.market).expect("prices");
        contract.fees = Default::default();
        let (mut money, mut long) = (0, 0);
        for number in numbers {
            let index = pallet_margin::NextAccount::<Runtime>::get();
            pallet_margin::NextAccount::<Runtime>::put(index + 1);
            let owner = AccountId::new(sp_io::hashing::blake2_256(&(b"crowd", index).encode()));
            let mut account = Account::new(owner.clone(), contract.compartment, 0);
            let (lots, share) = self.size(number / 2);
            account.collateral = Cash(prices.mark.0 * i128::from(lots) * share / 1_000);
            money += account.collateral.0;
            if self.holds {
                let fill = Fill {
                    market: self.market,
                    side: match number % 2 {
                        0 => Side::Long,
                        _ => Side::Short,
                    },
                    lots,
                    price: prices.mark,
                    kind: FillKind::Taker,
                };
                let settled = Margin::fill(&mut account, &contract, &prices, prices.at, &fill)
                    .expect("fills");
                long += settled.long_lots;
            }
            let place = (contract.compartment, 0);
            pallet_margin::AccountIndices::<Runtime>::insert(owner, place, index);
            Margin::settle(index, account).expect("settles");
        }
        bring_into_custody(contract.compartment, money);
        if self.holds {
            Margin::conclude(self.market, &contract, Cash(0), long).expect("concludes");
        }
        System::reset_events();
    }

    /// Lots, and money in parts per thousand: the same for both of a pair, and the same in every run.
    fn size(&self, pair: u32) -> (u64, i128) {
        let lots = 10 + u64::from(pair.wrapping_mul(2_654_435_761) % 90);
        let spread = self.money_per_mille.end - self.money_per_mille.start;
        let share = self.money_per_mille.start + i128::from(pair.wrapping_mul(40_503)) % spread;
        (lots, share)
    }
}

/// Brings so many quanta into a compartment's custody, as deposits would: in whole units, the rest of which is dust.
pub fn bring_into_custody(compartment: CompartmentId, money: i128) {
    let rest = (QUANTA_PER_UNIT - money % QUANTA_PER_UNIT) % QUANTA_PER_UNIT;
    pallet_margin::Ledgers::<Runtime>::mutate(compartment, |ledger| {
        ledger.custody.0 += money + rest;
        ledger.dust.0 += rest;
    });
    let units = u128::try_from((money + rest) / QUANTA_PER_UNIT).expect("positive");
    let custody = pallet_margin::custody::custody_account::<Runtime>(compartment);
    Assets::mint_into(SETTLEMENT_ASSET, &custody, units).expect("mints");
}
