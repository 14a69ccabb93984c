//! The accounts, each with its queue of signed transactions.
//!
//! Nonces are counted here. An account sends its next transaction only when the node took the one before, so that they can't
//! overtake each other on different connections. When one is refused for good, what was signed after it is thrown away, and the
//! account goes on from the node's count.

use crate::{
    calls::{Made, Turn},
    plan::{Kind, Part, Role},
    venue::Venue,
};
use caisson::{
    chain::{seal, Life},
    error::{Error, Result},
    keys::Signer,
};
use caisson_primitives::{trading::AccountIndex, AccountId, Hash, Hashing, Nonce};
use caisson_runtime::RuntimeCall;
use parking_lot::Mutex;
use sp_core::{crypto::DeriveJunction, sr25519, Pair};
use sp_runtime::traits::Hash as _;
use std::{
    collections::VecDeque,
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

/// The secret that all keys are derived from. Everyone knows it: it is for chains of tests.
const SECRET: &str = "//Load";
/// The acts of an account in a block that the chain takes, less a ladder of the longest: `MaxActsPerBlock` is 200.
const MAX_ACTS_UNDER_WAY: u32 = 150;
/// The transactions of an account that may be under way: a lost one holds up those after it.
const MAX_UNDER_WAY: u32 = 16;

/// A signed transaction.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// As it is sent.
    pub bytes: Vec<u8>,
    /// Its hash.
    pub hash: Hash,
    /// The acts that the rate counts for it.
    pub acts: u32,
    /// The acts that the chain counts against its account.
    pub limited: u32,
    round: u64,
}

/// What changes of an account.
#[derive(Debug, Default)]
struct State {
    /// The nonce of the next transaction to be signed.
    nonce: Nonce,
    /// Its round.
    round: u64,
    queue: VecDeque<Prepared>,
    /// Sent, and in no block yet.
    under_way: u32,
    /// The acts of those.
    acts_under_way: u32,
    /// One is being handed over.
    sending: bool,
    /// Nothing is sent before.
    rests_until: Option<Instant>,
    /// The nonce must be asked for before anything is signed or sent.
    lost: bool,
}

/// An account.
#[derive(Debug)]
pub struct Member {
    /// Its key.
    pub signer: Signer,
    /// What it does.
    pub role: Role,
    /// Its place among the markets.
    pub market: usize,
    /// Its margin account.
    account: AtomicU32,
    state: Mutex<State>,
}

impl Member {
    /// The number of its margin account.
    pub fn account(&self) -> AccountIndex {
        self.account.load(Ordering::Relaxed)
    }

    /// Its margin account has this number.
    pub fn has_account(&self, account: AccountIndex) {
        self.account.store(account, Ordering::Relaxed);
    }

    /// Sets the nonce at the beginning, or after [`Member::lose`]. What was signed before is gone.
    pub fn count_from(&self, nonce: Nonce) {
        let mut state = self.state.lock();
        forget_queue(&mut state);
        state.nonce = nonce;
        state.lost = false;
    }

