//! Where the crowd's money comes from: grants of funders, first deposits, an insurance fund worth watching.
//!
//! All of it looks at what is there first. So a crowd that starts again on the same chain goes on with what it has.

use super::{
    crowd::{Crowd, Member, Place},
    desk::{Snapshot, Wallet},
    tally::Tally,
};
use crate::{
    chain::{Chain, Status},
    error::{Error, Result},
    keys::Signer,
};
use caisson_primitives::{
    trading::{AccountIndex, CompartmentId},
    AccountId, Balance,
};
use caisson_runtime::{Runtime, RuntimeCall};
use futures::{future::try_join_all, stream, StreamExt, TryStreamExt};
use sp_runtime::MultiAddress;
use std::collections::{BTreeMap, BTreeSet};

/// What pays the transaction fees of a member, in the smallest units of the native token: 20,000.
const NATIVE: Balance = 20_000 * 1_000_000_000_000;
/// The share of the insurance fund that backers stake beside it: a quarter.
const BACKING_PART: Balance = 4;
/// How many transactions of set-up wait at once.
const AT_ONCE: usize = 32;
/// How many members are helped at a time.
const HELPED: usize = 3;

/// Who pays.
pub struct Bank {
    funders: Vec<Signer>,
    backer: Signer,
}

/// What one key gets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    to: AccountId,
    native: Balance,
    cash: Balance,
}

impl Bank {
    /// The keys of these secrets pay.
    pub fn new(secrets: &[String]) -> Result<Self> {
        let funders = secrets.iter().map(|secret| Signer::from_secret(secret));
        Ok(Self {
            funders: funders.collect::<Result<_>>()?,
            backer: Signer::from_secret("//Bot//backer//0")?,
        })
    }

    /// Gives everyone what is missing, opens accounts, fills the insurance funds.
    pub async fn set_up(
        &self,
        chain: &Chain,
        place: &Place,
        crowd: &mut Crowd,
        insurance: Balance,
        tally: &Tally,
    ) -> Result<()> {
        find_accounts(chain, crowd).await?;
        let gifts = gifts(chain, place, insurance).await?;
        let backing = self.backing(chain, place, insurance).await?;
        let mut grants = Vec::new();
        for member in &crowd.members {
            let wallet = wallet(chain, place, member.signer.account()).await?;
            let pocket = if member.accounts.is_empty() {
                member.plan.pocket
            } else {
                0
            };
            let needed = unopened(member).map(|(_, units)| units).sum::<Balance>() + pocket;
            grants.extend(grant(member.signer.account(), wallet, needed));
        }
        let wallet = wallet(chain, place, self.backer.account()).await?;
        if !backing.is_empty() {
            let needed = backing.iter().map(|(_, units)| units).sum();
            grants.extend(grant(self.backer.account(), wallet, needed));
        }
        self.pay(chain, place, &grants, &gifts).await?;
        if !grants.is_empty() {
            tally.say(&format!("funded {} accounts", grants.len()));
        }
        let opened = open(chain, crowd).await?;
        if opened > 0 {
            tally.say(&format!(
                "opened {opened} margin accounts with their first deposits"
            ));
        }
        self.back(chain, backing, tally).await?;
        for (compartment, units) in gifts {
            let wholes = units / place.whole.max(1);
            tally.say(&format!(
                "gave {wholes} to the insurance fund of compartment {compartment}"
            ));
        }
        find_accounts(chain, crowd).await
    }

    /// What the backer still has to stake, for each compartment.
    async fn backing(
        &self,
        chain: &Chain,
        place: &Place,
        insurance: Balance,
    ) -> Result<Vec<(CompartmentId, Balance)>> {
        let units = insurance / BACKING_PART * place.whole;
        let state = chain.now().await?;
        let mut missing = Vec::new();
        for compartment in compartments(place) {
            let key = pallet_insurance::Backings::<Runtime>::hashed_key_for(
                compartment,
                self.backer.account(),
            );
            let has = state
                .storage::<pallet_insurance::types::Backing>(&key)
                .await?;
            if units > 0 && has.is_none() {
                missing.push((compartment, units));
            }
        }
        Ok(missing)
    }

