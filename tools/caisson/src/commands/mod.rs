//! What the commands do. Each answers with a [`Report`]; only this module prints.

mod accounts;
mod agents;
mod amending;
mod audit;
mod context;
mod fills;
mod health;
mod insurance;
mod ladder;
mod markets;
mod money;
mod oracle;
mod orders;
mod report;
mod risk;
mod withdrawals;

use crate::{
    bots,
    cli::{Cli, Command},
    demo,
    error::{Error, Result},
    view,
};
use context::Context;
use report::Report;
use std::io::{self, ErrorKind, Write};

/// Does what was asked for, and prints the answer.
pub async fn run(cli: Cli) -> Result<()> {
    let json = cli.common.json;
    if let Command::Demo(options) = cli.command {
        return demo::run(*options).await;
    }
    let context = Context::connect(&cli.common).await?;
    match cli.command {
        Command::Bots(options) => bots::run(context.chain, options).await,
        Command::View(options) => view::run(context.chain, options).await,
        command => print(&answer(&context, command).await?, json),
    }
}

async fn answer(context: &Context, command: Command) -> Result<Report> {
    match command {
        Command::Markets { market: None } => markets::all(context).await,
        Command::Markets { market: Some(one) } => markets::one(context, &one).await,
        Command::Depth { market, levels } => markets::depth(context, &market, levels).await,
        Command::Account(command) => accounts::run(context, command).await,
        Command::Deposit(options) => money::deposit(context, &options).await,
        Command::Withdraw(options) => money::withdraw(context, &options).await,
        Command::Transfer { from, to, amount } => money::transfer(context, from, to, &amount).await,
        Command::Send {
            address,
            amount,
            asset,
            csn,
        } => money::send(context, &address, &amount, (asset, csn)).await,
        Command::Withdrawals {
            compartment,
            command,
        } => withdrawals::run(context, compartment, command).await,
        Command::Order(options) => orders::place(context, &options).await,
        Command::Ladder(options) => ladder::replace(context, &options).await,
        Command::Amend(options) => amending::amend(context, &options).await,
        Command::Cancel(options) => amending::cancel(context, &options).await,
        Command::CancelAt { account, time } => amending::cancel_at(context, account, time).await,
        Command::Orders { account } => orders::list(context, account).await,
        Command::Positions { account } => health::positions(context, account).await,
        Command::Health { account } => health::health(context, account).await,
        Command::Risk { market, command } => risk::run(context, market, command).await,
        Command::Oracle => oracle::status(context).await,
        Command::Insurance(command) => insurance::run(context, command).await,
        Command::Audit(options) => audit::run(context, &options).await,
        // `run` has taken them.
        Command::Bots(_) | Command::View(_) | Command::Demo(_) => {
            Err(Error::new("this command answers by itself"))
        }
    }
}

fn print(report: &Report, json: bool) -> Result<()> {
    let text = if json {
        format!("{:#}\n", report.json)
    } else {
        format!("{}\n", report.text.trim_end())
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Who reads has seen enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::new(format!("can't print the answer: {error}"))),
        Ok(()) => Ok(()),
    }
}
