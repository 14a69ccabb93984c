// dave: js-script ./steps/crash-kills.js with "8,eve,ferdie" within 425 seconds
//
// Bitcoin falls by 30 % in so many stages, step by step with the blocks. In the first two it trembles, down by a little and
// up again, so that the chain gets to know a volatility, at which calls don't get longer at once; then it crashes, with a
// sudden fall at the end of every other stage. No step is as large as what the oracle's guard holds up. In every stage,
// at a random moment, the validator that the line names is killed (SIGKILL) and started again; in half of them, at another,
// the last node is, too. The one between is never disturbed. Meanwhile a market maker trades.
//
// A stage ends when its nodes are back, so that each has its kills, however slow the machine is. The moments are drawn
// from a seed, which is printed; CAISSON_SEED sets it.
//
//   1. each time the node takes up its database, and finalises what the others had finalised meanwhile,
//   2. the oracle follows to the end,
//   3. in the end no account is unsafe.
"use strict";

const { randomInt } = require("crypto");
const { withApi } = require("../lib/client");
const { draw, kill, random, show, untilHeight } = require("../lib/kills");
const notes = require("../lib/notes");
const { fixed, ppmBetween, setPrice } = require("../lib/prices");
const rpc = require("../lib/rpc");
const { named, step } = require("../lib/step");
const { owners, quote } = require("../lib/traders");
const { waitFor } = require("../lib/wait");

const SYMBOL = "BTC/USD";
const FEED = 0;
/** What is left of the price when it trembles: a move by less than what makes calls longer as long as nothing is volatile. */
const TREMBLING = 0.987;
/** So many stages are before the crash. */
const BEFORE = 2;
/** Volatility of a minute, in parts per million, at which calls bear twice the usual move. */
const VOLATILE_PPM = 1_660;
const VOLATILE_SECONDS = 60;
const MINUTE_MS = 60_000;
/** In dollars: 30 % below the calm. */
const BOTTOM = 42_000;
/** Steps of a stage; a step waits for a block. With eight stages a step of the crash is by 1 %. */
const STEPS = 8;
/** What a sudden fall leaves of the price. The oracle's guard is at 5 % a block. */
const SUDDEN = 0.97;
/** A kill comes less than so many blocks after the beginning of its stage. */
const KILL_BLOCKS = 6;
/** The market maker quotes again after so many steps. */
const QUOTE_STEPS = 3;
const CALM_AGAIN_SECONDS = 60;
/** What a price on chain may differ from its sources': the offsets of the venues. */
const OFFSET_PPM = 10;

/** The prices of a stage in which it goes from one to another, the end of it at once if `sudden`. */
function pricesOf(from, to, sudden) {
  const even = sudden ? STEPS - 1 : STEPS;
  const target = sudden ? to / SUDDEN : to;
  const prices = Array.from({ length: even }, (_, i) => from * (target / from) ** ((i + 1) / even));
  return sudden ? [...prices, to] : prices;
}

/** The prices at the beginning of each stage, and in the end. */
function turns(peak, stages) {
  const crashing = stages - BEFORE;
  const crash = Array.from({ length: crashing }, (_, i) => peak * (BOTTOM / peak) ** (i / crashing));
  return [peak, peak * TREMBLING, ...crash, BOTTOM];
}

/** Waits until the chain knows that the price is volatile: it takes a sample every ten seconds. */
const untilVolatile = (api) =>
  waitFor("the chain to know a volatility", VOLATILE_SECONDS, async () => {
    const ppm = (await api.call.oracleApi.volatility(FEED, MINUTE_MS)).unwrapOr(0);
    return Number(ppm) >= VOLATILE_PPM ? { value: true } : { seen: `${ppm} ppm in a minute` };
  });

/** When which node is killed in each stage. */
function planOf(seed, stages) {
  const next = random(seed);
  const half = new Set();
  while (half.size < Math.ceil(stages / 2)) half.add(Math.floor(next() * stages));
  return Array.from({ length: stages }, (_, stage) => ({
    validator: draw(next, KILL_BLOCKS),
    other: half.has(stage) ? draw(next, KILL_BLOCKS) : undefined,
  }));
}

