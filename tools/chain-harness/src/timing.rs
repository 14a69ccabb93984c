//! How long transactions take as part of a block that is executed in one piece.
//!
//! Of several runs the least time counts: what else runs on the machine only ever adds. What a transaction takes is that of a
//! block full of them less that of an empty one. Times are compared with a transfer of the same run, because that ratio holds on
//! other machines.

use std::time::Duration;

use caisson_primitives::currency::UNIT;
use caisson_runtime::{RuntimeCall, System, UncheckedExtrinsic};
use sp_keyring::Sr25519Keyring::{Alice, Bob};

use crate::Chain;

/// The least of some times; nothing of none.
pub fn least(times: impl IntoIterator<Item = Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

/// A time in microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The transfer that everything is compared with.
pub fn transfer() -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Bob.to_account_id().into(),
        value: UNIT,
    })
}

/// A call that does nothing.
pub fn remark() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::remark { remark: Vec::new() })
}

/// So many transfers, signed.
pub fn transfers(chain: &mut Chain, many: u32) -> Vec<UncheckedExtrinsic> {
    let nonce = chain.query(|| System::account_nonce(Alice.to_account_id()));
    (0..many)
        .map(|number| chain.sign_with_nonce(Alice, nonce + number, transfer()))
        .collect()
}

/// The time of one transfer, signature and all, from so many blocks of so many. `before` makes the chain ready for the next
/// block; it is not timed.
pub fn time_of_transfer(
    chain: &mut Chain,
    (runs, many): (usize, u32),
    mut before: impl FnMut(&mut Chain),
) -> Duration {
    let (mut empty, mut full) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let all = transfers(chain, many);
        before(chain);
        full.push(chain.timed_block(&all));
        before(chain);
        empty.push(chain.timed_block(&[]));
    }
    least(full).saturating_sub(least(empty)) / many
}
