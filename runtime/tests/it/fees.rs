//! Who pays for a transaction, and who earns it.

use caisson_primitives::currency::{MILLI, UNIT};
use caisson_runtime::{
    configs::{OraclePot, TreasuryAccount},
    Balances, RuntimeCall,
};
use sp_keyring::Sr25519Keyring::{Alice, AliceStash, Bob};

use crate::chain::Chain;

#[test]
fn fee_should_go_to_the_treasury_the_reporters_and_the_author() {
    let mut chain = Chain::from_preset("development");
    let alice = Alice.to_account_id();
    let author = AliceStash.to_account_id();
    let treasury = chain.query(TreasuryAccount::get);
    let pot = chain.query(OraclePot::get);
    let issuance = chain.query(Balances::total_issuance);
    let before = (
        chain.free(&alice),
        chain.free(&author),
        chain.free(&treasury),
        chain.free(&pot),
    );

    let transfer = pallet_balances::Call::transfer_keep_alive {
        dest: Bob.to_account_id().into(),
        value: UNIT,
    };
    chain
        .transact(Alice, RuntimeCall::Balances(transfer))
        .expect("Alice is rich");

    let fee = before.0 - UNIT - chain.free(&alice);
    let to_author = chain.free(&author) - before.1;
    let to_treasury = chain.free(&treasury) - before.2;
    let to_reporters = chain.free(&pot) - before.3;
    assert_eq!(to_author + to_treasury + to_reporters, fee);
    assert!(
        to_author.abs_diff(2 * to_reporters) < 5 && to_treasury.abs_diff(7 * to_reporters) < 15,
        "{to_treasury}, {to_reporters} and {to_author}"
    );
    assert_eq!(
        chain.query(Balances::total_issuance),
        issuance,
        "nothing is burned"
    );
    // A transfer costs some thousandths of a CSN: noticed by a flood, not by a person.
    assert!(fee > MILLI / 100 && fee < 50 * MILLI, "{fee}");
}
