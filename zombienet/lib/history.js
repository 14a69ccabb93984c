// The prices that the test plays. MADE UP: no market ever traded like this.
//
// They never rest, so that every block has something to follow: each moves by about 300 ppm in a second, three times what
// validators wait for before they report. It goes up for a minute and down for a minute. Where it turns it jumps by 1000
// ppm, since a second of which half goes up and half goes down would be one without a move.
"use strict";

/** From one price to the next, in milliseconds. */
const STEP_MS = 200;
/** So many prices up, and as many down. */
const HALF = 300;
/** A turn is a jump of so many steps. */
const JUMP = 17;
/** The price of each feed where it begins to rise and what a step moves it by, 60 ppm of that, in cents; and where it starts. */
const WAVES = [
  { symbol: "BTC/USD", base: 6_000_000, step: 360, start: 0 },
  { symbol: "ETH/USD", base: 300_000, step: 18, start: HALF + HALF / 2 },
];

function priceAt({ base, step, start }, index) {
  const place = (index + start) % (2 * HALF);
  const steps = place < HALF ? place : 2 * HALF - JUMP - place;
  return ((base + step * steps) / 100).toFixed(2);
}

/** The history as the price server reads it. */
function csv() {
  const header = ["time_ms", ...WAVES.map(({ symbol }) => symbol)].join(",");
  const row = (_, index) => [index * STEP_MS, ...WAVES.map((wave) => priceAt(wave, index))].join(",");
  return ["# SYNTHETIC: made-up prices, see zombienet/lib/history.js", header, ...Array.from({ length: 2 * HALF }, row)]
    .map((line) => `${line}\n`)
    .join("");
}

module.exports = { csv };
