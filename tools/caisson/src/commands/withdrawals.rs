//! Withdrawals that wait.

use super::{
    context::{refusal, Asset, Context},
    report::{Report, Table},
};
use crate::{
    cli::WithdrawalsCommand,
    error::{Error, Result},
};
use caisson_primitives::{trading::CompartmentId, AccountId};
use caisson_runtime::Runtime;
use pallet_margin::queue::{place, QueuedWithdrawal};
use serde_json::{json, Value};

/// The bytes of a number at the end of a key.
const NUMBER_BYTES: usize = 8;
/// The bytes of a number with its hash before it.
const HASHED_NUMBER_BYTES: usize = 16;

type Waiting = Vec<(u64, QueuedWithdrawal<AccountId>)>;

/// Lists, claims or cancels.
pub async fn run(
    context: &Context,
    compartment: Option<CompartmentId>,
    command: Option<WithdrawalsCommand>,
) -> Result<Report> {
    match (command, compartment) {
        (
            Some(WithdrawalsCommand::Claim {
                compartment,
                number,
            }),
            _,
        ) => claim(context, compartment, number).await,
        (
            Some(WithdrawalsCommand::Cancel {
                compartment,
                number,
            }),
            _,
        ) => cancel(context, compartment, number).await,
        (None, Some(compartment)) => list(context, compartment).await,
        (None, None) => Err(Error::new("say of which compartment")),
    }
}

async fn list(context: &Context, compartment: CompartmentId) -> Result<Report> {
    let asset = context.settlement(compartment).await?;
    let queued = queued(context, compartment).await?;
    let parked = parked(context, compartment).await?;
    let heads = [
        ">number",
        ">account",
        ">amount",
        ">asked in block",
        "owner",
        "",
    ];
    let mut table = Table::new(&heads);
    let states = [(&queued, "waits"), (&parked, "can be claimed")];
    for (waiting, state) in states {
        for (number, entry) in waiting {
            table.row([
                number.to_string(),
                entry.account.to_string(),
                asset.amount(entry.units),
                entry.at.to_string(),
                entry.owner.to_string(),
                state.to_owned(),
            ]);
        }
    }
    let text = if table.is_empty() {
        format!("No withdrawal waits in compartment {compartment}.")
    } else {
        table.text()
    };
    let json = json!({
        "compartment": compartment,
        "waiting": to_json(&queued, &asset),
        "to_claim": to_json(&parked, &asset),
    });
    Ok(Report::new(text, json))
}

fn to_json(waiting: &Waiting, asset: &Asset) -> Vec<Value> {
    let entry = |(number, entry): &(u64, QueuedWithdrawal<AccountId>)| {
        json!({
            "number": number,
            "account": entry.account,
            "owner": entry.owner.to_string(),
            "amount": asset.amount(entry.units),
            "asked_in_block": entry.at,
        })
    };
    waiting.iter().map(entry).collect()
}

/// Those that the chain pays when there is room, in their order.
async fn queued(context: &Context, compartment: CompartmentId) -> Result<Waiting> {
    let key = pallet_margin::Queued::<Runtime>::hashed_key_for(compartment, place(0));
    let prefix = &key[..key.len().saturating_sub(NUMBER_BYTES)];
    let read = u64::from_be_bytes;
    under(context, prefix, read).await
}

/// Those that could not be paid when it was their turn.
async fn parked(context: &Context, compartment: CompartmentId) -> Result<Waiting> {
    let key = pallet_margin::Parked::<Runtime>::hashed_key_for(compartment, 0);
    let prefix = &key[..key.len().saturating_sub(HASHED_NUMBER_BYTES)];
    let read = u64::from_le_bytes;
    under(context, prefix, read).await
}

async fn under(
    context: &Context,
    prefix: &[u8],
    read: fn([u8; NUMBER_BYTES]) -> u64,
) -> Result<Waiting> {
    let state = context.chain.now().await?;
    let mut waiting = Waiting::new();
    for key in state.keys_under(prefix).await? {
        let Some(number) = key.last_chunk::<NUMBER_BYTES>() else {
            continue;
        };
        if let Some(entry) = state.storage(&key).await? {
            waiting.push((read(*number), entry));
        }
    }
    waiting.sort_by_key(|(number, _)| *number);
    Ok(waiting)
}

async fn claim(context: &Context, compartment: CompartmentId, number: u64) -> Result<Report> {
    context.signer()?;
    let asset = context.settlement(compartment).await?;
    let waiting = parked(context, compartment).await?;
    let entry = find(&waiting, number)?;
    let call = pallet_margin::Call::claim_withdrawal {
        compartment,
        number,
    };
    let included = context.send(call).await?;
    let text = format!(
        "{} of withdrawal {number} were paid",
        asset.named(entry.units)
    );
    let json = json!({
        "compartment": compartment,
        "number": number,
        "amount": asset.amount(entry.units),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

async fn cancel(context: &Context, compartment: CompartmentId, number: u64) -> Result<Report> {
    context.signer()?;
    let asset = context.settlement(compartment).await?;
    let call = pallet_margin::Call::cancel_withdrawal {
        compartment,
        number,
    };
    let included = context.send(call).await?;
    let back = included.events.iter().find_map(|event| match event {
        caisson_runtime::RuntimeEvent::Margin(pallet_margin::Event::WithdrawalCancelled {
            account,
            units,
            ..
        }) => Some((*account, *units)),
        _ => None,
    });
    let (account, units) = super::context::found(back, "Margin.WithdrawalCancelled")?;
    let text = format!("{} are back in account {account}", asset.named(units));
    let json = json!({
        "compartment": compartment,
        "number": number,
        "account": account,
        "amount": asset.amount(units),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

fn find(waiting: &Waiting, number: u64) -> Result<&QueuedWithdrawal<AccountId>> {
    let found = waiting.iter().find(|(its, _)| *its == number);
    found
        .map(|(_, entry)| entry)
        .ok_or_else(|| refusal(pallet_margin::Error::<Runtime>::NoSuchWithdrawal))
}
