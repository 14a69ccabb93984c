//! Paths between the prices that were published of famous days.
//!
//! Second by second prices of these days aren't to be had under a free licence. What newspapers and
//! analysts published are a few prices with their times, and these are facts that anyone may state. A
//! [`Day`] goes through them and makes up the rest: uneven steps and a noise that both symbols share.
//! The noise fades to nothing at each point, so the published prices are met, and no price is beyond
//! the highest or lowest of the points. The file says all this, point by point, with the sources.

use super::dice::{Dice, Noise};
use super::{decimal, noisy, path};
use std::fmt::Write;

/// The noise's largest step in ppm, and the divisor of its way back: it wanders about half a percent.
const NOISE: (i64, i64) = (300, 400);

/// The ether's noise besides the bitcoin's.
const OWN_NOISE: (i64, i64) = (150, 400);

/// How many rows before and after a point the noise is less than full.
const FADING_ROWS: usize = 60;

/// A moment of which prices are known, or set to lead from one known moment to the next.
struct Point {
    /// Day of [`Day::dates`], hour and minute, UTC.
    at: (usize, u32, u32),
    btc_cents: i64,
    eth_cents: i64,
    /// Who says so, with numbers of [`Day::sources`], or that it is made up.
    said: &'static str,
}

/// A day that traders remember.
pub struct Day {
    /// What happened, in one line.
    title: &'static str,
    /// The dates that it spans.
    dates: [&'static str; 2],
    /// Time from row to row.
    step_seconds: u32,
    points: &'static [Point],
    /// Numbered from 1.
    sources: &'static [&'static str],
    /// Where the sources disagree, and which of them is followed.
    conflicts: &'static [&'static str],
}

/// 12 March 2020, "Black Thursday".
pub const MARCH_2020: Day = Day {
    title: "12 March 2020, \"Black Thursday\": bitcoin halves in two falls",
    dates: ["12 March 2020", "13 March 2020"],
    step_seconds: 10,
    points: &[
        point((0, 0, 0), (790_000, 19_497), "BTC [1], ETH [6]"),
        point((0, 4, 0), (767_200, 18_934), "BTC [3]; ETH made up, as far down as BTC"),
        point((0, 8, 0), (735_000, 17_100), "BTC made up, on its way; ETH [7]"),
        point((0, 10, 0), (730_000, 17_000), "BTC [2]; ETH made up, as far down as BTC"),
        point((0, 10, 45), (569_000, 13_600), "BTC [2], its time [4]; ETH [6], its time made up"),
        point((0, 11, 30), (600_000, 14_000), "BTC about [5]; ETH and time made up"),
        point((0, 23, 0), (580_000, 13_400), "BTC [2]; ETH made up"),
        point((1, 2, 15), (385_800, 9_587), "BTC [8], its time [2]; ETH [6]"),
        point((1, 2, 45), (520_000, 13_000), "BTC [9], ETH [6]; time made up"),
        point((1, 4, 0), (504_753, 12_463), "BTC [8], ETH [10]; time made up"),
    ],
    sources: &[
        "\"The 312 Black Swan Event\", api.blankvar.com: about 7,900 at the end of 11 March",
        "\"Black Thursday: What Actually Happened to Bitcoin\", blog.btcmex.com: from 7,300 to 5,690 \
         roughly from 10:00 to 11:00 UTC, from 5,800 to 3,900 from 23:00 to 02:15 UTC",
        "\"Reviewing the most thrilling 24 hours in Bitcoin's history\", chaincatcher.com, 14 March \
         2020: on Huobi from 7,672, highest since 04:00 UTC, to 3,800",
        "\"Crypto's Black Thursday\", research.ledgerprime.com: BitMEX's perpetual at 7,353 at 10:00 \
         UTC, 5,678 at about 10:45",
        "\"Review of the March 12 Bitcoin panic stampede\", TokenInsight at fb.box: from 10:00 UTC on \
         down to around 6,000, then below",
        "\"Black Thursday at DeFi Saver\", coin.fyi: ETH 194.97 at 1 am, 136 in the next 12 hours, \
         95.87 some 26 hours later, then 130",
        "\"Daos Ex Machina: An In-Depth Timeline of Maker's Recent Crisis\", Dragonfly Research at \
         medium.com, 24 March 2020: ETH 171 at 1 am Pacific time",
        "\"Bitcoin collapsed lower today\", forexlive.com, 13 March 2020: low 3,858, now 5,047.53",
        "\"Bitcoin drops from 8000 to 3637\", cloud7.news, 13 March 2020: back to 5,200 shortly after",
        "\"Bitcoin tanks to 12-month low\", tomshardware.com, 13 March 2020: low 3,867.09, now \
         5,255.66; ETH low 101.44, now 124.63",
    ],
    conflicts: &[
        "The low differs by exchange: 3,637 [9], 3,800 [3], 3,858 [8], 3,867 [10], 3,900 [2]. Taken: \
         [8]. For ETH: 95.87 [6], 101.44 [10]. Taken: [6].",
        "[6] names no time zone; taken as an hour ahead of UTC.",
    ],
};

