//! The theorems, by the module of the code they are about.

mod auctions;
mod breakers;
mod funding;
mod funds;
mod liquidations;
mod margins;
mod marks;
mod oracles;
mod triggers;
mod waterfalls;

use crate::theorem::Theorem;

/// Every theorem.
pub fn all() -> Vec<Theorem> {
    let mut theorems = triggers::all();
    theorems.extend(waterfalls::all());
    theorems.extend(liquidations::all());
    theorems.extend(oracles::all());
    theorems.extend(margins::all());
    theorems.extend(funding::all());
    theorems.extend(marks::all());
    theorems.extend(funds::all());
    theorems.extend(breakers::all());
    theorems.extend(auctions::all());
    theorems
}