    async fn back(
        &self,
        chain: &Chain,
        backing: Vec<(CompartmentId, Balance)>,
        tally: &Tally,
    ) -> Result<()> {
        let count = backing.len();
        let calls = backing.into_iter().map(|(compartment, units)| {
            RuntimeCall::Insurance(pallet_insurance::Call::back { compartment, units })
        });
        let calls: Vec<RuntimeCall> = calls.collect();
        if calls.is_empty() {
            return Ok(());
        }
        chain
            .send(&self.backer, all(calls), Status::Included)
            .await?;
        tally.say(&format!("backs the insurance of {count} compartments"));
        Ok(())
    }

    /// Pays grants and gifts, in one transaction of each funder.
    async fn pay(
        &self,
        chain: &Chain,
        place: &Place,
        grants: &[Grant],
        gifts: &[(CompartmentId, Balance)],
    ) -> Result<()> {
        let mut left = Vec::new();
        for funder in &self.funders {
            let wallet = wallet(chain, place, funder.account()).await?;
            left.push(wallet.cash);
        }
        let shares = share(&left, grants, gifts, place.whole)?;
        let sent = self
            .funders
            .iter()
            .zip(shares)
            .filter(|(_, (grants, gifts))| !grants.is_empty() || !gifts.is_empty())
            .map(|(funder, (grants, gifts))| {
                let mut calls: Vec<RuntimeCall> = grants
                    .iter()
                    .flat_map(|grant| transfers(grant, place))
                    .collect();
                calls.extend(gifts.into_iter().map(|(compartment, units)| {
                    RuntimeCall::Insurance(pallet_insurance::Call::donate { compartment, units })
                }));
                chain.send(funder, all(calls), Status::Included)
            });
        try_join_all(sent).await?;
        Ok(())
    }

    /// Helps a few members that lost their money. The funders take turns.
    pub async fn help(
        &self,
        chain: &Chain,
        place: &Place,
        crowd: &Crowd,
        snapshot: &Snapshot,
        tally: &mut Tally,
    ) {
        let mut grants = crowd.members.iter().filter_map(|member| {
            let who = member.signer.account();
            let missing = member.missing(snapshot, place.scale);
            let wallet = snapshot.wallets.get(who).copied().unwrap_or_default();
            let grant = Grant {
                to: who.clone(),
                native: native_missing(wallet),
                cash: missing,
            };
            (grant.native > 0 || grant.cash > 0).then_some(grant)
        });
        let helped: Vec<Grant> = grants.by_ref().take(HELPED).collect();
        let turn = usize::try_from(snapshot.number).unwrap_or(0) / 7;
        let Some(funder) = self
            .funders
            .iter()
            .cycle()
            .nth(turn % self.funders.len().max(1))
        else {
            return;
        };
        if helped.is_empty() {
            return;
        }
        let calls = helped.iter().flat_map(|grant| transfers(grant, place));
        let calls: Vec<RuntimeCall> = calls.collect();
        // People use these keys too.
        funder.forget_nonce();
        match chain.submit(funder, all(calls)).await {
            Ok(_) => tally.helped(helped.len()),
            Err(error) => tally.refused(&error.to_string()),
        }
    }
}

/// One call, all or nothing.
fn all(mut calls: Vec<RuntimeCall>) -> RuntimeCall {
    match (calls.len(), calls.pop()) {
        (1, Some(call)) => call,
        (_, last) => {
            calls.extend(last);
            RuntimeCall::Utility(pallet_utility::Call::batch_all { calls })
        }
    }
}

fn transfers(grant: &Grant, place: &Place) -> Vec<RuntimeCall> {
    let target = MultiAddress::Id(grant.to.clone());
    let mut calls = Vec::new();
    if grant.native > 0 {
        calls.push(RuntimeCall::Balances(
            pallet_balances::Call::transfer_keep_alive {
                dest: target.clone(),
                value: grant.native,
            },
        ));
    }
    if grant.cash > 0 {
        calls.push(RuntimeCall::Assets(
            pallet_assets::Call::transfer_keep_alive {
                id: place.asset.into(),
                target,
                amount: grant.cash,
            },
        ));
    }
    calls
}

