//! SPEC 4 and 6.9: calls longer than a block.

use caisson_primitives::trading::{CallSource, Phase};

use crate::{
    mock::*,
    pallet::{Books, Event, OrdersOf, Touched},
};

#[test]
fn guard_should_extend_the_call_and_the_price_be_published_meanwhile() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(2, sell(6, MARK)).unwrap();
        world(|world| world.extend = Some(3));
        end_block();
        let price = caisson_primitives::trading::LotPrice(i128::from(MARK) * TICK);
        let event = Event::CallExtended {
            market: MARKET,
            since: 100,
            ends: 103,
            price,
            lots: 6,
        };
        assert!(events().contains(&event));
        assert!(Exchange::call(MARKET).long_call);
        assert_eq!(Books::<Test>::get(MARKET).indicative, Some((MARK, 6)));
        world(|world| world.extend = None);
        begin_block();
        place(3, sell(4, MARK - 20)).unwrap();
        end_block();
        assert_eq!(Books::<Test>::get(MARKET).indicative, Some((MARK, 10)));
        assert_eq!(lots(1), 0);
        begin_block();
        // Who comes in the longer call is of the same batch: nobody rested before it.
        place(4, buy(5, MARK).post_only()).unwrap();
        place(5, sell(5, MARK)).unwrap();
        next_block();
        assert_eq!(lots(1), 0, "two blocks of three");
        end_block();
        assert_eq!((lots(1), lots(3)), (10, -4));
        assert_eq!(
            OrdersOf::<Test>::get(4, MARKET).len(),
            0,
            "post-only in its first clearing"
        );
        let makers = events();
        assert!(!makers
            .iter()
            .any(|event| matches!(event, Event::Filled { maker: true, .. })));
        let books = Books::<Test>::get(MARKET);
        assert_eq!((books.call, books.indicative), (None, None));
    });
}

#[test]
fn immediate_orders_should_wait_for_the_end_of_a_long_call() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(2, sell(12, MARK).immediate()).unwrap();
        world(|world| world.extend = Some(1));
        next_block();
        assert_eq!(OrdersOf::<Test>::get(2, MARKET).len(), 1);
        world(|world| world.extend = None);
        end_block();
        assert_eq!((lots(1), lots(2)), (10, -10));
        assert_eq!(OrdersOf::<Test>::get(2, MARKET).len(), 0);
    });
}

#[test]
fn opening_market_should_collect_orders_until_it_trades() {
    new_test(|| {
        change(MARKET, |contract, _| contract.phase = Phase::Opening);
        place(1, buy(10, MARK)).unwrap();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        for _ in 0..5 {
            next_block();
            assert_eq!(lots(1), 0);
        }
        assert_eq!(Books::<Test>::get(MARKET).indicative, Some((MARK, 10)));
        change(MARKET, |contract, _| contract.phase = Phase::Trading);
        next_block();
        assert_eq!((lots(1), lots(2)), (10, -10));
        assert!(Touched::<Test>::get().is_empty());
    });
}

#[test]
fn ordinary_call_of_several_blocks_should_clear_at_its_end() {
    new_test(|| {
        change(MARKET, |contract, _| contract.call_blocks = 4);
        place(1, buy(10, MARK)).unwrap();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        for block in [101, 102] {
            assert_eq!(System::block_number(), block);
            next_block();
            assert_eq!(lots(1), 0);
            assert!(!Exchange::call(MARKET).long_call, "it is as long as always");
        }
        next_block();
        assert_eq!((lots(1), lots(2)), (10, -10));
        let fees = 2 * 10 * i128::from(MARK) * TICK * 500 / 1_000_000;
        assert_eq!(Fees::get().0, fees, "of one call, so both took");
    });
}

#[test]
fn orders_that_both_rested_should_pay_as_takers() {
    new_test(|| {
        change(MARKET, |contract, _| contract.call_blocks = 4);
        place(1, buy(10, MARK)).unwrap();
        place(2, sell(10, MARK)).unwrap();
        next_block();
        // Blocks of one: the call now began in this block, and both orders are older.
        change(MARKET, |contract, _| contract.call_blocks = 1);
        next_block();
        assert_eq!((lots(1), lots(2)), (10, -10));
        assert_eq!(
            Fees::get().0,
            2 * 10 * i128::from(MARK) * TICK * 500 / 1_000_000
        );
    });
}