/// 10 October 2025, a cascade of liquidations after the announcement of tariffs.
pub const OCTOBER_2025: Day = Day {
    title: "10 October 2025: tariffs, then a cascade of liquidations: minus 10 % in half an hour",
    dates: ["10 October 2025", "11 October 2025"],
    step_seconds: 5,
    points: &[
        point((0, 14, 30), (12_200_000, 440_000), "BTC [1]; ETH from [3]; time made up"),
        point((0, 14, 57), (12_200_000, 440_000), "BTC [1], ETH from [3]; tariffs announced [2]"),
        point((0, 15, 37), (11_880_000, 414_100), "BTC [1], ETH [3]"),
        point((0, 20, 50), (11_700_000, 409_500), "BTC [4], ETH [3]; the cascade begins [2]"),
        point((0, 21, 10), (11_293_000, 387_500), "made up: a third of the fall"),
        point((0, 21, 20), (10_478_200, 343_600), "BTC and ETH [5]; end of the worst minutes [7]"),
        point((0, 21, 35), (11_056_350, 372_230), "BTC and ETH [6]; time made up"),
        point((0, 21, 50), (11_450_000, 390_000), "BTC and ETH [4]"),
        point((0, 23, 30), (11_250_000, 380_000), "BTC and ETH [8]; time made up"),
    ],
    sources: &[
        "\"Trump tariff threat on China sends bitcoin tumbling below $119K\", CoinDesk at 4coinz.com, \
         10 October 2025, 3:37 pm: from 122,000 to 118,800",
        "\"How $3.21B Vanished in 60 Seconds\", blog.amberdata.io: announcement at 14:57 UTC, a \
         cascade from 20:50 to 21:30 UTC, its worst minute at 21:15",
        "CoinDesk at cryptopressnews.com, 10 October 2025: ETH 7 % under the session's high and below \
         4,100, after a failed recovery to 4,141",
        "\"Total bloodbath in crypto\", auriccrypto.com, updated 21:40 to 22:40 UTC: BTC from above \
         117,000 to around 105,000, then about 114,500; ETH down to 3,500, then 3,900",
        "\"What happened on Oct 10\", Binance Square at generallink.top: BTC down to 104,782, ETH to \
         3,436",
        "\"Bitcoin drops to $109,444\", Cryptopolitan at bitspire.pro, 10 October 2025, 22:01: on \
         Binance BTC low 101,516.5, then 110,563.5; ETH low 3,400, then 3,722.30",
        "\"Oct 10, 2025: The Day Crypto Broke\", nurnibir.com, 17 February 2026: most volatile from \
         21:10 to 21:20 UTC, by Binance's account",
        "\"On October 10th, a sudden flash crash\", igcurrencynews.com: BTC around 112,500, ETH above \
         3,800 after it",
    ],
    conflicts: &[
        "The low differs by exchange: 101,516 on Binance [6], 104,782 [5], around 105,000 [4]. Taken: \
         [5], which is nearest to what a median over exchanges shows.",
        "[1] names no time zone; taken as UTC.",
        "After the low [6] and [4] differ by 4,000; taken as one after the other.",
    ],
};