fn native_missing(wallet: Wallet) -> Balance {
    if wallet.native < NATIVE / 4 {
        NATIVE - wallet.native
    } else {
        0
    }
}

/// What a key is short of, if anything.
fn grant(to: &AccountId, wallet: Wallet, needed: Balance) -> Option<Grant> {
    let grant = Grant {
        to: to.clone(),
        native: native_missing(wallet),
        cash: needed.saturating_sub(wallet.cash),
    };
    (grant.native > 0 || grant.cash > 0).then_some(grant)
}

type Share = (Vec<Grant>, Vec<(CompartmentId, Balance)>);

/// Who pays what: each sum comes from the funder who has most left, the largest first.
fn share(
    has: &[Balance],
    grants: &[Grant],
    gifts: &[(CompartmentId, Balance)],
    whole: Balance,
) -> Result<Vec<Share>> {
    let mut left = has.to_vec();
    let mut shares: Vec<Share> = vec![Share::default(); has.len()];
    let mut take = |units: Balance| {
        let richest = (0..left.len()).max_by_key(|place| left.get(*place).copied());
        let purse = richest.and_then(|place| Some((place, left.get_mut(place)?)));
        // One unit stays: an account without any is taken off the asset's books.
        match purse {
            Some((place, purse)) if *purse > units => {
                *purse -= units;
                Some(place)
            }
            _ => None,
        }
    };
    let total: Balance = grants.iter().map(|grant| grant.cash).sum::<Balance>()
        + gifts.iter().map(|(_, units)| units).sum::<Balance>();
    let poor = || {
        Error::new(format!(
            "the crowd needs {} of the settlement asset, and its funders have {}: ask for fewer bots or less --insurance, or \
             name more funders with --funder",
            total / whole.max(1),
            has.iter().sum::<Balance>() / whole.max(1)
        ))
    };
    for gift in gifts {
        let place = take(gift.1).ok_or_else(poor)?;
        shares[place].1.push(*gift);
    }
    let mut ordered = grants.to_vec();
    ordered.sort_by_key(|grant| std::cmp::Reverse(grant.cash));
    for grant in ordered {
        let place = take(grant.cash).ok_or_else(poor)?;
        shares[place].0.push(grant);
    }
    Ok(shares)
}

fn compartments(place: &Place) -> BTreeSet<CompartmentId> {
    place.markets.iter().map(|one| one.compartment).collect()
}

/// What each insurance fund is short of, in units.
async fn gifts(
    chain: &Chain,
    place: &Place,
    insurance: Balance,
) -> Result<Vec<(CompartmentId, Balance)>> {
    let wanted = insurance * place.whole;
    let risks = chain.now().await?.compartment_risks().await?;
    let funds: BTreeMap<CompartmentId, i128> = risks
        .iter()
        .map(|risk| (risk.compartment, risk.insurance.0 / place.scale.max(1)))
        .collect();
    let missing = compartments(place).into_iter().map(|compartment| {
        let has = funds.get(&compartment).copied().unwrap_or(0);
        let has = Balance::try_from(has).unwrap_or(0);
        (compartment, wanted.saturating_sub(has))
    });
    Ok(missing.filter(|(_, units)| *units > 0).collect())
}

async fn wallet(chain: &Chain, place: &Place, who: &AccountId) -> Result<Wallet> {
    let state = chain.now().await?;
    let (native, cash) = tokio::try_join!(
        state.native_balance(who),
        state.asset_balance(place.asset, who)
    )?;
    Ok(Wallet {
        native,
        cash,
        nonce: 0,
    })
}

/// The deposits that a member has to make for accounts that it doesn't have.
fn unopened(member: &Member) -> impl Iterator<Item = (CompartmentId, Balance)> + '_ {
    let planned = member.plan.deposits.iter();
    planned
        .filter(|(compartment, _)| {
            let mut open = member.accounts.iter();
            !open.any(|(place, _)| place == *compartment)
        })
        .map(|(compartment, units)| (*compartment, *units))
}

