//! Ladders of quotes around the mark.

use super::{
    context::{found, refusal, Context},
    fills::Followed,
    orders::{ppm, verb},
    report::{Report, Table},
};
use crate::{
    cli::LadderOptions,
    error::{Error, Result},
};
use caisson_primitives::trading::{LotPrice, Side, Ticks};
use caisson_runtime::{Runtime, RuntimeEvent};
use frame_support::BoundedVec;
use pallet_exchange::{types::Quote, Event};
use serde_json::{json, Value};

/// Parts per million of half a spread: two parts are one of the whole.
const HALVES: i128 = 2_000_000;

/// Replaces the quotes of an account in a market by a ladder.
pub async fn replace(context: &Context, options: &LadderOptions) -> Result<Report> {
    context.signer()?;
    let (view, terms) = context.market(&options.market).await?;
    let Some(prices) = &view.prices else {
        return Err(Error::new(format!(
            "{} has no mark to quote around yet; try again in a few blocks",
            terms.symbol
        )));
    };
    let spread = ppm(&options.spread)?;
    let rungs = Rungs {
        mark: prices.mark,
        tick: terms.tick,
        // In halves of a part per million, so that half an odd spread stays exact.
        first: spread.into(),
        step: match &options.step {
            Some(step) => i128::from(ppm(step)?) * 2,
            None => spread.into(),
        },
    };
    let quotes = rungs.quotes(terms.lots(&options.size)?, options.levels)?;
    let (account, market) = (options.account, view.market);
    let quotes = BoundedVec::try_from(quotes)
        .map_err(|_| Error::new("too many quotes: at most 50 on a side"))?;
    let call = pallet_exchange::Call::replace_all {
        account,
        market,
        quotes: quotes.clone(),
    };
    let included = context.trade(account, call).await?;
    let replaced = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Exchange(Event::Replaced {
            cancelled, results, ..
        }) => Some((cancelled.len(), results.clone())),
        _ => None,
    });
    let (cancelled, results) = found(replaced, "Exchange.Replaced")?;

    let heads = ["", ">price", ">amount", "became"];
    let mut table = Table::new(&heads);
    let mut entries: Vec<Value> = Vec::new();
    for (quote, result) in quotes.iter().zip(results) {
        let refused = result
            .err()
            .map(|reason| refusal(pallet_exchange::Error::<Runtime>::from(reason)).to_string());
        let filled = result.ok().map(|number| {
            let followed = Followed {
                account,
                number,
                terms: &terms,
            };
            followed.fate(&included.block_events).filled()
        });
        let became = match (&refused, result, filled) {
            (Some(words), ..) => format!("refused: {words}"),
            (None, Ok(number), Some(lots)) if lots > 0 => {
                format!("order {number}, {} filled", terms.amount(lots))
            }
            (None, Ok(number), _) => format!("order {number}"),
            (None, Err(_), _) => String::new(),
        };
        table.row([
            verb(quote.side).to_owned(),
            terms.price_of_ticks(quote.price),
            terms.amount(quote.lots),
            became,
        ]);
        entries.push(json!({
            "side": verb(quote.side),
            "price": terms.price_of_ticks(quote.price),
            "amount": terms.amount(quote.lots),
            "order": result.ok(),
            "filled": filled.map(|lots| terms.amount(lots)),
            "refused": refused,
        }));
    }
    let text = format!(
        "Quotes of account {account} in {} around {}; {cancelled} earlier ones are cancelled\n{}",
        terms.symbol,
        terms.price(prices.mark),
        table.text()
    );
    let json = json!({
        "account": account,
        "market": market,
        "symbol": terms.symbol,
        "mark": terms.price(prices.mark),
        "cancelled": cancelled,
        "quotes": entries,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// Where the quotes of a ladder stand: distances in halves of a part per million of the mark.
struct Rungs {
    mark: LotPrice,
    tick: u64,
    first: i128,
    step: i128,
}

impl Rungs {
    /// The quotes, from the inside out: for each distance a bid and an ask.
    fn quotes(&self, lots: u64, levels: u32) -> Result<Vec<Quote>> {
        let mut quotes = Vec::new();
        for level in 0..levels {
            let distance = self.first + self.step * i128::from(level);
            for side in [Side::Long, Side::Short] {
                quotes.push(Quote {
                    side,
                    price: self.price(side, distance)?,
                    lots,
                    client_id: None,
                });
            }
        }
        Ok(quotes)
    }

    /// The price at a distance, on the tick that is further from the mark.
    fn price(&self, side: Side, distance: i128) -> Result<Ticks> {
        let too_wide =
            || Error::new("the ladder reaches beyond all prices: take a smaller spread or step");
        let factor = match side {
            Side::Long => HALVES - distance,
            Side::Short => HALVES + distance,
        };
        let scaled = self.mark.0.checked_mul(factor).ok_or_else(too_wide)?;
        let tick = HALVES * i128::from(self.tick);
        let ticks = match side {
            Side::Long => scaled.div_euclid(tick),
            // Rounded up.
            Side::Short => -(-scaled).div_euclid(tick),
        };
        match Ticks::try_from(ticks) {
            Ok(ticks) if ticks > 0 => Ok(ticks),
            _ => Err(too_wide()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rungs(mark: i128) -> Rungs {
        Rungs {
            mark: LotPrice(mark),
            tick: 10_000_000,
            // A spread of 0.1 %, and steps of 0.05 %.
            first: 1_000,
            step: 1_000,
        }
    }

    #[test]
    fn ladder_should_stand_half_the_spread_from_the_mark() {
        let quotes = rungs(6_000_000_000_000).quotes(5, 2).expect("quotes");
        let prices: Vec<(Side, Ticks)> = quotes.iter().map(|one| (one.side, one.price)).collect();
        assert_eq!(
            prices,
            [
                (Side::Long, 599_700),
                (Side::Short, 600_300),
                (Side::Long, 599_400),
                (Side::Short, 600_600)
            ]
        );
        assert!(quotes.iter().all(|one| one.lots == 5));
    }

    #[test]
    fn ladder_should_be_rounded_away_from_the_mark_when_prices_fall_between_ticks() {
        let quotes = rungs(6_000_001_000_000).quotes(1, 1).expect("quotes");
        let prices: Vec<Ticks> = quotes.iter().map(|one| one.price).collect();
        assert_eq!(prices, [599_700, 600_301]);
    }

    #[test]
    fn ladder_should_be_refused_when_it_reaches_zero() {
        let wide = Rungs {
            step: HALVES,
            ..rungs(6_000_000_000_000)
        };
        assert!(wide.quotes(1, 2).is_err());
    }
}
