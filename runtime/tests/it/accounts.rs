//! Multisigs and proxies on the real runtime.

use caisson_primitives::{currency::UNIT, AccountId};
use caisson_runtime::{configs::ProxyType, Multisig, Runtime, RuntimeCall, RuntimeEvent};
use frame_support::{assert_ok, weights::Weight};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::MultiAddress;

use crate::chain::{error, Chain};

fn transfer(to: AccountId, value: u128) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: MultiAddress::Id(to),
        value,
    })
}

/// The other signatories, sorted as the pallet wants them.
fn others(of: [Sr25519Keyring; 2]) -> Vec<AccountId> {
    let mut others = of.map(|key| key.to_account_id()).to_vec();
    others.sort();
    others
}

#[test]
fn multisig_should_act_when_two_of_three_have_approved() {
    let mut chain = Chain::from_preset("development");
    let mut signatories = [Alice, Bob, Charlie]
        .map(|key| key.to_account_id())
        .to_vec();
    signatories.sort();
    let fund = Multisig::multi_account_id(&signatories, 2);
    assert_ok!(chain.transact(Alice, transfer(fund.clone(), 100 * UNIT)));
    let eve_before = chain.free(&Eve.to_account_id());

    let spend = transfer(Eve.to_account_id(), 40 * UNIT);
    let approve = |timepoint, others| {
        RuntimeCall::Multisig(pallet_multisig::Call::as_multi {
            threshold: 2,
            other_signatories: others,
            maybe_timepoint: timepoint,
            call: Box::new(spend.clone()),
            max_weight: Weight::from_parts(10_000_000_000, 1_000_000),
        })
    };
    assert_ok!(chain.transact(Alice, approve(None, others([Bob, Charlie]))));
    assert_eq!(chain.free(&fund), 100 * UNIT, "one approval must not spend");
    let opened = chain.events().into_iter().find_map(|event| match event {
        RuntimeEvent::Multisig(pallet_multisig::Event::NewMultisig { .. }) => Some(()),
        _ => None,
    });
    assert!(opened.is_some());
    let timepoint = pallet_multisig::Timepoint {
        height: chain.number(),
        index: 1,
    };
    assert_ok!(chain.transact(Bob, approve(Some(timepoint), others([Alice, Charlie]))));
    assert_eq!(chain.free(&fund), 60 * UNIT);
    assert_eq!(chain.free(&Eve.to_account_id()), eve_before + 40 * UNIT);
}

#[test]
fn trading_proxy_should_not_move_funds() {
    let mut chain = Chain::from_preset("development");
    let add = pallet_proxy::Call::add_proxy {
        delegate: Dave.to_account_id().into(),
        proxy_type: ProxyType::Trading,
        delay: 0,
    };
    assert_ok!(chain.transact(Alice, RuntimeCall::Proxy(add)));
    let alice = chain.free(&Alice.to_account_id());
    for call in [
        transfer(Dave.to_account_id(), UNIT),
        RuntimeCall::Utility(pallet_utility::Call::batch_all {
            calls: vec![transfer(Dave.to_account_id(), UNIT)],
        }),
        RuntimeCall::Staking(pallet_staking::Call::bond {
            value: 1_000 * UNIT,
            payee: pallet_staking::RewardDestination::Account(Dave.to_account_id()),
        }),
    ] {
        let proxied = pallet_proxy::Call::proxy {
            real: Alice.to_account_id().into(),
            force_proxy_type: None,
            call: Box::new(call),
        };
        assert_ok!(chain.transact(Dave, RuntimeCall::Proxy(proxied)));
        let executed = chain.events().into_iter().find_map(|event| match event {
            RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
            _ => None,
        });
        assert_eq!(
            executed,
            Some(error(frame_system::Error::<Runtime>::CallFiltered))
        );
        assert_eq!(chain.free(&Alice.to_account_id()), alice);
    }
}