/// Looks up which accounts the members have. Those with the sub-number zero are the crowd's.
async fn find_accounts(chain: &Chain, crowd: &mut Crowd) -> Result<()> {
    let state = chain.now().await?;
    let found = crowd
        .members
        .iter()
        .map(|member| state.accounts_of(member.signer.account()));
    let found = try_join_all(found).await?;
    for (member, accounts) in crowd.members.iter_mut().zip(found) {
        let mine = accounts.into_iter().filter(|(_, _, sub)| *sub == 0);
        let mine = mine.map(|(index, compartment, _)| (compartment, index));
        member.accounts = mine.collect::<Vec<(CompartmentId, AccountIndex)>>();
    }
    Ok(())
}

/// Opens the accounts that are missing. Returns how many.
async fn open(chain: &Chain, crowd: &Crowd) -> Result<usize> {
    let missing: Vec<(&Member, Vec<RuntimeCall>)> = crowd
        .members
        .iter()
        .map(|member| {
            let calls = unopened(member).map(|(compartment, units)| {
                RuntimeCall::Margin(pallet_margin::Call::open_account {
                    compartment,
                    sub: 0,
                    units,
                })
            });
            (member, calls.collect::<Vec<_>>())
        })
        .filter(|(_, calls)| !calls.is_empty())
        .collect();
    let count = missing.iter().map(|(_, calls)| calls.len()).sum();
    stream::iter(missing)
        .map(|(member, calls)| async move {
            chain
                .send(&member.signer, all(calls), Status::Included)
                .await
                .map_err(|error| {
                    Error::new(format!("{} can't open its account: {error}", member.name))
                })
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(sums: &[Balance]) -> Vec<Grant> {
        let to = AccountId::new([1; 32]);
        sums.iter()
            .map(|cash| Grant {
                to: to.clone(),
                native: 0,
                cash: *cash,
            })
            .collect()
    }

    #[test]
    fn share_should_take_each_sum_from_the_richest_funder() {
        let shares =
            share(&[1_000, 1_000], &grants(&[600, 300, 300]), &[(0, 500)], 1).expect("enough");
        let paid: Vec<Balance> = shares
            .iter()
            .map(|(grants, gifts)| {
                grants.iter().map(|one| one.cash).sum::<Balance>()
                    + gifts.iter().map(|one| one.1).sum::<Balance>()
            })
            .collect();
        assert_eq!(paid.iter().sum::<Balance>(), 1_700);
        assert!(paid.iter().all(|sum| *sum < 1_000), "{paid:?}");
    }

    #[test]
    fn share_should_say_what_is_missing_when_the_funders_are_too_poor() {
        let error = share(&[1_000], &grants(&[900, 300]), &[], 1).unwrap_err();
        assert!(error.to_string().contains("needs 1200"), "{error}");
        assert!(error.to_string().contains("have 1000"), "{error}");
    }

    #[test]
    fn grant_should_be_nothing_when_all_is_there() {
        let who = AccountId::new([1; 32]);
        let rich = Wallet {
            native: NATIVE,
            cash: 100,
            nonce: 0,
        };
        assert_eq!(grant(&who, rich, 100), None);
        let short = grant(&who, rich, 130).expect("a grant");
        assert_eq!((short.native, short.cash), (0, 30));
        let new = grant(&who, Wallet::default(), 0).expect("a grant");
        assert_eq!((new.native, new.cash), (NATIVE, 0));
    }

    #[test]
    fn all_should_be_one_batch_that_keeps_the_order() {
        let call = |compartment| {
            RuntimeCall::Insurance(pallet_insurance::Call::donate {
                compartment,
                units: 1,
            })
        };
        assert_eq!(all(vec![call(1)]), call(1));
        let expected = pallet_utility::Call::batch_all {
            calls: vec![call(1), call(2)],
        };
        assert_eq!(all(vec![call(1), call(2)]), RuntimeCall::Utility(expected));
    }
}
