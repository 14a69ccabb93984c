//! Names and figures as the view writes them.

use crate::units::{decimal, money_short, percent, Terms};
use caisson_primitives::{
    oracle::{FeedId, FeedStatus},
    trading::{
        api::MarketView, risk_api::LevelReason, Cash, Level, LotPrice, MarketId, Phase, Scope, Side,
    },
};
use sp_runtime::DispatchError;
use std::collections::BTreeMap;

/// What markets and feeds are called, and how to read sizes and prices of markets.
#[derive(Clone, Debug, Default)]
pub struct Names {
    markets: BTreeMap<MarketId, Terms>,
    feeds: BTreeMap<FeedId, String>,
}

impl Names {
    /// The names of these markets.
    pub fn of(markets: &[MarketView]) -> Self {
        Self {
            markets: markets
                .iter()
                .map(|view| (view.market, Terms::of(view)))
                .collect(),
            feeds: BTreeMap::new(),
        }
    }

    /// With the names of feeds.
    pub fn with_feeds(mut self, feeds: impl Iterator<Item = (FeedId, String)>) -> Self {
        self.feeds = feeds.collect();
        self
    }

    /// A market's name.
    pub fn market(&self, market: MarketId) -> String {
        self.markets
            .get(&market)
            .map_or_else(|| format!("market {market}"), |terms| terms.symbol.clone())
    }

    /// A feed's name.
    pub fn feed(&self, feed: FeedId) -> String {
        self.feeds
            .get(&feed)
            .cloned()
            .unwrap_or_else(|| format!("feed {feed}"))
    }

    /// Lots of a market as an amount of its base.
    pub fn size(&self, market: MarketId, lots: u64) -> String {
        match self.markets.get(&market) {
            Some(terms) => format!("{} {}", terms.amount(lots), terms.base()),
            None => format!("{lots} lots"),
        }
    }

    /// A price of a market.
    pub fn price(&self, market: MarketId, price: LotPrice) -> String {
        match self.markets.get(&market) {
            Some(terms) => two_places(&terms.price(price)),
            None => format!("{} quanta a lot", price.0),
        }
    }

    /// What a level is held for.
    pub fn scope(&self, scope: Scope) -> String {
        match scope {
            Scope::Market(market) => self.market(market),
            Scope::Compartment(compartment) => format!("compartment {compartment}"),
            Scope::Chain => "the chain".to_owned(),
        }
    }
}

/// Buy or sell.
pub const fn verb(side: Side) -> &'static str {
    match side {
        Side::Long => "buy",
        Side::Short => "sell",
    }
}

/// A level by its name.
pub const fn level(level: Level) -> &'static str {
    match level {
        Level::Open => "Open",
        Level::LongCalls => "LongCalls",
        Level::ReduceOnly => "ReduceOnly",
        Level::CancelOnly => "CancelOnly",
        Level::Halted => "Halted",
    }
}

/// A feed's status by its name.
pub const fn status(status: FeedStatus) -> &'static str {
    match status {
        FeedStatus::Down => "Down",
        FeedStatus::Stale => "Stale",
        FeedStatus::Guarded => "Guarded",
        FeedStatus::Uncertain => "Uncertain",
        FeedStatus::Live => "Live",
    }
}

/// A phase by its name.
pub const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Proposed => "Proposed",
        Phase::Opening => "Opening",
        Phase::Trading => "Trading",
        Phase::Settling => "Settling",
        Phase::Settled => "Settled",
    }
}

/// An error that a pallet reports in an event.
pub fn error(error: &DispatchError) -> String {
    crate::chain::words::dispatch(error)
}