const fn point(
    at: (usize, u32, u32),
    (btc_cents, eth_cents): (i64, i64),
    said: &'static str,
) -> Point {
    Point {
        at,
        btc_cents,
        eth_cents,
        said,
    }
}

impl Point {
    fn cents(&self) -> [i64; 2] {
        [self.btc_cents, self.eth_cents]
    }

    /// Seconds since the first date began.
    fn seconds(&self) -> u32 {
        let (day, hour, minute) = self.at;
        // There are two dates at most.
        let days = if day == 0 { 0 } else { 24 };
        ((days + hour) * 60 + minute) * 60
    }
}

impl Day {
    /// The CSV text. `by` is the comment that says how it was written.
    pub fn history(&self, by: &str, seed: u64) -> String {
        let points = self.rows_of_points();
        let rows = self.prices(&points, seed);
        let mut text = self.comment(by, rows.len());
        text += "time_ms,BTC/USD,ETH/USD\n";
        for (row, [btc, eth]) in rows.iter().enumerate() {
            let time_ms = row * self.step_seconds as usize * 1_000;
            // Writing to a string can't fail.
            let _ = writeln!(text, "{time_ms},{},{}", decimal(*btc), decimal(*eth));
        }
        text
    }

    /// The points as row and prices.
    fn rows_of_points(&self) -> Vec<(usize, [i64; 2])> {
        let first = self.points.first().map_or(0, Point::seconds);
        let row = |point: &Point| ((point.seconds() - first) / self.step_seconds) as usize;
        let points = self.points.iter();
        points.map(|point| (row(point), point.cents())).collect()
    }

    /// The prices of each row in hundredths.
    fn prices(&self, points: &[(usize, [i64; 2])], seed: u64) -> Vec<[i64; 2]> {
        let mut dice = Dice::new(seed);
        let levels = path::through(points, &mut dice);
        let (lowest, highest) = bounds(points);
        let mut market = Noise::new(NOISE.0, NOISE.1);
        let mut own = Noise::new(OWN_NOISE.0, OWN_NOISE.1);
        let mut rows = Vec::with_capacity(levels.len());
        for (row, level) in levels.iter().enumerate() {
            let (market_ppm, own_ppm) = (market.next(&mut dice), own.next(&mut dice));
            let noise_ppm = [market_ppm, market_ppm + own_ppm];
            let share = fading(row, points);
            rows.push(std::array::from_fn(|symbol| {
                let faded_ppm = noise_ppm[symbol] * share / FADING_ROWS as i64;
                noisy(level[symbol], faded_ppm).clamp(lowest[symbol], highest[symbol])
            }));
        }
        rows
    }

    /// What this is, before the header.
    fn comment(&self, by: &str, rows: usize) -> String {
        let minutes = (rows - 1) * self.step_seconds as usize / 60;
        let mut text = format!(
            "# SYNTHETIC: made up between published prices. {}.\n{by}\
             # At natural speed it takes {} h {} min, a row every {} seconds.\n\
             #\n\
             # Published are the prices of the points below, except where they are called made up. All between\n\
             # them is made up too: uneven steps, and a noise that is nothing at the points.\n\
             #\n",
            self.title,
            minutes / 60,
            minutes % 60,
            self.step_seconds
        );
        for Point {
            at: (day, hour, minute),
            btc_cents,
            eth_cents,
            said,
        } in self.points
        {
            let date = self.dates[*day];
            let (btc, eth) = (decimal(*btc_cents), decimal(*eth_cents));
            let _ = writeln!(
                text,
                "# {date} {hour:02}:{minute:02} UTC  BTC {btc:>9}  ETH {eth:>7}  {said}"
            );
        }
        text += "#\n";
        for (index, source) in self.sources.iter().enumerate() {
            let _ = writeln!(text, "# [{}] {source}", index + 1);
        }
        text += "#\n";
        for conflict in self.conflicts {
            let _ = writeln!(text, "# {conflict}");
        }
        text
    }
}

