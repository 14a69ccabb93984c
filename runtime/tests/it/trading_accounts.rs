//! Trading by signed transactions on the compiled runtime: accounts, fills, agents, safe mode, and what clients ask.

use caisson_primitives::trading::{
    api::{AccountHealth, Depth, MarketView, OrderPreview, OrderView},
    AccountIndex, Cash, OrderRef, OrderRequest, Side,
};
use caisson_runtime::{
    configs::{ProxyType, SETTLEMENT_ASSET},
    Assets, Margin, Runtime, RuntimeCall, RuntimeEvent,
};
use codec::{Decode, Encode};
use frame_support::assert_ok;
use pallet_exchange::Event as Exchanged;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Eve};

use crate::{
    chain::{error, Chain},
    oracle::block_of_reports,
    trading::{mark_ticks, open_chain, place, set_prices, BTC_PERP, ONE, UNITS},
};

const PRICE: u128 = 60_000 * ONE;

fn open(chain: &mut Chain, who: Sr25519Keyring, whole: u128) -> AccountIndex {
    let call = pallet_margin::Call::<Runtime>::open_account {
        compartment: 0,
        sub: 0,
        units: whole * UNITS,
    };
    assert_ok!(chain.transact(who, call));
    chain
        .query(|| Margin::account_of(who.to_account_id(), 0, 0))
        .expect("it was opened")
}

fn ask<T: Decode>(chain: &mut Chain, method: &str, input: impl Encode) -> T {
    let answer = chain.api(method, &input.encode());
    T::decode(&mut &answer[..]).expect("decodes")
}

fn health(chain: &mut Chain, account: AccountIndex) -> AccountHealth<sp_runtime::AccountId32> {
    ask::<Option<_>>(chain, "MarginApi_health", account).expect("an account")
}

fn balance(chain: &mut Chain, who: Sr25519Keyring) -> u128 {
    chain.query(|| Assets::balance(SETTLEMENT_ASSET, who.to_account_id()))
}

#[test]
fn two_accounts_should_trade_and_get_their_money_back_less_fees() {
    let mut chain = open_chain(PRICE);
    let before = (balance(&mut chain, Alice), balance(&mut chain, Bob));
    let (alice, bob) = (open(&mut chain, Alice, 3_000), open(&mut chain, Bob, 3_000));
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let market: MarketView =
        ask::<Option<_>>(&mut chain, "MarketsApi_market", BTC_PERP).expect("a market");
    assert_eq!(market.symbol, b"BTC-PERP");

    let buy = OrderRequest::limit(Side::Long, 1_000, mark);
    let sell = OrderRequest::limit(Side::Short, 1_000, mark);
    let preview: OrderPreview =
        ask::<Option<_>>(&mut chain, "ExchangeApi_preview", (alice, BTC_PERP, buy))
            .expect("a preview");
    assert_eq!((preview.refused, preview.shortfall), (None, Cash(0)));
    assert!(preview.liquidation_price.is_some_and(|price| price.0 > 0));
    let far_too_much = OrderRequest::limit(Side::Long, 1_000_000, mark);
    let refused: OrderPreview = ask::<Option<_>>(
        &mut chain,
        "ExchangeApi_preview",
        (alice, BTC_PERP, far_too_much),
    )
    .expect("a preview");
    assert!(
        refused.refused.is_some() && refused.shortfall.is_positive(),
        "{refused:?}"
    );

    set_prices(&mut chain, PRICE);
    assert_ok!(chain.transact(Alice, place(alice, BTC_PERP, buy)));
    let depth: Depth = ask(&mut chain, "ExchangeApi_depth", (BTC_PERP, 10u32));
    assert_eq!(
        (depth.bids.len(), depth.bids[0].price, depth.bids[0].lots),
        (1, mark, 1_000)
    );
    let orders: Vec<OrderView> = ask(&mut chain, "ExchangeApi_open_orders", alice);
    assert_eq!(orders.len(), 1);
    assert_eq!(
        preview.health_after,
        health(&mut chain, alice).initial_health
    );

    set_prices(&mut chain, PRICE);
    assert_ok!(chain.transact(Bob, place(bob, BTC_PERP, sell)));
    let fills = chain
        .events()
        .into_iter()
        .filter(|event| matches!(event, RuntimeEvent::Exchange(Exchanged::Filled { .. })))
        .count();
    assert_eq!(fills, 2);
    assert_eq!(health(&mut chain, alice).account.lots(BTC_PERP).0, 1_000);
    assert_eq!(health(&mut chain, bob).account.lots(BTC_PERP).0, -1_000);

    // And back.
    set_prices(&mut chain, PRICE);
    assert_ok!(chain.transact(Alice, place(alice, BTC_PERP, sell)));
    set_prices(&mut chain, PRICE);
    assert_ok!(chain.transact(Bob, place(bob, BTC_PERP, buy)));
    for (who, account) in [(Alice, alice), (Bob, bob)] {
        assert_eq!(health(&mut chain, account).notional, Cash(0));
        assert_ok!(chain.transact(
            who,
            pallet_margin::Call::<Runtime>::close_account { account }
        ));
    }
    let ledger = chain.query(|| pallet_margin::Ledgers::<Runtime>::get(0));
    let after = (balance(&mut chain, Alice), balance(&mut chain, Bob));
    let paid = (before.0 + before.1) - (after.0 + after.1);
    // Alice made both times, Bob took: 0.05 % of 6,000 twice, less a tenth of it in rebates; all of it is on the ledger.
    assert_eq!(paid, 2 * (3_000_000 - 300_000));
    let owed = ledger.insurance.0 + ledger.treasury.0 + ledger.backers.0 + ledger.dust.0;
    assert_eq!(owed, i128::try_from(paid).expect("small") * 1_000_000);
}

