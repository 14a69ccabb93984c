//! Who is in the crowd, and how what they decide gets to the chain.

use super::{
    desk::{Act, Bot, Desk, Snapshot},
    follower::Follower,
    gambler::Gambler,
    hedger::Hedger,
    maker::Maker,
    market::Market,
    random::Random,
    tally::Tally,
    Options,
};
use crate::{chain::Chain, error::Result, keys::Signer};
use caisson_primitives::{
    oracle::FeedId,
    trading::{AccountIndex, CompartmentId, MarketId},
    AccountId, AssetId, Balance, BlockNumber, Nonce,
};
use caisson_runtime::RuntimeCall;
use futures::{stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// What a maker brings into a compartment for each of its markets there, in wholes of the settlement asset.
const MAKER: Balance = 75_000;
/// What a follower brings into a compartment for each of its markets there.
const FOLLOWER: Balance = 10_000;
/// A gambler's stake.
const STAKE: Balance = 1_000;
/// How many more stakes a gambler has in its pocket.
const STAKES: Balance = 5;
/// What a hedger brings into each leg's compartment.
const HEDGER: Balance = 30_000;

/// How many blocks a transaction is waited for before it is given up.
const LOST_AFTER: BlockNumber = 6;
/// How long a bot rests after the chain refused what it did, in blocks.
const REST: BlockNumber = 3;
/// How many transactions are handed to the node at once.
const AT_ONCE: usize = 16;

/// What a member should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In each compartment, in units.
    pub deposits: BTreeMap<CompartmentId, Balance>,
    /// Besides, in units: for a bot that deposits by itself.
    pub pocket: Balance,
}

/// A bot with its key.
pub struct Member {
    /// Its name, which is its key's derivation too.
    pub name: String,
    /// Its key.
    pub signer: Signer,
    /// Its margin accounts.
    pub accounts: Vec<(CompartmentId, AccountIndex)>,
    /// What it should have.
    pub plan: Plan,
    bot: Box<dyn Bot>,
    /// The nonce that says that what it sent is in a block, and since when it waits.
    pending: Option<(Nonce, BlockNumber)>,
    rests_until: BlockNumber,
}

/// All bots.
pub struct Crowd {
    /// Its members.
    pub members: Vec<Member>,
    asset: AssetId,
    scale: i128,
}

/// Where a crowd trades.
pub struct Place {
    /// The markets.
    pub markets: Vec<MarketPlace>,
    /// The settlement asset of all of them.
    pub asset: AssetId,
    /// Quanta in a unit of it.
    pub scale: i128,
    /// Units in a whole of it.
    pub whole: Balance,
}

/// A market of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketPlace {
    /// Its number.
    pub market: MarketId,
    /// Its compartment.
    pub compartment: CompartmentId,
    /// The feed of its index.
    pub feed: FeedId,
}

impl Place {
    /// Two markets of one feed in different compartments.
    pub fn pair(&self) -> Option<[MarketId; 2]> {
        self.markets.iter().find_map(|first| {
            let mut others = self.markets.iter();
            let second = others.find(|second| {
                second.feed == first.feed && second.compartment != first.compartment
            })?;
            Some([first.market, second.market])
        })
    }

    /// So many wholes in the compartment of each of these markets.
    fn plan(&self, markets: &[MarketId], wholes: Balance) -> Plan {
        let mut plan = Plan::default();
        for place in &self.markets {
            if markets.contains(&place.market) {
                *plan.deposits.entry(place.compartment).or_default() += wholes * self.whole;
            }
        }
        plan
    }
}

impl Crowd {
    /// The crowd that the options ask for. It has no money yet.
    pub fn new(place: &Place, options: &Options) -> Result<Self> {
        let all: Vec<MarketId> = place.markets.iter().map(|one| one.market).collect();
        let nth = |number: usize| all.iter().copied().cycle().nth(number).unwrap_or_default();
        let random = |name: &str| Random::new(options.seed, name);
        let mut members = Vec::new();
        for number in 0..options.makers {
            let name = format!("maker//{number}");
            let bot = Maker::new(all.clone(), random(&name));
            members.push(Member::new(name, bot, place.plan(&all, MAKER))?);
        }
        for number in 0..options.followers {
            let name = format!("follower//{number}");
            // Each in three markets at most, so that all are traded when there are few followers.
            let its: BTreeSet<MarketId> = (number..number + 3).map(nth).collect();
            let its: Vec<MarketId> = its.into_iter().collect();
            let plan = place.plan(&its, FOLLOWER);
            let bot = Follower::new(its, random(&name));
            members.push(Member::new(name, bot, plan)?);
        }
        for number in 0..options.gamblers {
            let name = format!("gambler//{number}");
            let stake = STAKE * place.whole;
            let mut plan = place.plan(&[nth(number)], STAKE);
            plan.pocket = stake * STAKES;
            let bot = Gambler::new(nth(number), stake, random(&name));
            members.push(Member::new(name, bot, plan)?);
        }
        if let Some(legs) = place.pair() {
            for number in 0..options.hedgers {
                let name = format!("hedger//{number}");
                let bot = Hedger::new(legs, random(&name));
                members.push(Member::new(name, bot, place.plan(&legs, HEDGER))?);
            }
        }
        Ok(Self {
            members,
            asset: place.asset,
            scale: place.scale,
        })
    }

