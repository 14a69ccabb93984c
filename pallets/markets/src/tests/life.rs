//! SPEC 2: from proposal to record.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{LotPrice, Markets as _, Phase},
};
use frame_support::{assert_noop, assert_ok, traits::Contains};
use sp_runtime::DispatchError;

use super::common::*;
use crate::{
    mock::*, types::*, Contracts, Error, Event, FeedUsers, FeedsInUse, Parameters, Traces,
};

#[test]
fn market_should_go_through_its_phases() {
    chain(|| {
        assert_ok!(propose(proposal()));
        assert_eq!(phase(0), Phase::Proposed);
        assert_eq!(
            events(),
            [Event::MarketProposed {
                market: 0,
                symbol: text("BTC-PERP")
            }]
        );
        next_block();
        assert!(Markets::live().is_empty());
        assert_eq!(
            <Markets as caisson_primitives::trading::Markets>::prices(0),
            None
        );

        assert_ok!(Markets::open(RuntimeOrigin::root(), 0, 3));
        assert_eq!(
            events(),
            [Event::MarketOpened {
                market: 0,
                trades_from: now() + 3_000
            }]
        );
        assert_eq!(
            (phase(0), Markets::live()),
            (Phase::Opening, alloc::vec![0])
        );
        blocks(2);
        assert_eq!((phase(0), mark(0)), (Phase::Opening, INDEX));
        next_block();
        assert_eq!(phase(0), Phase::Trading);
        assert_eq!(
            events(),
            [Event::TradingStarted {
                market: 0,
                index: LotPrice(INDEX)
            }]
        );

        let end = delist(0);
        at_end(end);
        assert_eq!(phase(0), Phase::Settling);
        assert_eq!(Markets::settling(), [(0, LotPrice(INDEX))]);
        next_block();
        Markets::settled(0);
        assert_eq!(events(), [Event::MarketSettled { market: 0 }]);
        assert_eq!(phase(0), Phase::Settled);
        assert_eq!(
            (Markets::live(), Markets::settling()),
            (alloc::vec![], alloc::vec![])
        );
        assert_eq!(crate::Prices::<Test>::get(0), None);
        assert_eq!(Markets::settlement_price(0), Some(LotPrice(INDEX)));
        assert!(!Parameters::<Test>::contains_key(0) && !Traces::<Test>::contains_key(0));

        next_block();
        assert_ok!(Markets::remove(RuntimeOrigin::root(), 0));
        assert_eq!(
            events(),
            [Event::MarketRemoved {
                market: 0,
                symbol: text("BTC-PERP")
            }]
        );
        assert_eq!(Markets::contract(0), None);
        assert_ok!(propose(proposal()));
        assert_eq!(
            Markets::market_of(text("BTC-PERP")),
            Some(1),
            "numbers aren't given twice"
        );
    });
}

#[test]
fn opening_should_wait_for_a_live_index() {
    chain(|| {
        status(0, FeedStatus::Uncertain);
        assert_ok!(propose(proposal()));
        assert_ok!(Markets::open(RuntimeOrigin::root(), 0, 2));
        blocks(5);
        assert_eq!((phase(0), mark(0)), (Phase::Opening, INDEX));
        status(0, FeedStatus::Stale);
        next_block();
        assert_eq!(phase(0), Phase::Opening);
        status(0, FeedStatus::Live);
        next_block();
        assert_eq!(phase(0), Phase::Trading);
    });
}

#[test]
fn phases_should_refuse_calls_of_other_phases() {
    chain(|| {
        let root = RuntimeOrigin::root;
        assert_noop!(Markets::open(root(), 0, 1), Error::<Test>::NoSuchMarket);
        assert_noop!(
            Markets::withdraw_proposal(root(), 0),
            Error::<Test>::NoSuchMarket
        );
        assert_noop!(Markets::delist(root(), 0, 1), Error::<Test>::NoSuchMarket);
        assert_noop!(Markets::remove(root(), 0), Error::<Test>::NoSuchMarket);

        assert_ok!(propose(proposal()));
        assert_noop!(
            Markets::delist(root(), 0, 1),
            Error::<Test>::MarketDoesNotTrade
        );
        assert_noop!(
            Markets::remove(root(), 0),
            Error::<Test>::MarketIsNotSettled
        );
        assert_noop!(Markets::open(root(), 0, 0), Error::<Test>::BadOpeningBlocks);
        assert_noop!(
            Markets::open(root(), 0, MAX_OPENING_BLOCKS + 1),
            Error::<Test>::BadOpeningBlocks
        );
        assert_ok!(Markets::open(root(), 0, 1));
        assert_noop!(
            Markets::open(root(), 0, 1),
            Error::<Test>::MarketIsNotProposed
        );
        assert_noop!(
            Markets::withdraw_proposal(root(), 0),
            Error::<Test>::MarketIsNotProposed
        );
        let end = delist(0);
        at_end(end);
        assert_noop!(
            Markets::delist(root(), 0, end),
            Error::<Test>::MarketDoesNotTrade
        );
        assert_noop!(
            Markets::remove(root(), 0),
            Error::<Test>::MarketIsNotSettled
        );
        Markets::settled(0);
        assert_noop!(
            Markets::delist(root(), 0, end),
            Error::<Test>::MarketDoesNotTrade
        );
    });
}

