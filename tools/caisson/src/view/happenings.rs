//! What happened in a block: how much traded, and what is worth a line in words.

use super::frame::{Happening, Traded, Weight};
use super::words::Names;
use caisson_primitives::{trading::MarketId, BlockNumber, Hash};
use caisson_runtime::{Runtime, RuntimeEvent};
use frame_system::EventRecord;
use std::collections::BTreeMap;

mod breaker;
mod markets;
mod rescue;

/// Events of one block.
pub type Events = [EventRecord<RuntimeEvent, Hash>];

/// What traded in each market of a block.
pub fn traded(events: &Events) -> BTreeMap<MarketId, Traded> {
    let mut all: BTreeMap<MarketId, Traded> = BTreeMap::new();
    for record in events {
        match &record.event {
            RuntimeEvent::Exchange(pallet_exchange::Event::Filled { market, forced, .. }) => {
                let one = all.entry(*market).or_default();
                one.fills = one.fills.saturating_add(1);
                one.forced = one.forced.saturating_add(u64::from(*forced));
            }
            RuntimeEvent::Exchange(pallet_exchange::Event::Cleared { market, lots, .. }) => {
                let one = all.entry(*market).or_default();
                one.lots = one.lots.saturating_add(*lots);
            }
            _ => {}
        }
    }
    all
}

/// What is worth a line, in the order of the block.
pub fn notable(block: BlockNumber, events: &Events, names: &Names) -> Vec<Happening> {
    events
        .iter()
        .filter_map(|record| told(&record.event, names))
        .map(|told| Happening {
            block,
            kind: told.kind,
            weight: told.weight,
            market: told.market,
            text: told.text,
        })
        .collect()
}

/// An event in words, before it is known in which block.
struct Told {
    kind: &'static str,
    weight: Weight,
    market: Option<MarketId>,
    text: String,
}

/// Makes an event's words.
fn tell(
    kind: &'static str,
    weight: Weight,
    market: impl Into<Option<MarketId>>,
    text: String,
) -> Option<Told> {
    Some(Told {
        kind,
        weight,
        market: market.into(),
        text,
    })
}

fn told(event: &RuntimeEvent, names: &Names) -> Option<Told> {
    match event {
        RuntimeEvent::Liquidation(event) => rescue::liquidation(event, names),
        RuntimeEvent::Insurance(event) => rescue::insurance(event, names),
        RuntimeEvent::Margin(event) => rescue::margin(event, names),
        RuntimeEvent::CircuitBreaker(event) => breaker::breaker(event, names),
        RuntimeEvent::Exchange(event) => markets::exchange(event, names),
        RuntimeEvent::Markets(event) => markets::markets(event, names),
        RuntimeEvent::Oracle(event) => markets::oracle(event, names),
        RuntimeEvent::System(frame_system::Event::<Runtime>::CodeUpdated { .. }) => tell(
            "system.CodeUpdated",
            Weight::Notable,
            None,
            "the runtime was upgraded; this program may be too old for it now".to_owned(),
        ),
        _ => None,
    }
}