    /// The owners of all accounts.
    pub fn owners(&self) -> Vec<AccountId> {
        let owners = self.members.iter().map(|member| member.signer.account());
        owners.cloned().collect()
    }

    /// All margin accounts.
    pub fn accounts(&self) -> Vec<AccountIndex> {
        let accounts = self.members.iter().flat_map(|member| &member.accounts);
        accounts.map(|(_, index)| *index).collect()
    }

    /// Has everyone decide, and sends what they do.
    pub async fn act(&mut self, chain: &Chain, snapshot: &Snapshot, tally: &mut Tally) {
        let mut calls = Vec::new();
        for (place, member) in self.members.iter_mut().enumerate() {
            if !member.is_ready(snapshot, tally) {
                continue;
            }
            let acts = member.acts(snapshot, self.scale);
            if let Some(call) = bundle(acts, self.asset) {
                calls.push((place, call));
            }
        }
        let members = &self.members;
        let send = |(place, call): (usize, RuntimeCall)| async move {
            let sent = match members.get(place) {
                Some(member) => chain.submit(&member.signer, call).await.map(|_| ()),
                None => Ok(()),
            };
            (place, sent)
        };
        let sent: Vec<_> = stream::iter(calls)
            .map(send)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (place, outcome) in sent {
            if let Some(member) = self.members.get_mut(place) {
                match outcome {
                    Ok(()) => member.wait(snapshot),
                    Err(error) => {
                        member.rests_until = snapshot.number + REST;
                        tally.refused(&error.to_string());
                    }
                }
            }
        }
    }

    /// Has the member with this key rest: the chain refused what it did.
    pub fn rest(&mut self, owner: &AccountId, now: BlockNumber) {
        let mut members = self.members.iter_mut();
        if let Some(member) = members.find(|member| member.signer.account() == owner) {
            member.rests_until = now + REST;
        }
    }
}

impl Member {
    fn new(name: String, bot: impl Bot + 'static, plan: Plan) -> Result<Self> {
        Ok(Self {
            signer: Signer::from_secret(&format!("//Bot//{name}"))?,
            name,
            accounts: Vec::new(),
            plan,
            bot: Box::new(bot),
            pending: None,
            rests_until: 0,
        })
    }

    fn wait(&mut self, snapshot: &Snapshot) {
        let nonce = snapshot
            .wallets
            .get(self.signer.account())
            .map_or(0, |wallet| wallet.nonce);
        self.pending = Some((nonce + 1, snapshot.number));
    }

    /// Whether it may decide: what it sent is in a block, or lost.
    fn is_ready(&mut self, snapshot: &Snapshot, tally: &mut Tally) -> bool {
        let Some(wallet) = snapshot.wallets.get(self.signer.account()) else {
            return false;
        };
        if let Some((nonce, since)) = self.pending {
            if wallet.nonce < nonce {
                if snapshot.number < since + LOST_AFTER {
                    return false;
                }
                // Dropped from the pool, or stuck behind a gap: the node knows where to go on.
                self.signer.forget_nonce();
                tally.refused("a transaction did not get into a block");
            }
            self.pending = None;
        }
        snapshot.number >= self.rests_until
    }

    fn acts(&mut self, snapshot: &Snapshot, scale: i128) -> Vec<Act> {
        let cash = snapshot.wallets.get(self.signer.account());
        let desk = Desk {
            snapshot,
            accounts: &self.accounts,
            cash: cash.map_or(0, |wallet| wallet.cash),
            scale,
        };
        let mut acts = self.bot.decide(&desk);
        let deposits = acts.iter().any(|act| matches!(act, Act::Deposit { .. }));
        if self.plan.pocket == 0 && !deposits {
            acts.extend(top_up(&desk, &self.plan));
        }
        acts
    }

