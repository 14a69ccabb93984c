//! Insurance funds and their backers.

use super::{
    context::{address, found, refusal, Context},
    report::{Report, Table},
};
use crate::{
    cli::InsuranceCommand,
    error::{Error, Result},
    units::{money, percent},
};
use caisson_primitives::{
    trading::{risk_api::CompartmentRisk, Cash, CompartmentId},
    AccountId, Balance,
};
use caisson_risk::insurance::Fund;
use caisson_runtime::{Runtime, RuntimeEvent};
use pallet_insurance::{
    types::{Backing, FundTerms, ShareSeries, Shares},
    Call, Event,
};
use serde_json::{json, Value};

/// Does what was asked for with insurance funds.
pub async fn run(context: &Context, command: InsuranceCommand) -> Result<Report> {
    use InsuranceCommand as Do;
    match command {
        Do::Show {
            compartment,
            backer,
        } => show(context, compartment, backer.as_deref()).await,
        Do::Back {
            compartment,
            amount,
        } => back(context, compartment, &amount).await,
        Do::Leave {
            compartment,
            shares,
        } => leave(context, compartment, &shares).await,
        Do::Stay { compartment } => stay(context, compartment).await,
        Do::Redeem { compartment } => redeem(context, compartment).await,
        Do::Donate {
            compartment,
            amount,
        } => donate(context, compartment, &amount).await,
    }
}

async fn show(
    context: &Context,
    compartment: CompartmentId,
    backer: Option<&str>,
) -> Result<Report> {
    let state = context.chain.now().await?;
    let risks = state.compartment_risks().await?;
    let risk = risks
        .iter()
        .find(|risk| risk.compartment == compartment)
        .ok_or_else(|| refusal(pallet_insurance::Error::<Runtime>::NoSuchCompartment))?;
    let key = pallet_insurance::Terms::<Runtime>::hashed_key_for(compartment);
    let terms: FundTerms = state.storage(&key).await?.unwrap_or_default();
    let coverage = risk.coverage_ppm.map(|ppm| percent(ppm.into()));
    let shown = match &coverage {
        Some(coverage) => format!("{coverage} %"),
        None => "nothing to cover".to_owned(),
    };
    let hours = terms.cool_down_ms / 3_600_000;
    let table = Table::of_pairs([
        ("insurance fund", money(risk.insurance)),
        ("backers", money(risk.backers)),
        ("shares", risk.shares.to_string()),
        ("target", money(risk.target)),
        ("coverage", shown),
        ("least stake", money(terms.min_backing)),
        ("cool-down", format!("{hours} h")),
    ]);
    let mut text = format!("Insurance of compartment {compartment}\n{}", table.text());
    let backer = match (backer, context.own()) {
        (Some(name), _) => Some(address(name)?),
        (None, own) => own.cloned(),
    };
    let mut json = json!({
        "compartment": compartment,
        "insurance": money(risk.insurance),
        "backers": money(risk.backers),
        "shares": risk.shares.to_string(),
        "target": money(risk.target),
        "coverage_percent": coverage,
        "min_backing": money(terms.min_backing),
        "cool_down_ms": terms.cool_down_ms,
        "backer": null,
    });
    if let Some(backer) = backer {
        let (line, stake) = stake(context, risk, &backer).await?;
        text.push_str(&line);
        json["backer"] = stake;
    }
    Ok(Report::new(text, json))
}

/// What a backer has in a fund.
async fn stake(
    context: &Context,
    risk: &CompartmentRisk,
    backer: &AccountId,
) -> Result<(String, Value)> {
    let state = context.chain.now().await?;
    let Some(backing) = backing(context, risk.compartment, backer).await? else {
        let json = json!({ "address": backer.to_string(), "shares": "0" });
        return Ok((format!("{backer} has no shares in it\n"), json));
    };
    let key = pallet_insurance::Series::<Runtime>::hashed_key_for(risk.compartment);
    let series: ShareSeries = state.storage(&key).await?.unwrap_or_default();
    let is_worthless = series.number != backing.series;
    let value = if is_worthless {
        Cash(0)
    } else {
        worth(backing.shares, risk)
    };
    let mut line = format!(
        "{backer} has {} shares, worth {}\n",
        backing.shares,
        money(value)
    );
    if is_worthless {
        line.push_str("A loss took all that they were worth; `redeem` forgets them\n");
    }
    if let Some(leaving) = backing.leaving {
        line.push_str(&format!(
            "{} of them leave, and can be redeemed from {} ms on\n",
            leaving.shares, leaving.at
        ));
    }
    let json = json!({
        "address": backer.to_string(),
        "shares": backing.shares.to_string(),
        "value": money(value),
        "worthless": is_worthless,
        "leaving": backing.leaving.map(|leaving| json!({
            "shares": leaving.shares.to_string(),
            "redeemable_at": leaving.at,
        })),
    });
    Ok((line, json))
}

async fn backing(
    context: &Context,
    compartment: CompartmentId,
    backer: &AccountId,
) -> Result<Option<Backing>> {
    let key = pallet_insurance::Backings::<Runtime>::hashed_key_for(compartment, backer);
    context.chain.now().await?.storage(&key).await
}