#[test]
fn proposals_should_be_withdrawn_with_everything() {
    chain(|| {
        assert_ok!(propose(proposal()));
        assert_ok!(propose(Proposal {
            symbol: text("BTC-2"),
            ..proposal()
        }));
        assert_eq!(FeedUsers::<Test>::get(0), Some(2));
        assert_ok!(Markets::withdraw_proposal(RuntimeOrigin::root(), 0));
        assert!(events().contains(&Event::ProposalWithdrawn {
            market: 0,
            symbol: text("BTC-PERP")
        }));
        assert_eq!(Contracts::<Test>::count(), 1);
        assert!(FeedsInUse::<Test>::contains(&0));
        assert_ok!(Markets::withdraw_proposal(RuntimeOrigin::root(), 1));
        assert!(!FeedsInUse::<Test>::contains(&0));
    });
}

#[test]
fn feeds_should_be_in_use_until_their_last_market_is_settled() {
    chain(|| {
        let market = trading(other_proposal());
        assert!(FeedsInUse::<Test>::contains(&1) && !FeedsInUse::<Test>::contains(&0));
        let end = delist(market);
        at_end(end);
        assert!(FeedsInUse::<Test>::contains(&1));
        Markets::settled(market);
        assert!(!FeedsInUse::<Test>::contains(&1));
    });
}

#[test]
fn markets_should_not_be_listed_without_end() {
    chain(|| {
        let numbered = |number: u32| Proposal {
            symbol: text(&alloc::format!("M{number}")),
            ..proposal()
        };
        for number in 0..200 {
            assert_ok!(propose(numbered(number)));
        }
        assert_noop!(propose(numbered(200)), Error::<Test>::TooManyMarkets);
        assert_ok!(Markets::withdraw_proposal(RuntimeOrigin::root(), 7));
        crate::NextMarket::<Test>::put(0x7fff);
        assert_ok!(propose(numbered(200)));
        assert_ok!(Markets::withdraw_proposal(RuntimeOrigin::root(), 8));
        assert_noop!(propose(numbered(201)), Error::<Test>::NoIdentifierLeft);
    });
}

#[test]
fn opening_should_check_again_what_depends_on_the_world() {
    chain(|| {
        let root = RuntimeOrigin::root;
        assert_ok!(propose(proposal()));
        world(|world| world.compartments.clear());
        assert_noop!(
            Markets::open(root(), 0, 1),
            Error::<Test>::NoSuchCompartment
        );
        world(|world| world.compartments.insert(0));
        price(0, 1);
        assert_noop!(Markets::open(root(), 0, 1), Error::<Test>::TickTooCoarse);
        price(0, 50_000);
        let feed = world(|world| world.feeds.remove(&0)).unwrap();
        assert_noop!(Markets::open(root(), 0, 1), Error::<Test>::NoSuchFeed);
        world(|world| world.feeds.insert(0, feed));

        let expires_at = now() + 1_800_001;
        assert_ok!(propose(Proposal {
            symbol: text("BTC-1"),
            kind: caisson_primitives::trading::ContractKind::Future { expires_at },
            ..proposal()
        }));
        assert_noop!(Markets::open(root(), 1, 1), Error::<Test>::BadExpiry);
    });
}

#[test]
fn calls_should_refuse_other_origins() {
    chain(|| {
        let signed = || RuntimeOrigin::signed(1);
        let bad = DispatchError::BadOrigin;
        assert_ok!(propose(proposal()));
        assert_noop!(
            Markets::propose(signed(), alloc::boxed::Box::new(other_proposal())),
            bad
        );
        assert_noop!(Markets::withdraw_proposal(signed(), 0), bad);
        assert_noop!(Markets::open(signed(), 0, 1), bad);
        assert_noop!(Markets::delist(signed(), 0, 1), bad);
        assert_noop!(Markets::remove(signed(), 0), bad);
        let risk = alloc::boxed::Box::new(risk());
        assert_noop!(Markets::set_risk_parameters(signed(), 0, risk), bad);
        assert_noop!(
            Markets::set_fees(signed(), 0, alloc::boxed::Box::new(fees())),
            bad
        );
        assert_noop!(Markets::set_limits(signed(), 0, limits()), bad);
        let tiers = proposal().tier_bounds;
        assert_noop!(
            Markets::set_tiers(signed(), 0, tiers, Default::default()),
            bad
        );
    });
}

#[test]
fn views_should_show_every_market() {
    chain(|| {
        trading(proposal());
        assert_ok!(propose(other_proposal()));
        open_interest(0, 7);
        next_block();
        let views = Markets::market_views();
        assert_eq!(views.len(), 2);
        assert_eq!(views[0].symbol, b"BTC-PERP");
        assert_eq!(views[0].prices, Some(prices(0)));
        assert_eq!((views[0].open_interest, views[1].open_interest), (7, 0));
        assert_eq!(views[1].prices, None);
        assert_eq!(Markets::market_view(2), None);
        assert_eq!(Markets::phase(1), Some(Phase::Proposed));
        assert_eq!(Markets::ends_at(0), None);
    });
}