    /// How many signed transactions wait.
    pub fn waiting(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Whether it needs its nonce.
    pub fn is_lost(&self) -> bool {
        self.state.lock().lost
    }

    /// Takes the next transaction, if it may send one now.
    pub fn take(&self, now: Instant) -> Option<Prepared> {
        let mut state = self.state.lock();
        if state.sending || state.lost || state.under_way >= MAX_UNDER_WAY {
            return None;
        }
        if state.rests_until.is_some_and(|until| now < until) {
            return None;
        }
        let limited = state.queue.front()?.limited;
        let acts = state.acts_under_way.saturating_add(limited);
        // A longer ladder than that goes alone.
        if state.acts_under_way > 0 && limited > 0 && acts > MAX_ACTS_UNDER_WAY {
            return None;
        }
        state.sending = true;
        state.under_way += 1;
        state.acts_under_way = acts;
        state.queue.pop_front()
    }

    /// The node took what was handed over.
    pub fn handed_over(&self) {
        self.state.lock().sending = false;
    }

    /// The node takes it later: it is the next again.
    pub fn put_back(&self, prepared: Prepared, until: Instant) {
        let mut state = self.state.lock();
        state.sending = false;
        settle(&mut state, prepared.limited);
        if state.lost {
            state.round = state.round.min(prepared.round);
            return;
        }
        state.rests_until = Some(until);
        state.queue.push_front(prepared);
    }

    /// The node never takes it: all after it must be signed anew.
    pub fn lose(&self, prepared: &Prepared) {
        let mut state = self.state.lock();
        state.sending = false;
        settle(&mut state, prepared.limited);
        forget_queue(&mut state);
        state.round = state.round.min(prepared.round);
        state.lost = true;
    }

    /// The pool forgot something that it had taken, which counted for so many acts.
    pub fn missed(&self, limited: u32) {
        let mut state = self.state.lock();
        settle(&mut state, limited);
        forget_queue(&mut state);
        state.lost = true;
    }

    /// A transaction that counted for so many acts is in a block.
    pub fn included(&self, limited: u32) {
        settle(&mut self.state.lock(), limited);
    }

    /// Puts a call of its own, for the set-up, at the end of the queue.
    pub fn prepare(&self, call: RuntimeCall, life: &Life) {
        let mut state = self.state.lock();
        let made = Made {
            call,
            acts: 1,
            limited: 0,
        };
        sign(&self.signer, &mut state, made, life);
    }

    /// Signs what it sends next, unless so many wait already. Whether it signed.
    fn sign_one(&self, most: usize, turn: impl Fn(u64) -> Made, life: &Life) -> bool {
        let mut state = self.state.lock();
        if state.lost || state.queue.len() >= most {
            return false;
        }
        let made = turn(state.round);
        state.round += 1;
        sign(&self.signer, &mut state, made, life);
        true
    }
}

fn sign(signer: &Signer, state: &mut State, made: Made, life: &Life) {
    let bytes = seal(signer, made.call, state.nonce, life);
    state.nonce += 1;
    state.queue.push_back(Prepared {
        hash: Hashing::hash(&bytes),
        bytes,
        acts: made.acts,
        limited: made.limited,
        round: state.round.saturating_sub(1),
    });
}

/// One less is under way.
fn settle(state: &mut State, limited: u32) {
    state.under_way = state.under_way.saturating_sub(1);
    state.acts_under_way = state.acts_under_way.saturating_sub(limited);
}

/// Throws away what waits, and goes back to its first round.
fn forget_queue(state: &mut State) {
    if let Some(first) = state.queue.front() {
        state.round = first.round;
    }
    state.queue.clear();
}

/// All accounts.
#[derive(Debug)]
pub struct Fleet {
    /// They, in the order of the parts of the kind.
    pub members: Vec<Member>,
    /// Which members play each part.
    pub parts: Vec<Range<usize>>,
    payees: Vec<AccountId>,
    /// How many quotes ladders have.
    quotes: u32,
    /// What the names of orders begin with.
    first_name: u64,
}

impl Fleet {
    /// So many accounts for a kind of load, over so many markets. Order names begin with `first_name`.
    pub fn new(
        kind: Kind,
        accounts: usize,
        markets: usize,
        quotes: u32,
        first_name: u64,
    ) -> Result<Self> {
        let signers = keys(accounts)?;
        let payees: Vec<AccountId> = signers.iter().map(|one| one.account().clone()).collect();
        let parts = shared_out(kind.parts(), accounts, markets)?;
        let mut members = Vec::with_capacity(accounts);
        for (place, signer) in signers.into_iter().enumerate() {
            let part = parts.iter().position(|range| range.contains(&place));
            let part = part.and_then(|part| kind.parts().get(part));
            let role = part.map_or(Role::Paying, |part| part.role);
            members.push(Member {
                signer,
                role,
                market: place % markets.max(1),
                account: AtomicU32::new(0),
                state: Mutex::default(),
            });
        }
        Ok(Self {
            members,
            parts,
            payees,
            quotes,
            first_name,
        })
    }

    /// Signs a transaction of a member, unless so many wait already. Whether it did.
    pub fn sign_one(&self, place: usize, most: usize, venue: &Venue, life: &Life) -> bool {
        let Some(member) = self.members.get(place) else {
            return false;
        };
        let Some(market) = venue.markets.get(member.market) else {
            return false;
        };
        let next = (place + 1) % self.payees.len().max(1);
        let turn = |round| {
            Turn {
                role: member.role,
                place: place as u64,
                account: member.account(),
                market,
                payee: &self.payees[next],
                quotes: self.quotes,
                round,
                first_name: self.first_name,
            }
            .call()
        };
        member.sign_one(most, turn, life)
    }