/// What shares would be paid out as now, rounded down: the arithmetic of the chain itself.
fn worth(shares: Shares, risk: &CompartmentRisk) -> Cash {
    let fund = Fund {
        assets: risk.backers,
        shares: risk.shares,
    };
    // It fails for more shares than there are, which are worth nothing.
    fund.redeem(&shares).map_or(Cash(0), |(assets, _)| assets)
}

async fn back(context: &Context, compartment: CompartmentId, amount: &str) -> Result<Report> {
    context.signer()?;
    let asset = context.settlement(compartment).await?;
    let units: Balance = asset.units(amount)?;
    let included = context.send(Call::back { compartment, units }).await?;
    let backed = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Insurance(Event::Backed { shares, held, .. }) => Some((*shares, *held)),
        _ => None,
    });
    let (shares, held) = found(backed, "Insurance.Backed")?;
    let text = format!(
        "{} back compartment {compartment} for {shares} shares; you have {held}",
        asset.named(units)
    );
    let json = json!({
        "compartment": compartment,
        "amount": asset.amount(units),
        "shares": shares.to_string(),
        "held": held.to_string(),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

async fn leave(context: &Context, compartment: CompartmentId, shares: &str) -> Result<Report> {
    let own = context.signer()?.account();
    let shares: Shares = match shares {
        "all" => backing(context, compartment, own)
            .await?
            .map(|backing| backing.shares)
            .ok_or_else(|| refusal(pallet_insurance::Error::<Runtime>::NotABacker))?,
        number => number.parse().map_err(|_| {
            Error::new(format!(
                "`{number}` isn't a number of shares: write a whole number as `caisson insurance show {compartment}` gives \
                 it, or `all`"
            ))
        })?,
    };
    let included = context
        .send(Call::leave {
            compartment,
            shares,
        })
        .await?;
    let at = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Insurance(Event::Leaves { at, .. }) => Some(*at),
        _ => None,
    });
    let at = found(at, "Insurance.Leaves")?;
    let now = context.chain.at(included.block).time().await?;
    let hours = at.saturating_sub(now).div_ceil(3_600_000);
    let text = format!(
        "{shares} shares leave; they can be redeemed in {hours} h, and bear losses and income until they are"
    );
    let json = json!({
        "compartment": compartment,
        "shares": shares.to_string(),
        "redeemable_at": at,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

async fn stay(context: &Context, compartment: CompartmentId) -> Result<Report> {
    let included = context.send(Call::stay { compartment }).await?;
    let shares = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Insurance(Event::Stays { shares, .. }) => Some(*shares),
        _ => None,
    });
    let shares = found(shares, "Insurance.Stays")?;
    let json = json!({
        "compartment": compartment,
        "shares": shares.to_string(),
        "block": context.place(&included),
    });
    Ok(Report::new(format!("{shares} shares stay"), json))
}

async fn redeem(context: &Context, compartment: CompartmentId) -> Result<Report> {
    context.signer()?;
    let asset = context.settlement(compartment).await?;
    let included = context.send(Call::redeem { compartment }).await?;
    let redeemed = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Insurance(Event::Redeemed { shares, units, .. }) => Some((*shares, *units)),
        // Worthless shares are forgotten, and nothing is paid for them.
        RuntimeEvent::Insurance(Event::SharesStruckOff { shares, .. }) => Some((*shares, 0)),
        _ => None,
    });
    let (shares, units) = found(redeemed, "Insurance.Redeemed")?;
    let text = format!("{} were paid for {shares} shares", asset.named(units));
    let json = json!({
        "compartment": compartment,
        "shares": shares.to_string(),
        "amount": asset.amount(units),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

async fn donate(context: &Context, compartment: CompartmentId, amount: &str) -> Result<Report> {
    context.signer()?;
    let asset = context.settlement(compartment).await?;
    let units: Balance = asset.units(amount)?;
    let included = context.send(Call::donate { compartment, units }).await?;
    let text = format!(
        "{} went to the insurance fund of compartment {compartment}",
        asset.named(units)
    );
    let json = json!({
        "compartment": compartment,
        "amount": asset.amount(units),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use caisson_primitives::trading::Level;

    fn risk(backers: i128, shares: Shares) -> CompartmentRisk {
        CompartmentRisk {
            compartment: 0,
            level: Level::Open,
            custody: Cash(0),
            insurance: Cash(0),
            backers: Cash(backers),
            shares,
            target: Cash(0),
            coverage_ppm: None,
            withdrawals_left_hour: Cash(0),
            withdrawals_left_day: Cash(0),
            queued: Cash(0),
            deficit: Cash(0),
        }
    }

    #[test]
    fn shares_should_be_worth_their_part_of_the_pot() {
        // A hundred of the settlement asset for the first shares, of which a quantum costs a million.
        let pot = 100_000_000_000_000;
        assert_eq!(
            worth(pot * 1_000_000, &risk(pot, pot * 1_000_000)),
            Cash(pot)
        );
        // The pot halved.
        let halved = worth(pot * 1_000_000, &risk(pot / 2, pot * 1_000_000));
        assert_eq!(halved, Cash(pot / 2));
    }
}
