//! Money and margin accounts, before the clock starts.
//!
//! It looks at what is there first, so that a run on a chain of an earlier one goes on with its accounts.

use crate::{
    observer::Sight,
    sender::{next_nonce, Lines},
    spec::NATIVE,
    venue::Venue,
};
use caisson::{
    chain::{Chain, Life, Status},
    error::{Error, Result},
    keys::Signer,
};
use caisson_primitives::{trading::OrderNumber, AccountId, Balance, Nonce};
use caisson_runtime::RuntimeCall;
use futures::{stream, StreamExt, TryStreamExt};
use parking_lot::Mutex;
use sp_runtime::MultiAddress;
use std::time::{Duration, Instant};

/// How many questions are asked at once.
const AT_ONCE: usize = 32;
/// How many accounts one transaction of a funder helps: well within a block.
const HELPED_AT_ONCE: usize = 50;
/// How many transactions of the set-up are under way at once.
const MOST_UNDER_WAY: usize = 500;
/// How long the last of them may take.
const TIME_TO_SETTLE: Duration = Duration::from_secs(120);
/// Who has money on development chains.
const FUNDERS: [&str; 6] = [
    "//Alice",
    "//Bob",
    "//Charlie",
    "//Dave",
    "//Eve",
    "//Ferdie",
];
/// What a funder gives for fees: the development accounts have enough for thousands.
const GRANT: Balance = NATIVE / 10;

/// Gives every account its nonce, and, if it trades, money and a margin account.
pub async fn prepare(
    lines: &Lines,
    venue: &Venue,
    deposit: Option<Balance>,
    sight: &Mutex<Sight>,
) -> Result<()> {
    let chain = lines
        .chains
        .first()
        .ok_or_else(|| Error::new("there is no connection to a node"))?;
    let nonces = find_nonces(chain, lines).await?;
    for (member, nonce) in lines.fleet.members.iter().zip(&nonces) {
        member.count_from(*nonce);
    }
    fund(chain, lines, venue, &nonces, deposit).await?;
    let Some(units) = deposit else {
        return Ok(());
    };
    // A key that never sent anything has no account.
    let known = |place: &usize| nonces.get(*place).is_some_and(|nonce| *nonce > 0);
    let all = 0..lines.fleet.members.len();
    let without = look_up(
        chain,
        lines,
        venue,
        all.clone().filter(known).collect(),
        sight,
    )
    .await?;
    let missing: Vec<usize> = all.filter(|place| !known(place)).chain(without).collect();
    if missing.is_empty() {
        return Ok(());
    }
    open(lines, venue, &missing, units, chain).await?;
    let failed = look_up(chain, lines, venue, missing, sight).await?;
    match failed.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(format!(
            "{} accounts could not open their margin account, //Load//{first} first; see what `caisson account open` says with its \
             key",
            failed.len()
        ))),
    }
}

