// alice: js-script ./steps/oracle-silence.js with "charlie,dave" within 185 seconds
//
// All sources of these validators, half of all weight, fail, at each venue in another way, while prices go on moving.
//   1. Until then and on, whatever is published lies in the range of what honest sources showed since its observation.
//   2. Each feed becomes stale as soon as its price is too old, and not before; no price enters without a quorum.
//   3. While it is stale nobody may take risk on it, and everybody may reduce it.
// Then the sources answer again, and without anything being started again
//   4. all feeds become live.
"use strict";

const { withApi } = require("../lib/client");
const {
  SLOT_MS,
  blocksFrom,
  checkHonest,
  eventsIn,
  nextNumber,
  parametersOf,
  untilLive,
  watch,
} = require("../lib/feeds");
const { clearFaults, setFault } = require("../lib/prices");
const { step } = require("../lib/step");
const { VENUES } = require("../lib/venues");

/** How sources die: one way for each venue. */
const DEATHS = [
  { kind: "timeout" },
  { kind: "status", code: 500 },
  { kind: "html" },
  { kind: "truncated" },
  { kind: "zero" },
  { kind: "negative" },
  { kind: "redirect" },
  { kind: "malformed" },
];
const LIVE_SECONDS = 60;
const STALE_SECONDS = 60;
/** So many blocks late may it show that a price is stale: a block may be missing, and one more. */
const LATE_BLOCKS = 3;
/** A failing source is asked again after half a minute at most; then come a report, a block, a price, and finality. */
const BACK_SECONDS = 40;
/** While stale it is watched for so many blocks. */
const STALE_BLOCKS = 5;

/** Which acts are possible on a stale price. */
const STALE_ACTS = { OpenRisk: false, Withdraw: false, Funding: false, LiquidateLong: false, ReduceRisk: true };

/** Lets all venues fail for each of these observers, each venue in another way for the one than for the other. */
async function kill(observers) {
  const faults = observers.flatMap((observer, place) =>
    VENUES.map((venue, index) => [observer, venue, DEATHS[(index + 3 * place) % DEATHS.length]]),
  );
  await Promise.all(faults.map(([observer, venue, fault]) => setFault(observer, venue, fault)));
}

/** Watches until all feeds are stale; returns all blocks until then. */
async function untilStale(api, from) {
  const blocks = [];
  await watch(api, from, "all feeds to be stale", STALE_SECONDS, (block) => {
    blocks.push(block);
    return block.feeds.every(({ status }) => status === "Stale");
  });
  return blocks;
}

/** How old each feed's price was when it became stale, in seconds, at most. Fails if that was too early or too late. */
function staleAges(blocks, parameters) {
  const changes = eventsIn(blocks, "oracle", "StatusChanged").filter(({ data }) => data.after.type === "Stale");
  const feeds = blocks.at(-1).feeds;
  const ages = feeds.map(({ feed, symbol }) => {
    const change = changes.find(({ data }) => data.feed.toNumber() === feed);
    if (!change) throw new Error(`${symbol} is stale, but no event says so`);
    const age = change.data.ageMs.toNumber();
    const { maxAgeMs } = parameters[feed];
    if (age <= maxAgeMs || age > maxAgeMs + LATE_BLOCKS * SLOT_MS)
      throw new Error(`${symbol} became stale at an age of ${age} ms, with ${maxAgeMs} ms allowed`);
    return age / 1000;
  });
  return Math.max(...ages);
}

/** Fails if a price changed after the last report of one of the dead was too old to count. */
function checkNoChange(blocks, parameters) {
  const last = blocks.at(-1).feeds;
  for (const { block, data } of eventsIn(blocks, "oracle", "AggregateChanged")) {
    const { feed, symbol, observedAt } = last.find(({ feed }) => feed === data.feed.toNumber());
    if (block.time - observedAt > parameters[feed].maxAgeMs)
      throw new Error(`${symbol} changed in block ${block.number}, ${block.time - observedAt} ms after its last quorum`);
  }
}

/** Fails unless the runtime allows just what may be done on a stale price. */
async function checkActs(api, feeds) {
  for (const { feed, symbol } of feeds)
    for (const [act, allowed] of Object.entries(STALE_ACTS)) {
      const answer = await api.call.oracleApi.priceFor(feed, act);
      if (answer.isOk !== allowed)
        throw new Error(`${act} on a stale ${symbol} was to be ${allowed ? "possible" : "refused"}, but is ${answer}`);
    }
}

/** Who was found to be an outlier in these blocks, in words. */
function outliers(blocks) {
  const found = eventsIn(blocks, "oracle", "Outlier").length;
  return found === 0 ? "no outliers" : `${found} outliers`;
}

exports.run = step(async ({ node, args: observers }) =>
  withApi(node, async (api) => {
    const parameters = await parametersOf(api);
    await untilLive(api, await nextNumber(api), LIVE_SECONDS);
    const from = await nextNumber(api);
    const died = Date.now();
    let blocks;
    try {
      await kill(observers);
      blocks = await untilStale(api, from);
      const firstStale = blocks.at(-1);
      const later = await blocksFrom(api, firstStale.number + 1, STALE_BLOCKS, STALE_SECONDS);
      await checkActs(api, firstStale.feeds);
      const all = [...blocks, ...later];
      const age = staleAges(blocks, parameters);
      checkNoChange(all, parameters);
      const changed = later.find(({ feeds }) => feeds.some(({ status }) => status !== "Stale"));
      if (changed) throw new Error(`a feed was to stay stale, but is not in block ${changed.number}`);
      await checkHonest(blocks);

      const resumed = await nextNumber(api);
      const cleared = Date.now();
      await clearFaults();
      const live = await untilLive(api, resumed, BACK_SECONDS);
      return (
        `${observers.join(" and ")} without sources: stale ${seconds(firstStale.time - died)} s later, when prices were ` +
        `${age} s old; nothing but reducing risk allowed; ${outliers(all)}; live again ` +
        `${seconds(live.time - cleared)} s after sources answered`
      );
    } finally {
      await clearFaults();
    }
  }),
);

const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1);