/// The lowest and the highest price of each symbol.
fn bounds(points: &[(usize, [i64; 2])]) -> ([i64; 2], [i64; 2]) {
    let extreme = |symbol: usize, pick: fn(i64, i64) -> i64| {
        let prices = points.iter().map(|(_, prices)| prices[symbol]);
        prices.reduce(pick).unwrap_or(0)
    };
    (
        std::array::from_fn(|symbol| extreme(symbol, i64::min)),
        std::array::from_fn(|symbol| extreme(symbol, i64::max)),
    )
}

/// How much of the noise there is in a row, from 0 at a point to [`FADING_ROWS`].
fn fading(row: usize, points: &[(usize, [i64; 2])]) -> i64 {
    let distances = points.iter().map(|(point, _)| point.abs_diff(row));
    let nearest = distances.min().unwrap_or(0).min(FADING_ROWS);
    nearest as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: [&Day; 2] = [&MARCH_2020, &OCTOBER_2025];

    #[test]
    fn day_should_meet_the_published_prices_at_their_times() {
        for day in DAYS {
            let points = day.rows_of_points();
            let rows = day.prices(&points, 7);
            assert_eq!(rows.len(), points.last().expect("points").0 + 1);
            for (row, cents) in &points {
                assert_eq!(rows[*row], *cents, "{}", day.title);
            }
        }
        let text = MARCH_2020.history("", 7);
        // 02:15 of the second date, 26 hours and a quarter after the start.
        assert!(text.contains("\n94500000,3858.00,95.87\n"));
        let text = OCTOBER_2025.history("", 7);
        // 21:20, 6 hours and 50 minutes after the start.
        assert!(text.contains("\n24600000,104782.00,3436.00\n"));
    }

    #[test]
    fn day_should_stay_within_the_published_prices() {
        for day in DAYS {
            let points = day.rows_of_points();
            let (lowest, highest) = bounds(&points);
            for seed in 0..5 {
                for row in day.prices(&points, seed) {
                    for symbol in 0..2 {
                        let allowed = lowest[symbol]..=highest[symbol];
                        assert!(allowed.contains(&row[symbol]), "{}: {row:?}", day.title);
                    }
                }
            }
        }
    }

    #[test]
    fn day_should_wander_between_its_points() {
        let points = MARCH_2020.rows_of_points();
        let rows = MARCH_2020.prices(&points, 1);
        let quiet = &rows[points[5].0..points[6].0];
        let rises = quiet.windows(2).filter(|pair| pair[1][0] > pair[0][0]);
        let share = rises.count() * 100 / quiet.len();
        assert!((30..70).contains(&share), "{share} % of the rows rise");
    }

    #[test]
    fn day_should_have_points_in_order_and_on_rows() {
        for day in DAYS {
            for pair in day.points.windows(2) {
                assert!(pair[0].seconds() < pair[1].seconds(), "{}", pair[1].said);
            }
            for point in day.points {
                assert_eq!(point.seconds() % day.step_seconds, 0);
                assert!(point.at.0 < day.dates.len() && point.at.1 < 24 && point.at.2 < 60);
            }
        }
    }

    #[test]
    fn day_should_cite_a_source_or_say_made_up_when_it_gives_a_price() {
        for day in DAYS {
            let said: Vec<&str> = day.points.iter().map(|point| point.said).collect();
            for words in &said {
                assert!(words.contains('[') || words.contains("made up"), "{words}");
            }
            let cited = said.join(" ");
            for number in 1..=day.sources.len() {
                assert!(cited.contains(&format!("[{number}]")), "{number} is unused");
            }
            let beyond = format!("[{}]", day.sources.len() + 1);
            assert!(!cited.contains(&beyond));
        }
    }
}