    /// What it is short of, in units, if so much that it should be helped: its pocket, or its accounts.
    pub fn missing(&self, snapshot: &Snapshot, scale: i128) -> Balance {
        let wallet = snapshot.wallets.get(self.signer.account());
        let cash = wallet.map_or(0, |wallet| wallet.cash);
        if self.plan.pocket > 0 {
            let is_low = cash < self.plan.pocket / STAKES;
            return if is_low { self.plan.pocket - cash } else { 0 };
        }
        let short = self.accounts.iter().map(|(compartment, index)| {
            let account = snapshot.accounts.get(index);
            let equity = account.map_or(0, |account| snapshot.equity(account) / scale.max(1));
            let planned = self.plan.deposits.get(compartment).copied().unwrap_or(0);
            short_of(planned, equity)
        });
        short.sum::<Balance>().saturating_sub(cash)
    }
}

/// What an account lacks of its plan, if it has less than half of it. All in units.
fn short_of(planned: Balance, equity: i128) -> Balance {
    let has = u128::try_from(equity).unwrap_or(0);
    if has < planned / 2 {
        planned - has
    } else {
        0
    }
}

/// Fills up an account that has less than half of its plan, when there is money for it.
fn top_up(desk: &Desk<'_>, plan: &Plan) -> Option<Act> {
    plan.deposits.iter().find_map(|(compartment, planned)| {
        let (index, account) = desk.account(*compartment)?;
        let equity = desk.snapshot.equity(account) / desk.scale.max(1);
        let units = short_of(*planned, equity);
        (units > 0 && units <= desk.cash).then_some(Act::Deposit {
            account: index,
            units,
        })
    })
}

/// One call for all that a bot does: entries that are refused don't sink the others.
fn bundle(acts: Vec<Act>, asset: AssetId) -> Option<RuntimeCall> {
    let mut calls: Vec<RuntimeCall> = acts.into_iter().map(|act| act.call(asset)).collect();
    match calls.len() {
        0 | 1 => calls.pop(),
        _ => Some(RuntimeCall::Utility(pallet_utility::Call::force_batch {
            calls,
        })),
    }
}

/// The value of lots at mark in wholes of the settlement asset, for lines of text.
pub fn wholes(market: &Market, lots: u64) -> u128 {
    let lots = i64::try_from(lots).unwrap_or(i64::MAX);
    u128::try_from(market.value(lots) / 1_000_000_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::scene::{market, Scene, WHOLE};
    use super::*;

    fn place() -> Place {
        let market = |market, compartment, feed| MarketPlace {
            market,
            compartment,
            feed,
        };
        Place {
            markets: vec![market(0, 0, 0), market(1, 0, 1), market(2, 1, 1)],
            asset: 1,
            scale: 1_000_000,
            whole: 1_000_000,
        }
    }

    fn options() -> Options {
        Options {
            makers: 1,
            followers: 1,
            gamblers: 2,
            hedgers: 1,
            ..Options::default()
        }
    }

    #[test]
    fn crowd_should_have_the_members_that_were_asked_for_with_keys_of_their_own() {
        let crowd = Crowd::new(&place(), &options()).expect("keys");
        let names: Vec<&str> = crowd.members.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "maker//0",
                "follower//0",
                "gambler//0",
                "gambler//1",
                "hedger//0"
            ]
        );
        let owners: BTreeSet<_> = crowd.owners().into_iter().collect();
        assert_eq!(owners.len(), 5);
        let hedger = &crowd.members[4].plan;
        assert_eq!(hedger.deposits.keys().copied().collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn place_should_have_no_pair_when_its_markets_share_a_compartment() {
        assert_eq!(place().pair(), Some([1, 2]));
        let mut other = place();
        other.markets.pop();
        assert_eq!(other.pair(), None);
    }

    #[test]
    fn top_up_should_fill_an_account_when_it_has_less_than_half_and_there_is_cash() {
        let plan = place().plan(&[0], 10_000);
        let mut scene = Scene::new(vec![market(0, 6 * WHOLE)], 4_000);
        assert_eq!(top_up(&scene.desk(), &plan), None);
        scene.cash = 6_000_000_000;
        assert_eq!(
            top_up(&scene.desk(), &plan),
            Some(Act::Deposit {
                account: 0,
                units: 6_000_000_000
            })
        );
        scene.account(0).collateral.0 = 5_000 * WHOLE;
        assert_eq!(top_up(&scene.desk(), &plan), None);
    }

    #[test]
    fn bundle_should_be_one_call_that_no_refused_entry_sinks() {
        let cancel = Act::CancelAll {
            account: 1,
            market: 0,
        };
        assert!(bundle(vec![], 1).is_none());
        assert!(matches!(
            bundle(vec![cancel.clone()], 1),
            Some(RuntimeCall::Exchange(_))
        ));
        assert!(matches!(
            bundle(vec![cancel.clone(), cancel], 1),
            Some(RuntimeCall::Utility(pallet_utility::Call::force_batch { calls })) if calls.len() == 2
        ));
    }
}
