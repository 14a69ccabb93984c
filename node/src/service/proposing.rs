//! How an author divides the time that it has for a block.
//!
//! BABE throws a block away that isn't done in its part of the slot, and the SDK's proposer takes transactions until a tenth of that
//! time is left. What comes then, `on_finalize` and above all the state root, takes a quarter to a half as long as the transactions
//! did, so under more load than a block holds every second slot went by without a block. This proposer leaves more of the time.

use futures::{future::MapOk, TryFutureExt};
use sp_consensus::{Environment, ProposeArgs, Proposer};
use sp_runtime::traits::Block;

/// Of the time for a block, the part that the proposer inside is told it has: it takes transactions for nine tenths of that.
const TRANSACTIONS: (u32, u32) = (5, 8);

/// Makes proposers that keep time for what comes after the transactions.
pub struct Punctual<E>(pub E);

impl<B: Block, E: Environment<B>> Environment<B> for Punctual<E> {
    type Proposer = Punctual<E::Proposer>;
    type CreateProposer = MapOk<E::CreateProposer, fn(E::Proposer) -> Self::Proposer>;
    type Error = E::Error;

    fn init(&mut self, parent: &B::Header) -> Self::CreateProposer {
        self.0.init(parent).map_ok(Punctual as fn(_) -> _)
    }
}

impl<B: Block, P: Proposer<B>> Proposer<B> for Punctual<P> {
    type Proposal = P::Proposal;
    type Error = P::Error;

    fn propose(self, mut args: ProposeArgs<B>) -> Self::Proposal {
        let (part, whole) = TRANSACTIONS;
        args.max_duration = args.max_duration * part / whole;
        self.0.propose(args)
    }
}