/** Lets the price fall to one after the other, with each block of `witness`; counts the steps for `onStep`. */
async function fall(witness, prices, onStep) {
  for (const [i, price] of prices.entries()) {
    const height = await rpc.best(witness);
    await setPrice(SYMBOL, price.toFixed(2));
    onStep(i + 1);
    await untilHeight(witness, height + 1);
  }
}

/** Waits until the chain has the price at which the fall ended, and nobody is unsafe. */
const untilOver = (api, price) =>
  waitFor("the oracle to be at the last price and no account unsafe", CALM_AGAIN_SECONDS, async () => {
    const [feeds, waiting] = await Promise.all([api.call.oracleApi.feeds(), api.query.liquidation.unsafeAccounts()]);
    const feed = feeds.find((one) => one.feed.toNumber() === FEED);
    const is = feed.price.unwrapOrDefault().toBigInt();
    const isThere = feed.status.isLive && ppmBetween(is, fixed(price)) <= OFFSET_PPM;
    if (isThere && waiting.isZero()) return { value: true };
    return { seen: `${feed.status.type} price ${is}, ${waiting} accounts unsafe` };
  });

/** Sends the market maker's quotes now and then, beside everything else, and counts what became of them. */
function market(api, signer, account) {
  const counts = { taken: 0, refused: 0 };
  const sent = [];
  const next = (count) => {
    if (count % QUOTE_STEPS !== 0) return;
    const one = quote(api, signer, account).then(
      () => (counts.taken += 1),
      (error) => ((counts.refused += 1), (counts.why = error.message)),
    );
    sent.push(one);
  };
  return { next, end: () => Promise.all(sent).then(() => counts) };
}

exports.run = step(async ({ node: validator, nodes, network, args: [count = "8", ...names] }) => {
  const stages = Number(count);
  const [witness, other] = named(nodes, names);
  const trader = nodes.find(({ name }) => ![validator, witness, other].some((node) => node.name === name));
  const seed = Number(process.env.CAISSON_SEED || randomInt(2 ** 31));
  const say = (text) => console.log(`   ${text}`);
  say(`seed ${seed}; CAISSON_SEED=${seed} draws the same moments`);
  const { maker, price: peak } = notes.read(network, "traders", {});
  if (!maker) throw new Error("nobody took a position before, so a fall would liquidate nobody");

  const prices = turns(peak, stages);
  return withApi(trader, async (api) => {
    const quotes = market(api, (await owners(api))[maker.name], maker.account);
    const from = await rpc.best(witness);
    const kills = [];
    for (const [stage, moments] of planOf(seed, stages).entries()) {
      const crashes = stage >= BEFORE;
      if (crashes) await untilVolatile(api);
      const ended = await Promise.all([
        kill(network, validator, witness, moments.validator),
        moments.other && kill(network, other, witness, moments.other),
        fall(witness, pricesOf(prices[stage], prices[stage + 1], crashes && stage % 2 === 1), quotes.next),
      ]);
      const made = ended.filter((one) => one?.pid);
      for (const one of made) say(show(one));
      kills.push(...made);
    }
    await untilOver(api, BOTTOM.toFixed(2));
    const { taken, refused, why } = await quotes.end();
    const to = await rpc.best(witness);
    notes.write(network, "kills", { kills, from, to, seed, witness: witness.name });
    const of = ({ name }) => kills.filter((one) => one.name === name).length;
    const slowest = Math.max(...kills.map(({ seconds }) => seconds)).toFixed(1);
    return (
      `from block ${from} to ${to} bitcoin fell from ${peak} to ${BOTTOM}; ${validator.name} was killed ` +
      `${of(validator)} times, ${other.name} ${of(other)} times, back after ${slowest} s at most; ` +
      `quotes taken ${taken} times, refused ${refused}${refused ? ` (last: ${why})` : ""}`
    );
  });
});
