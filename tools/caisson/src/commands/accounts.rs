//! Margin accounts: listing, opening, closing, leverage.

use super::{
    agents,
    context::{found, Context},
    report::{Report, Table},
};
use crate::{
    cli::AccountCommand,
    error::{Error, Result},
    units::{self, money, money_short},
};
use caisson_primitives::{
    currency,
    trading::{AccountIndex, CompartmentId},
    AccountId, AssetId, Balance,
};
use caisson_runtime::{Runtime, RuntimeEvent};
use pallet_margin::Event;
use serde_json::{json, Value};
use std::collections::BTreeSet;

/// The most accounts of an owner in a compartment.
const MAX_SUBACCOUNTS: u8 = 32;

/// Does what was asked for with accounts.
pub async fn run(context: &Context, command: AccountCommand) -> Result<Report> {
    match command {
        AccountCommand::List { owner } => list(context, owner.as_deref()).await,
        AccountCommand::Open {
            amount,
            compartment,
            sub,
        } => open(context, &amount, compartment, sub).await,
        AccountCommand::Close { account } => close(context, account).await,
        AccountCommand::Leverage { account, leverage } => {
            set_leverage(context, account, leverage).await
        }
        AccountCommand::Agent(command) => agents::run(context, command).await,
    }
}

async fn list(context: &Context, owner: Option<&str>) -> Result<Report> {
    let owner = context.owner(owner)?;
    let state = context.chain.now().await?;
    let heads = [
        ">account",
        ">compartment",
        ">sub",
        ">equity",
        ">free margin",
        ">withdrawable",
        ">positions",
        ">orders",
    ];
    let mut table = Table::new(&heads);
    let mut accounts: Vec<Value> = Vec::new();
    for (index, compartment, sub) in state.accounts_of(&owner).await? {
        let Some(health) = state.health(index).await? else {
            continue;
        };
        let held = health.positions.iter().filter(|one| one.lots.0 != 0);
        let positions = held.count();
        table.row([
            index.to_string(),
            compartment.to_string(),
            sub.to_string(),
            money_short(health.equity),
            money_short(health.initial_health),
            money_short(health.withdrawable),
            positions.to_string(),
            health.account.orders.to_string(),
        ]);
        accounts.push(json!({
            "account": index,
            "compartment": compartment,
            "sub": sub,
            "equity": money(health.equity),
            "initial_health": money(health.initial_health),
            "withdrawable": money(health.withdrawable),
            "positions": positions,
            "orders": health.account.orders,
            "unsafe": health.account.unsafe_since.is_some(),
        }));
    }
    let (outside, outside_json) = wallet(context, &owner).await?;
    let mut text = format!("Owner {owner}\n");
    if table.is_empty() {
        text.push_str("No accounts; `caisson account open AMOUNT` opens one.\n");
    } else {
        text.push_str(&table.text());
    }
    text.push_str(&format!("Outside of accounts: {outside}"));
    let json = json!({
        "owner": owner.to_string(),
        "accounts": accounts,
        "outside": outside_json,
    });
    Ok(Report::new(text, json))
}

/// What an owner holds outside of accounts: of the native token, and of all assets that count as money or collateral.
async fn wallet(context: &Context, owner: &AccountId) -> Result<(String, Value)> {
    let state = context.chain.now().await?;
    let native = state.native_balance(owner).await?;
    let native = units::decimal(
        i128::try_from(native).unwrap_or(i128::MAX),
        currency::DECIMALS.into(),
    );
    let mut parts = vec![format!("{native} {}", currency::SYMBOL)];
    let mut assets: Vec<Value> = Vec::new();
    for id in known_assets(context).await? {
        let asset = context.asset(id).await?;
        let units = state.asset_balance(id, owner).await?;
        parts.push(asset.named(units));
        assets.push(json!({
            "asset": id,
            "symbol": asset.symbol,
            "amount": asset.amount(units),
            "units": units.to_string(),
        }));
    }
    let json = json!({ "native": native, "assets": assets });
    Ok((parts.join(", "), json))
}

async fn known_assets(context: &Context) -> Result<BTreeSet<AssetId>> {
    let state = context.chain.now().await?;
    let mut assets = BTreeSet::new();
    for risk in state.compartment_risks().await? {
        if let Some(compartment) = state.compartment(risk.compartment).await? {
            assets.insert(compartment.settlement_asset);
        }
    }
    let key = pallet_margin::Collaterals::<Runtime>::hashed_key();
    let collaterals: Option<pallet_margin::types::CollateralList> = state.storage(&key).await?;
    assets.extend(collaterals.iter().flatten().map(|one| one.asset));
    Ok(assets)
}

async fn open(
    context: &Context,
    amount: &str,
    compartment: CompartmentId,
    sub: Option<u8>,
) -> Result<Report> {
    let owner = context.signer()?.account();
    let asset = context.settlement(compartment).await?;
    let units: Balance = asset.units(amount)?;
    let sub = match sub {
        Some(sub) => sub,
        None => free_sub(context, owner, compartment).await?,
    };
    let call = pallet_margin::Call::open_account {
        compartment,
        sub,
        units,
    };
    let included = context.send(call).await?;
    let account = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::AccountOpened { account, .. }) => Some(*account),
        _ => None,
    });
    let account = found(account, "Margin.AccountOpened")?;
    let text = format!(
        "Account {account} is open in compartment {compartment}, sub {sub}, with {}",
        asset.named(units)
    );
    let json = json!({
        "account": account,
        "compartment": compartment,
        "sub": sub,
        "amount": asset.amount(units),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// The first number that an owner has not used in a compartment.
async fn free_sub(context: &Context, owner: &AccountId, compartment: CompartmentId) -> Result<u8> {
    let taken: BTreeSet<u8> = context
        .chain
        .now()
        .await?
        .accounts_of(owner)
        .await?
        .into_iter()
        .filter(|(_, its, _)| *its == compartment)
        .map(|(_, _, sub)| sub)
        .collect();
    (0..MAX_SUBACCOUNTS)
        .find(|sub| !taken.contains(sub))
        .ok_or_else(|| {
            Error::new(format!(
                "you have {MAX_SUBACCOUNTS} accounts in compartment {compartment}, which is all there can be; close one \
                 first"
            ))
        })
}

async fn close(context: &Context, account: AccountIndex) -> Result<Report> {
    let compartment = context.account(account).await?.compartment;
    let asset = context.settlement(compartment).await?;
    let included = context
        .send(pallet_margin::Call::close_account { account })
        .await?;
    let closed = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::AccountClosed { units, .. }) => Some(*units),
        _ => None,
    });
    let units = found(closed, "Margin.AccountClosed")?;
    let queued = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::WithdrawalQueued { number, .. }) => Some(*number),
        _ => None,
    });
    let text = match queued {
        None => format!("Account {account} is closed; {} were paid", asset.named(units)),
        Some(number) => format!(
            "Account {account} is closed; {} wait in the queue of compartment {compartment} as number {number}",
            asset.named(units)
        ),
    };
    let json = json!({
        "account": account,
        "amount": asset.amount(units),
        "queued": queued,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

async fn set_leverage(context: &Context, account: AccountIndex, leverage: u8) -> Result<Report> {
    let call = pallet_margin::Call::set_leverage { account, leverage };
    let included = context.trade(account, call).await?;
    let text = match leverage {
        0 => format!("Account {account} takes the leverage that its markets allow"),
        _ => format!("Account {account} takes a leverage of at most {leverage}"),
    };
    let json = json!({
        "account": account,
        "leverage": leverage,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}
