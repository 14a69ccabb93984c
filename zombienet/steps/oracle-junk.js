// alice: js-script ./steps/oracle-junk.js with "10000" within 185 seconds
//
// So many reports that nobody may make are sent to one node, as fast as it answers. Nearly all are the worst that there
// can be: right in everything but the signature, which is checked last. The node refuses each of them, and all feeds
// stay live and fresh meanwhile.
"use strict";

const { fromClients, holders, withApi } = require("../lib/client");
const { SLOT_MS, ages, checkLive, nextNumber, untilLive, watch } = require("../lib/feeds");
const reports = require("../lib/reports");
const { step } = require("../lib/step");
const { words } = require("../lib/wait");

const LIVE_SECONDS = 60;
const FLOOD_SECONDS = 120;
/** So many are under way at once: enough that the node never waits for the next one. */
const AT_ONCE = 64;
/** Reports are read and answered for so many blocks after the last one, too. */
const BLOCKS_AFTER = 3;
const MAX_AGE_BLOCKS = 3;
/** The most feeds there can be, and one. */
const TOO_MANY = 65;
/** At least so large a part must have got as far as the signature, or the flood was not the one that was meant. */
const LEAST_BAD_SIGNATURES = 0.9;
const BAD_SIGNATURE = /bad signature/i;
/** What the executor adds to the error of a transaction that can't be decoded. */
const BACKTRACE = /: wasm trap.*/;
const ONE = 10n ** 18n;

const slotNow = () => Math.floor(Date.now() / SLOT_MS);

/** A report that looks honest, with so many feeds in it. */
function report(session, authority, feeds = 2) {
  const prices = Array.from({ length: feeds }, (_, feed) => ({ feed, price: 60_000n * ONE, confidence: ONE }));
  return { session, authority, round: slotNow(), prices };
}

/**
 * All kinds of junk: of 100 reports so many are of this kind. `make` gives the next one for a place of the validator set.
 */
async function kinds(api) {
  const session = (await api.query.session.currentIndex()).toNumber();
  const validators = (await api.query.session.validators()).length;
  const stranger = (await holders()).at(-1).pair;
  const templates = (count, of) => Array.from({ length: count }, (_, place) => reports.transaction(api, of(place)));
  const right = templates(validators, (place) => report(session, place));
  const early = templates(validators, (place) => report(session + 1, place));
  const large = templates(validators, (place) => report(session, place, TOO_MANY));
  const [beyond] = templates(1, () => report(session, validators));
  const twice = reports.forged(right[0], slotNow());
  return [
    { name: "random signature", of: 95, make: (place) => reports.forged(right[place], slotNow()) },
    { name: "the same again", of: 1, make: () => twice },
    { name: "next session", of: 1, make: (place) => reports.forged(early[place], slotNow()) },
    { name: "no such place", of: 1, make: () => reports.forged(beyond, slotNow()) },
    { name: `${TOO_MANY} prices`, of: 1, make: (place) => reports.forged(large[place], slotNow()) },
    { name: "signed by no validator", of: 1, make: (place) => reports.signedBy(api, stranger, right[place], slotNow()) },
  ].flatMap((kind) => Array(kind.of).fill({ ...kind, places: validators }));
}

/** Sends `count` reports, always `AT_ONCE` at a time; returns how often each refusal was given to each kind. */
async function flood(node, hundred, count) {
  const { WsProvider } = fromClients("@polkadot/api");
  const provider = new WsProvider(node.wsUri);
  await provider.isReady;
  const refusals = new Map();
  let next = 0;
  const sender = async () => {
    while (next < count) {
      const number = next++;
      const { name, make, places } = hundred[number % hundred.length];
      const bytes = reports.hex(make(number % places));
      const refusal = await provider.send("author_submitExtrinsic", [bytes]).then(
        (hash) => {
          throw new Error(`${node.name} took a report with ${name} into its pool, ${hash}`);
        },
        (error) => words(error).replace(BACKTRACE, ""),
      );
      const key = `${name}: ${refusal}`;
      refusals.set(key, (refusals.get(key) || 0) + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  } finally {
    await provider.disconnect();
  }
  return refusals;
}

exports.run = step(async ({ node, args: [count = "10000"] }) =>
  withApi(node, async (api) => {
    await untilLive(api, await nextNumber(api), LIVE_SECONDS);
    const hundred = await kinds(api);
    const from = await nextNumber(api);
    const started = Date.now();
    const blocks = [];
    let last = Infinity;
    const flooded = flood(node, hundred, Number(count)).then(async (refusals) => {
      const took = (Date.now() - started) / 1000;
      last = (await nextNumber(api)) + BLOCKS_AFTER;
      return { refusals, took };
    });
    const watched = watch(api, from, "the flood to end", FLOOD_SECONDS, (block) => {
      blocks.push(block);
      return block.number >= last;
    });
    const [{ refusals, took }] = await Promise.all([flooded, watched]);
    checkLive(blocks);
    const age = ages(blocks);
    if (age.max > MAX_AGE_BLOCKS) throw new Error(`prices were to stay at most ${MAX_AGE_BLOCKS} blocks old: ${age.words}`);
    for (const [refusal, times] of refusals) console.log(`   ${times} x ${refusal}`);
    const bad = [...refusals].filter(([refusal]) => BAD_SIGNATURE.test(refusal)).reduce((sum, [, n]) => sum + n, 0);
    if (bad < LEAST_BAD_SIGNATURES * Number(count))
      throw new Error(`only ${bad} of ${count} reports were refused for their signature`);
    return (
      `${count} reports refused at ${Math.round(Number(count) / took)} a second, ${bad} for a bad signature; ` +
      `${blocks.length} blocks meanwhile: ${age.words}`
    );
  }),
);