/// Why a level was raised: its cause with the figures it was decided on, each in the unit that the cause has.
pub fn cause(cause: &str, scope_is_chain: bool, figure: i128, limit: i128) -> String {
    match cause {
        "PriceBand" => format!(
            "price {} % from a past mark, more than {} %",
            two_places(&percent(figure)),
            two_places(&percent(limit))
        ),
        "OracleHealth" => format!("index not live for {}", duration(figure)),
        "BlockGap" => format!(
            "no block for {}, limit {}",
            duration(figure),
            duration(limit)
        ),
        "RuntimeUpgrade" => format!("runtime upgraded from version {limit} to {figure}"),
        "OrderFlow" => format!(
            "unusual orders, score {} over {}",
            two_places(&decimal(figure, 6)),
            two_places(&decimal(limit, 6))
        ),
        "OpenInterest" => format!(
            "open interest {} over {}",
            money_short(Cash(figure)),
            money_short(Cash(limit))
        ),
        "LiquidationPressure" if scope_is_chain => {
            format!("{figure} accounts wait for liquidation, more than {limit}")
        }
        "LiquidationPressure" => format!(
            "liquidated {}, limit {}",
            money_short(Cash(figure)),
            money_short(Cash(limit))
        ),
        "InsuranceDrawdown" => format!(
            "fund paid {} % of its limit, more than {} %",
            two_places(&percent(figure)),
            two_places(&percent(limit))
        ),
        "Guardian" => "raised by guardians".to_owned(),
        "Ratified" => "ratified by referendum".to_owned(),
        other => format!("{other}: {figure}, limit {limit}"),
    }
}

/// The reason of a level with the time since when it holds.
pub fn reason(reason: &LevelReason) -> String {
    let name = String::from_utf8_lossy(&reason.cause);
    // A backlog is counted in accounts, far fewer than the quanta of the least notional that counts for a market.
    let counted = reason.limit < 1_000_000_000;
    format!(
        "{} since {}: {name}, {}",
        level(reason.level),
        clock(reason.raised_at),
        cause(&name, counted, reason.figure, reason.limit)
    )
}

/// Milliseconds as seconds, or larger.
pub fn duration(milliseconds: i128) -> String {
    let seconds = milliseconds / 1_000;
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

/// The time of day of a moment, in UTC.
pub fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000 % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A moment as date and time, in UTC.
pub fn date_time(milliseconds: u64) -> String {
    let (year, month, day) = date(milliseconds / 86_400_000);
    format!("{year:04}-{month:02}-{day:02}T{}Z", clock(milliseconds))
}

/// The date so many days after 1 January 1970, in the Gregorian calendar. Counts eras of 400 years from 1 March, so that
/// the leap day is the last of a year.
const fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468;
    const ERA: u64 = 146_097;
    let days = days + DAYS_TO_1970;
    let of_era = days % ERA;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = days / ERA * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// A decimal with two places, rounded towards zero.
pub fn two_places(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("00".chars()).take(2).collect();
    match (whole, fraction.as_str()) {
        // Nothing is left of it, so it has no sign.
        ("-0", "00") => "0.00".to_owned(),
        _ => format!("{whole}.{fraction}"),
    }
}

/// A decimal with a comma between thousands.
pub fn grouped(text: &str) -> String {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut out = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Money for a table: whole, with commas.
pub fn money_whole(cash: Cash) -> String {
    let short = money_short(cash);
    let large = cash.0.unsigned_abs() >= 10_000_000_000_000_000;
    match short.split_once('.') {
        Some((whole, _)) if large => grouped(whole),
        _ => grouped(&short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_time_should_follow_the_calendar_when_years_leap() {
        assert_eq!(date_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(date_time(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(date_time(1_709_251_199_999), "2024-02-29T23:59:59Z");
        assert_eq!(date_time(1_735_689_600_000), "2025-01-01T00:00:00Z");
    }

    #[test]
    fn grouped_should_set_commas_between_thousands() {
        assert_eq!(grouped("1234567.891"), "1,234,567.891");
        assert_eq!(grouped("-123456"), "-123,456");
        assert_eq!(grouped("999"), "999");
    }

    #[test]
    fn cause_should_have_its_figures_in_the_unit_of_the_cause() {
        assert_eq!(
            cause("PriceBand", false, 34_512, 30_000),
            "price 3.45 % from a past mark, more than 3.00 %"
        );
        assert_eq!(
            cause("OracleHealth", false, 61_000, 300_000),
            "index not live for 61 s"
        );
        assert_eq!(
            cause("LiquidationPressure", true, 501, 500),
            "501 accounts wait for liquidation, more than 500"
        );
    }

    #[test]
    fn two_places_should_cut_and_fill() {
        assert_eq!(two_places("3"), "3.00");
        assert_eq!(two_places("3.456"), "3.45");
        assert_eq!(two_places("-0.1"), "-0.10");
        assert_eq!(two_places("-0.001"), "0.00");
    }
}
