// alice: js-script ./steps/oracle-follows.js with "120" within 545 seconds
//
// Once all feeds are live they follow their sources for so many final blocks, while the sources move by more in each
// second than validators wait for before they report:
//   1. every feed stays live,
//   2. of all prices, 99 in 100 are at most two blocks old: one in which the reports are, one that makes a price of them,
//   3. each lies in the range of what honest sources showed from its observation until its block.
"use strict";

const { withApi } = require("../lib/client");
const { SLOT_MS, ages, blocksFrom, checkHonest, checkLive, nextNumber, parametersOf, untilLive } = require("../lib/feeds");
const { honestSince, ppmBetween } = require("../lib/prices");
const { step } = require("../lib/step");

const LIVE_SECONDS = 60;
const BLOCKS_SECONDS = 240;
const MAX_AGE_BLOCKS = 2;
/**
 * Forks drop reports with the blocks that lose, and four nodes share this machine with whatever else runs there: a window
 * that was disturbed is observed again, so often at most. The figures of all stand in the result.
 */
const WINDOWS = 3;

/** The least that the sources of a feed move within a slot, in ppm; fails unless that is enough to be reported. */
async function slowestMove(api, blocks) {
  const parameters = await parametersOf(api);
  const honest = await honestSince(blocks[0].time - SLOT_MS);
  const moves = blocks.flatMap(({ time, feeds }) =>
    feeds.map(({ feed, symbol }) => {
      const move = ppmBetween(honest.at(symbol, time), honest.at(symbol, time - SLOT_MS));
      if (move <= parameters[feed].deviationPpm)
        throw new Error(`sources of ${symbol} moved by ${move} ppm in a second, which nobody need report`);
      return move;
    }),
  );
  return Math.min(...moves);
}

/** One window of final blocks: whether its prices are young enough, and what was seen, in words. */
async function observe(api, count) {
  const blocks = await blocksFrom(api, await nextNumber(api), count, BLOCKS_SECONDS);
  checkLive(blocks);
  const age = ages(blocks);
  const worst = await checkHonest(blocks);
  const move = await slowestMove(api, blocks);
  const words =
    `${blocks.length} blocks while sources move by ${move} ppm a second or more: ${age.words}; ` +
    `at most ${worst} ppm from the sources at that moment`;
  return { young: age.p99 <= MAX_AGE_BLOCKS, words };
}

exports.run = step(async ({ node, args: [count = "120"] }) =>
  withApi(node, async (api) => {
    const live = await untilLive(api, 1, LIVE_SECONDS);
    const seen = [];
    while (seen.length < WINDOWS) {
      const { young, words } = await observe(api, Number(count));
      seen.push(words);
      if (young) return `live since block ${live.number}; ${seen.join(" | once more: ")}`;
    }
    throw new Error(`prices were to be at most ${MAX_AGE_BLOCKS} blocks old: ${seen.join(" | once more: ")}`);
  }),
);