    /// The signed transactions that wait, of all.
    pub fn waiting(&self) -> usize {
        self.members.iter().map(Member::waiting).sum()
    }
}

/// The keys of so many accounts: `//Load//0` and so on.
pub fn keys(count: usize) -> Result<Vec<Signer>> {
    let refused = |_| Error::new("the generator's keys can't be derived");
    let root = sr25519::Pair::from_string(SECRET, None).map_err(refused)?;
    (0..count as u64)
        .map(|place| {
            let path = std::iter::once(DeriveJunction::hard(place));
            let (pair, _) = root
                .derive(path, None)
                .map_err(|_| Error::new("the generator's keys can't be derived"))?;
            Ok(Signer::from_pair(pair))
        })
        .collect()
}

/// Which accounts play which part. Each part needs one in each market, or its orders would meet nobody.
fn shared_out(parts: &[Part], accounts: usize, markets: usize) -> Result<Vec<Range<usize>>> {
    let mut ranges = Vec::new();
    let mut begin = 0;
    let mut percent = 0;
    for part in parts {
        percent += part.accounts as usize;
        let end = accounts * percent / 100;
        if end - begin < markets.max(1) {
            return Err(Error::new(format!(
                "{accounts} accounts are too few: {} % of them are {}, and each of {markets} markets needs one; give more \
                 --accounts",
                part.accounts,
                part.role.name()
            )));
        }
        ranges.push(begin..end);
        begin = end;
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::bitcoin;
    use std::time::Duration;

    fn fleet(kind: Kind) -> Fleet {
        let fleet = Fleet::new(kind, 10, 1, 50, 0).expect("a fleet");
        for member in &fleet.members {
            member.count_from(0);
        }
        fleet
    }

    fn venue() -> Venue {
        Venue {
            markets: vec![bitcoin()],
            asset: 1,
        }
    }

    fn life() -> Life {
        Life::immortal(Hash::repeat_byte(1))
    }

    #[test]
    fn key_should_be_that_of_the_written_derivation() {
        let keys = keys(12).expect("keys");
        let written = Signer::from_secret("//Load//11").expect("a key");
        assert_eq!(keys[11].account(), written.account());
    }

    #[test]
    fn member_should_hand_over_one_at_a_time_in_the_order_of_nonces() {
        let (fleet, venue) = (fleet(Kind::Orders), venue());
        while fleet.sign_one(0, 3, &venue, &life()) {}
        let member = &fleet.members[0];
        assert_eq!(member.waiting(), 3);
        let first = member.take(Instant::now()).expect("one waits");
        assert!(member.take(Instant::now()).is_none(), "one at a time");
        member.handed_over();
        let second = member.take(Instant::now()).expect("one waits");
        assert_ne!(first.hash, second.hash);
        assert_eq!((first.round, second.round), (0, 1));
    }

    #[test]
    fn member_should_send_the_same_again_when_the_pool_was_full() {
        let (fleet, venue) = (fleet(Kind::Orders), venue());
        while fleet.sign_one(0, 3, &venue, &life()) {}
        let member = &fleet.members[0];
        let now = Instant::now();
        let first = member.take(now).expect("one waits");
        let later = now + Duration::from_secs(1);
        member.put_back(first.clone(), later);
        assert!(member.take(now).is_none(), "it rests");
        assert_eq!(member.take(later).expect("again").hash, first.hash);
    }

    #[test]
    fn member_should_sign_the_same_rounds_anew_when_one_is_lost() {
        let (fleet, venue) = (fleet(Kind::Orders), venue());
        while fleet.sign_one(0, 5, &venue, &life()) {}
        let member = &fleet.members[0];
        let first = member.take(Instant::now()).expect("one waits");
        member.handed_over();
        member.included(first.limited);
        let second = member.take(Instant::now()).expect("one waits");
        member.lose(&second);
        assert!(member.is_lost() && member.waiting() == 0);
        assert!(
            !fleet.sign_one(0, 5, &venue, &life()),
            "not without a nonce"
        );
        member.count_from(7);
        assert!(fleet.sign_one(0, 5, &venue, &life()));
        let again = member.take(Instant::now()).expect("one waits");
        assert_eq!(again.round, second.round);
        assert_ne!(again.hash, second.hash, "its nonce is another");
    }

    #[test]
    fn member_should_not_have_more_acts_under_way_than_a_block_takes() {
        let (fleet, venue) = (fleet(Kind::Ladders), venue());
        while fleet.sign_one(0, 5, &venue, &life()) {}
        let member = &fleet.members[0];
        for _ in 0..3 {
            assert!(member.take(Instant::now()).is_some());
            member.handed_over();
        }
        assert!(
            member.take(Instant::now()).is_none(),
            "150 acts are under way"
        );
        member.included(50);
        assert!(member.take(Instant::now()).is_some());
    }

    #[test]
    fn accounts_should_be_refused_when_a_part_has_too_few() {
        let ranges = shared_out(Kind::Mixed.parts(), 10, 2).expect("enough");
        assert_eq!(ranges, [0..3, 3..8, 8..10]);
        let error = shared_out(Kind::Mixed.parts(), 10, 3)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("taking") && error.contains("--accounts"),
            "{error}"
        );
    }
}
