// The prices that the test plays. MADE UP: no market ever traded like this.
//
// They never rest, so that every block has something to follow: about 300 ppm a second, three times the move at which
// validators report. Each goes up for a minute and down for a minute, at different times, and so has no jump when it
// starts again.
"use strict";

/** From one price to the next, in milliseconds. */
const STEP_MS = 200;
/** So many prices up, and as many down. */
const HALF = 300;
/** The lowest price of each feed and what a step moves it by, 60 ppm of that, in cents; and where in the wave it starts. */
const WAVES = [
  { symbol: "BTC/USD", lowest: 6_000_000, step: 360, start: 0 },
  { symbol: "ETH/USD", lowest: 300_000, step: 18, start: HALF + HALF / 2 },
];

function priceAt({ lowest, step, start }, index) {
  const place = (index + start) % (2 * HALF);
  const steps = place < HALF ? place : 2 * HALF - place;
  return ((lowest + step * steps) / 100).toFixed(2);
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