#[test]
fn agent_should_trade_and_not_withdraw() {
    let mut chain = open_chain(PRICE);
    let alice = open(&mut chain, Alice, 10_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let add = pallet_proxy::Call::<Runtime>::add_proxy {
        delegate: Eve.to_account_id().into(),
        proxy_type: ProxyType::Trading,
        delay: 0,
    };
    assert_ok!(chain.transact(Alice, add));
    let as_alice = |call: RuntimeCall| pallet_proxy::Call::<Runtime>::proxy {
        real: Alice.to_account_id().into(),
        force_proxy_type: None,
        call: Box::new(call),
    };
    set_prices(&mut chain, PRICE);
    let bid = OrderRequest::limit(Side::Long, 10, mark - 100);
    let order = place(alice, BTC_PERP, bid);
    assert_ok!(chain.transact(Eve, as_alice(order)));
    assert_eq!(health(&mut chain, alice).account.orders, 1);

    let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
    let forbidden: [RuntimeCall; 3] = [
        pallet_margin::Call::<Runtime>::withdraw {
            account: alice,
            asset: SETTLEMENT_ASSET,
            units: 1,
        }
        .into(),
        pallet_margin::Call::<Runtime>::transfer {
            from: alice,
            to: 0,
            units: 1,
        }
        .into(),
        pallet_margin::Call::<Runtime>::close_account { account: alice }.into(),
    ];
    for call in forbidden {
        assert_ok!(chain.transact(Eve, as_alice(call)));
        let result = chain.events().into_iter().find_map(|event| match event {
            RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
            _ => None,
        });
        let stripped =
            |result: sp_runtime::DispatchResult| result.map_err(|error| error.stripped());
        assert_eq!(result.map(stripped), Some(stripped(filtered)));
    }
    // Nobody trades for an account that isn't theirs.
    let order = place(alice, BTC_PERP, bid);
    assert_eq!(
        chain.transact(Bob, order),
        error(pallet_exchange::Error::<Runtime>::NotOwner)
    );
}

#[test]
fn safe_mode_should_leave_cancels_and_deposits_and_stop_orders_and_withdrawals() {
    let mut chain = open_chain(PRICE);
    let alice = open(&mut chain, Alice, 10_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    set_prices(&mut chain, PRICE);
    let bid = OrderRequest::limit(Side::Long, 10, mark - 100);
    assert_ok!(chain.transact(Alice, place(alice, BTC_PERP, bid)));
    chain.query(|| pallet_safe_mode::EnteredUntil::<Runtime>::put(u32::MAX));

    let closed = error(frame_system::Error::<Runtime>::CallFiltered);
    let order = place(alice, BTC_PERP, bid);
    assert_eq!(chain.transact(Alice, order), closed);
    let withdraw = pallet_margin::Call::<Runtime>::withdraw {
        account: alice,
        asset: SETTLEMENT_ASSET,
        units: 1,
    };
    assert_eq!(chain.transact(Alice, withdraw), closed);
    let deposit = pallet_margin::Call::<Runtime>::deposit {
        account: alice,
        asset: SETTLEMENT_ASSET,
        units: 1,
    };
    assert_ok!(chain.transact(Alice, deposit));
    let cancel = pallet_exchange::Call::<Runtime>::cancel {
        account: alice,
        market: BTC_PERP,
        order: OrderRef::Number(0),
    };
    assert_ok!(chain.transact(Alice, cancel));
    assert_eq!(health(&mut chain, alice).account.orders, 0);
}

#[test]
fn account_should_be_found_unsafe_when_reports_say_that_the_price_fell() {
    let mut chain = open_chain(PRICE);
    let (alice, bob) = (
        open(&mut chain, Alice, 1_000),
        open(&mut chain, Bob, 100_000),
    );
    let mark = mark_ticks(&mut chain, BTC_PERP);
    block_of_reports(&mut chain, &["Alice"], PRICE);
    // Fourteen thousand dollars on a thousand.
    let buy = OrderRequest::limit(Side::Long, 2_300, mark);
    assert_ok!(chain.transact(Alice, place(alice, BTC_PERP, buy)));
    let sell = OrderRequest::limit(Side::Short, 2_300, mark);
    assert_ok!(chain.transact(Bob, place(bob, BTC_PERP, sell)));
    let price = health(&mut chain, alice).positions[0]
        .liquidation_price
        .expect("a price");
    let (contract, _) = crate::trading::market(&mut chain, BTC_PERP);
    // From quanta for a lot to 10^-18 for a whole.
    let oracle = |quanta: i128| {
        u128::try_from(quanta).expect("positive")
            * (1_000_000_000_000_000_000_000_000 / contract.lot_size)
    };
    block_of_reports(&mut chain, &["Alice"], oracle(price.0) + ONE);
    chain.next_block();
    assert_eq!(health(&mut chain, alice).account.unsafe_since, None);
    block_of_reports(&mut chain, &["Alice"], oracle(price.0) - ONE);
    chain.next_block();
    let number = chain.number();
    assert_eq!(health(&mut chain, alice).account.unsafe_since, Some(number));
}
