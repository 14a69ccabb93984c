//! SPEC 2.7: markets in a chain specification.

use caisson_primitives::trading::{ContractKind, FeeSplit, Markets as _, Phase};

use super::common::*;
use crate::{
    genesis::{GenesisFee, GenesisMarket},
    mock::*,
};

fn market() -> GenesisMarket {
    GenesisMarket {
        symbol: "BTC-PERP".into(),
        compartment: 0,
        kind: ContractKind::Perpetual,
        feed: 0,
        lot_size: ONE / 1_000,
        tick: TICK,
        tier_bounds: alloc::vec![100, 1_000],
        open_interest_cap: 1_500,
        max_order_lots: 100,
        min_notional: 1_000_000_000_000,
        band_ppm: 50_000,
        call_blocks: 1,
        fees: alloc::vec![GenesisFee {
            min_volume: 0,
            taker_ppm: 500,
            maker_ppm: -100,
        }],
        fee_split: FeeSplit {
            insurance_ppm: 300_000,
            backers_ppm: 200_000,
        },
        risk: risk(),
    }
}

#[test]
fn genesis_market_should_trade_at_once() {
    assert_eq!(market().proposal(), Some(proposal()));
    let other = GenesisMarket {
        symbol: "ETH-PERP".into(),
        feed: 1,
        tick: 20_000_000,
        ..market()
    };
    new_chain(alloc::vec![market(), other]).execute_with(|| {
        assert_eq!(Markets::live(), [0, 1]);
        next_block();
        assert_eq!(phase(0), Phase::Trading);
        assert_eq!(mark(0), INDEX);
        assert_eq!(mark(1), 2_000_000_000_000);
    });
}

#[test]
#[should_panic(expected = "market BTC-PERP can't be listed")]
fn genesis_should_panic_when_a_market_is_wrong() {
    let twice = alloc::vec![market(), market()];
    new_chain(twice);
}

#[test]
#[should_panic(expected = "a list is too long or an amount too large")]
fn genesis_should_panic_when_a_number_is_too_large() {
    new_chain(alloc::vec![GenesisMarket {
        min_notional: u128::MAX,
        ..market()
    }]);
}

#[test]
fn genesis_market_should_survive_json() {
    let mut large = market();
    large.lot_size = u128::MAX;
    large.fees[0].min_volume = u128::MAX;
    for one in [market(), large] {
        let text = serde_json::to_string(&one).unwrap();
        assert!(text.contains("\"lotSize\":\""), "{text}");
        assert_eq!(serde_json::from_str::<GenesisMarket>(&text).unwrap(), one);
        let unknown = text.replacen("\"tick\"", "\"tack\"", 1);
        assert!(serde_json::from_str::<GenesisMarket>(&unknown).is_err());
        let wrong = text.replacen("\"lotSize\":\"", "\"lotSize\":\"x", 1);
        assert!(serde_json::from_str::<GenesisMarket>(&wrong).is_err());
    }
}