async fn find_nonces(chain: &Chain, lines: &Lines) -> Result<Vec<Nonce>> {
    stream::iter(&lines.fleet.members)
        .map(|member| next_nonce(chain, &member.signer))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Looks up the margin accounts of members. Returns those that have none.
async fn look_up(
    chain: &Chain,
    lines: &Lines,
    venue: &Venue,
    places: Vec<usize>,
    sight: &Mutex<Sight>,
) -> Result<Vec<usize>> {
    let state = chain.now().await?;
    let found: Vec<(usize, Option<OrderNumber>)> = stream::iter(places)
        .map(|place| async move {
            let member = &lines.fleet.members[place];
            let wanted = venue.markets.get(member.market);
            let wanted = wanted.map(|market| market.compartment);
            let accounts = state.accounts_of(member.signer.account()).await?;
            let mine = accounts
                .into_iter()
                .find(|(_, compartment, sub)| Some(*compartment) == wanted && *sub == 0);
            let Some((account, ..)) = mine else {
                return Ok((place, None));
            };
            member.has_account(account);
            let health = state.health(account).await?;
            Ok::<_, Error>((
                place,
                Some(health.map_or(0, |health| health.account.next_order)),
            ))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut sight = sight.lock();
    for (place, next) in &found {
        if let Some(next) = next {
            let account = lines.fleet.members[*place].account();
            sight.tally.starts_at(account, *next);
        }
    }
    let without = found.iter().filter(|(_, next)| next.is_none());
    Ok(without.map(|(place, _)| *place).collect())
}

/// Opens margin accounts with their first deposits.
async fn open(
    lines: &Lines,
    venue: &Venue,
    places: &[usize],
    units: Balance,
    chain: &Chain,
) -> Result<()> {
    let life = Life::immortal(chain.genesis());
    for place in places {
        let member = &lines.fleet.members[*place];
        let market = venue.markets.get(member.market);
        let compartment = market.map_or(0, |market| market.compartment);
        let call = pallet_margin::Call::open_account {
            compartment,
            sub: 0,
            units,
        };
        member.prepare(RuntimeCall::Margin(call), &life);
    }
    lines.send_all(MOST_UNDER_WAY).await;
    let sent = Instant::now();
    while !lines.ledger.is_settled() {
        if sent.elapsed() > TIME_TO_SETTLE {
            return Err(Error::new(format!(
                "{} transactions of the set-up are in no final block after {} s; does the chain finalise? See the node's log",
                lines.ledger.under_way(),
                TIME_TO_SETTLE.as_secs()
            )));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Gives money to those that have too little, out of the development accounts. On a chain made for the run nobody has.
async fn fund(
    chain: &Chain,
    lines: &Lines,
    venue: &Venue,
    nonces: &[Nonce],
    deposit: Option<Balance>,
) -> Result<()> {
    let state = chain.now().await?;
    let poor: Vec<(AccountId, bool, bool)> = stream::iter(lines.fleet.members.iter().zip(nonces))
        .map(|(member, nonce)| async move {
            let who = member.signer.account();
            let native = state.native_balance(who).await?;
            // Whoever has sent something has made its deposit.
            let cash = match deposit {
                Some(units) if *nonce == 0 => state.asset_balance(venue.asset, who).await? <= units,
                _ => false,
            };
            Ok::<_, Error>((who.clone(), native < GRANT / 10, cash))
        })
        .buffered(AT_ONCE)
        .try_filter(|(_, native, cash)| {
            let is_poor = *native || *cash;
            async move { is_poor }
        })
        .try_collect()
        .await?;
    for (place, helped) in poor.chunks(HELPED_AT_ONCE).enumerate() {
        let funder = Signer::from_secret(FUNDERS[place % FUNDERS.len()])?;
        // One unit more, or the account of the asset would end with the deposit.
        let units = deposit.unwrap_or(0) + 1;
        let calls = helped.iter().flat_map(|(who, native, cash)| {
            let native = native.then(|| give_native(who));
            let cash = cash.then(|| give_cash(who, venue, units));
            native.into_iter().chain(cash)
        });
        let batch = pallet_utility::Call::batch_all {
            calls: calls.collect(),
        };
        chain
            .send(&funder, RuntimeCall::Utility(batch), Status::Included)
            .await
            .map_err(|error| {
                Error::new(format!(
                    "{} accounts have no money, and {} can't give it: {error}\nAsk for fewer --accounts, or let the generator \
                     make a chain of its own: leave --url out",
                    poor.len(),
                    FUNDERS[place % FUNDERS.len()]
                ))
            })?;
    }
    Ok(())
}

fn give_native(who: &AccountId) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: MultiAddress::Id(who.clone()),
        value: GRANT,
    })
}

fn give_cash(who: &AccountId, venue: &Venue, units: Balance) -> RuntimeCall {
    RuntimeCall::Assets(pallet_assets::Call::transfer_keep_alive {
        id: venue.asset.into(),
        target: MultiAddress::Id(who.clone()),
        amount: units,
    })
}
