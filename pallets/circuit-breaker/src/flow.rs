//! Calls whose orders are unlike those before. SPEC 4.4.

use caisson_primitives::trading::{CallFlow, Level};
use caisson_risk::{breaker::robust_z, limits::PPM, mark::ema, Num, Res};

use crate::{
    machine::{Cause, Raise},
    terms::FlowTerms,
    types::{Flow, Running, FIGURES},
};

/// How many figures of a call must be unusual at once.
const NEEDED: usize = 2;

/// The figures of a call in which something traded. Divisions are rounded down.
///
/// 1. Imbalance: bids less asks over both, in parts per million, signed.
/// 2. Cancels for one fill, in parts per million.
/// 3. Concentration: the largest account's part of what traded, in parts per million.
/// 4. Volume: lots, in millionths, so that the averages of small numbers move.
pub fn figures(call: &CallFlow) -> Res<[i128; FIGURES]> {
    let (bids, asks) = (i128::from(call.bid_lots), i128::from(call.ask_lots));
    let both = Num::add(&bids, &asks)?.larger(&1);
    let imbalance = Num::sub(&bids, &asks)?.mul_div_floor(&PPM, &both)?;
    let fills = i128::from(call.fills.max(1));
    let cancels = i128::from(call.cancels).mul_div_floor(&PPM, &fills)?;
    let lots = i128::from(call.lots.max(1));
    let concentration = i128::from(call.largest_lots).mul_div_floor(&PPM, &lots)?;
    let volume = Num::mul(&i128::from(call.lots), &PPM)?;
    Ok([imbalance, cancels, concentration, volume])
}

/// The least deviation of each figure: so a silent market doesn't turn one trade into an anomaly.
fn least(usual: &[Running; FIGURES], terms: &FlowTerms) -> Res<[i128; FIGURES]> {
    let share = i128::from(terms.least_share_ppm);
    let [_, _, _, volume] = usual;
    let of_volume = volume
        .centre
        .mul_div_floor(&terms.least_volume_ppm.into(), &PPM)?
        // At least a lot.
        .larger(&PPM);
    Ok([share, share, share, of_volume])
}

/// Moves an average by one sample; a sample counts for at most the score away from the centre, so that one wild call doesn't
/// make the next one usual. Rounds down.
fn learn(usual: &Running, sample: &i128, least: &i128, terms: &FlowTerms) -> Res<Running> {
    let reach = usual
        .deviation
        .larger(least)
        .mul_div_floor(&terms.score_ppm.into(), &PPM)?;
    let low = Num::sub(&usual.centre, &reach)?;
    let high = Num::add(&usual.centre, &reach)?;
    let sample = sample.clamped(&low, &high);
    let distance = Num::sub(&sample, &usual.centre)?.magnitude()?;
    let rest = i128::from(terms.memory_calls.saturating_sub(1).max(1));
    Ok(Running {
        centre: ema(&usual.centre, &sample, &1, &rest)?,
        deviation: ema(&usual.deviation, &distance, &1, &rest)?,
    })
}

/// Judges a call by those before, then learns from it. The demand is long calls if two of the four figures are unusual and
/// enough calls were seen; its figure is the second-highest score.
pub fn judge(flow: &Flow, call: &CallFlow, terms: &FlowTerms) -> Res<(Flow, Raise)> {
    let samples = figures(call)?;
    if flow.calls == 0 {
        let usual = samples.map(|centre| Running {
            centre,
            deviation: 0,
        });
        return Ok((Flow { calls: 1, usual }, Raise::clear(Cause::OrderFlow)));
    }
    let least = least(&flow.usual, terms)?;
    let mut after = *flow;
    after.calls = flow.calls.saturating_add(1);
    let mut scores = [0i128; FIGURES];
    let each = samples.iter().zip(&least).zip(&flow.usual);
    for (((sample, least), usual), (score, next)) in
        each.zip(scores.iter_mut().zip(after.usual.iter_mut()))
    {
        *score = robust_z(sample, &usual.centre, &usual.deviation, least)?;
        *next = learn(usual, sample, least, terms)?;
    }
    scores.sort_unstable();
    let limit = i128::from(terms.score_ppm);
    let deciding = scores.iter().rev().nth(NEEDED.saturating_sub(1));
    let deciding = deciding.copied().unwrap_or_default();
    let level = if flow.calls >= terms.min_calls && deciding > limit {
        Level::LongCalls
    } else {
        Level::Open
    };
    Ok((after, Raise::new(Cause::OrderFlow, level, deciding, limit)))
}
