//! Keys that trade for others: proxies of the type `Trading`.

use super::{
    context::{address, Context},
    report::Report,
};
use crate::{chain::words, cli::AgentCommand, error::Result};
use caisson_primitives::{AccountId, Balance, BlockNumber};
use caisson_runtime::{configs::ProxyType, Runtime, RuntimeCall, RuntimeEvent};
use pallet_proxy::{Call, Event};
use serde_json::json;
use sp_runtime::MultiAddress;

/// Lets a key trade, or takes that right from it.
pub async fn run(context: &Context, command: AgentCommand) -> Result<Report> {
    let (text, is_added) = match &command {
        AgentCommand::Add { address } => (address, true),
        AgentCommand::Remove { address } => (address, false),
    };
    let agent = address(text)?;
    let delegate = MultiAddress::Id(agent.clone());
    let (proxy_type, delay) = (ProxyType::Trading, 0);
    let call = if is_added {
        Call::add_proxy {
            delegate,
            proxy_type,
            delay,
        }
    } else {
        Call::remove_proxy {
            delegate,
            proxy_type,
            delay,
        }
    };
    let included = context.send(RuntimeCall::Proxy(call)).await?;
    let owner = context.signer()?.account();
    let text = if is_added {
        format!("{agent} may trade with all accounts of {owner}, and move no money of it")
    } else {
        format!("{agent} may no longer trade for {owner}")
    };
    let json = json!({
        "owner": owner.to_string(),
        "agent": agent.to_string(),
        "may_trade": is_added,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// Whether a key is an owner's agent, at once.
pub async fn may_trade(context: &Context, owner: &AccountId, key: &AccountId) -> Result<bool> {
    let place = pallet_proxy::Proxies::<Runtime>::hashed_key_for(owner);
    type Stored = (
        Vec<pallet_proxy::ProxyDefinition<AccountId, ProxyType, BlockNumber>>,
        Balance,
    );
    let stored: Option<Stored> = context.chain.now().await?.storage(&place).await?;
    let (proxies, _) = stored.unwrap_or_default();
    Ok(proxies.iter().any(|proxy| {
        proxy.delegate == *key
            && proxy.delay == 0
            && matches!(
                proxy.proxy_type,
                ProxyType::Any | ProxyType::NonTransfer | ProxyType::Trading
            )
    }))
}

/// A call in the name of the owner whose agent the key is.
pub fn in_the_name_of(owner: AccountId, call: RuntimeCall) -> RuntimeCall {
    RuntimeCall::Proxy(Call::proxy {
        real: MultiAddress::Id(owner),
        force_proxy_type: None,
        call: Box::new(call),
    })
}

/// Fails with the error of the call that an agent made: the transaction itself succeeds nevertheless.
pub fn check(events: &[RuntimeEvent]) -> Result<()> {
    for event in events {
        if let RuntimeEvent::Proxy(Event::ProxyExecuted { result: Err(error) }) = event {
            return Err(crate::error::Error::new(words::dispatch(error)));
        }
    }
    Ok(())
}
