//! Money into, out of and between accounts.

use super::{
    context::{address, found, Asset, Context},
    report::Report,
};
use crate::{
    cli::MoneyOptions,
    error::Result,
    units::{self, money},
};
use caisson_primitives::{
    currency,
    trading::{AccountIndex, Cash, CompartmentId},
    AssetId, Balance,
};
use caisson_runtime::{RuntimeCall, RuntimeEvent};
use pallet_margin::Event;
use serde_json::json;
use sp_runtime::MultiAddress;

/// What goes into an account or out of it.
struct Moved {
    compartment: CompartmentId,
    settlement: Asset,
    asset: Asset,
    units: Balance,
}

/// Reads an amount as the account's compartment and the asset count it. Fails without a key: nothing could be sent.
async fn what_moves(context: &Context, options: &MoneyOptions) -> Result<Moved> {
    context.signer()?;
    let compartment = context.account(options.account).await?.compartment;
    let settlement = context.settlement(compartment).await?;
    let asset = match options.asset {
        Some(id) => context.asset(id).await?,
        None => settlement.clone(),
    };
    let units = asset.units(&options.amount)?;
    Ok(Moved {
        compartment,
        settlement,
        asset,
        units,
    })
}

/// Brings money or other collateral into an account.
pub async fn deposit(context: &Context, options: &MoneyOptions) -> Result<Report> {
    let account = options.account;
    let Moved {
        settlement,
        asset,
        units,
        ..
    } = what_moves(context, options).await?;
    let call = pallet_margin::Call::deposit {
        account,
        asset: asset.id,
        units,
    };
    let included = context.send(call).await?;
    // Other collateral leaves the account's money as it is.
    let after: Option<Cash> = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::Deposited { after, .. }) => Some(*after),
        _ => None,
    });
    let mut text = format!("{} came into account {account}", asset.named(units));
    if let Some(after) = after {
        text.push_str(&format!(
            ", which has {} {} now",
            money(after),
            settlement.symbol
        ));
    }
    let json = json!({
        "account": account,
        "asset": asset.id,
        "amount": asset.amount(units),
        "money": after.map(money),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// Takes money or other collateral out of an account.
pub async fn withdraw(context: &Context, options: &MoneyOptions) -> Result<Report> {
    let account = options.account;
    let Moved {
        compartment,
        settlement,
        asset,
        units,
    } = what_moves(context, options).await?;
    let call = pallet_margin::Call::withdraw {
        account,
        asset: asset.id,
        units,
    };
    let included = context.send(call).await?;
    let queued = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::WithdrawalQueued { number, .. }) => Some(*number),
        _ => None,
    });
    let after: Option<Cash> = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::Withdrawn { after, .. }) => Some(*after),
        _ => None,
    });
    let amount = asset.named(units);
    let text = match (queued, after) {
        (Some(number), _) => format!(
            "{amount} left account {account} and wait in the queue of compartment {compartment} as number {number}: more \
             left lately than may leave at once. The chain pays them by itself; `caisson withdrawals cancel {compartment} \
             {number}` takes them back"
        ),
        (None, Some(after)) => format!(
            "{amount} were paid; account {account} has {} {} now",
            money(after),
            settlement.symbol
        ),
        (None, None) => format!("{amount} were paid"),
    };
    let json = json!({
        "account": account,
        "asset": asset.id,
        "amount": asset.amount(units),
        "status": if queued.is_some() { "queued" } else { "paid" },
        "queued": queued,
        "money": after.map(money),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// Moves money between two accounts.
pub async fn transfer(
    context: &Context,
    from: AccountIndex,
    to: AccountIndex,
    amount: &str,
) -> Result<Report> {
    context.signer()?;
    let compartment = context.account(from).await?.compartment;
    let asset = context.settlement(compartment).await?;
    let units = asset.units(amount)?;
    let included = context
        .send(pallet_margin::Call::transfer { from, to, units })
        .await?;
    let moved = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Margin(Event::Transferred { units, .. }) => Some(*units),
        _ => None,
    });
    let moved = found(moved, "Margin.Transferred")?;
    let text = format!(
        "{} went from account {from} to account {to}",
        asset.named(moved)
    );
    let json = json!({
        "from": from,
        "to": to,
        "amount": asset.amount(moved),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// Sends money to another owner.
pub async fn send(
    context: &Context,
    to: &str,
    amount: &str,
    (asset, csn): (Option<AssetId>, bool),
) -> Result<Report> {
    context.signer()?;
    let to = address(to)?;
    let target = MultiAddress::Id(to.clone());
    let (call, amount, symbol, id) = if csn {
        let decimals = u32::from(currency::DECIMALS);
        let value = units::units(amount, decimals)?;
        // An account that this would leave with too little to exist fails instead of losing the rest.
        let call: RuntimeCall = pallet_balances::Call::transfer_keep_alive {
            dest: target,
            value,
        }
        .into();
        let shown = units::decimal(i128::try_from(value).unwrap_or(i128::MAX), decimals);
        (call, shown, currency::SYMBOL.to_owned(), None)
    } else {
        let asset = match asset {
            Some(id) => context.asset(id).await?,
            None => context.settlement(0).await?,
        };
        let units = asset.units(amount)?;
        let call: RuntimeCall = pallet_assets::Call::transfer {
            id: asset.id.into(),
            target,
            amount: units,
        }
        .into();
        (call, asset.amount(units), asset.symbol, Some(asset.id))
    };
    let included = context.send(call).await?;
    let text = format!("{amount} {symbol} went to {to}");
    let json = json!({
        "to": to.to_string(),
        "asset": id,
        "symbol": symbol,
        "amount": amount,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}
