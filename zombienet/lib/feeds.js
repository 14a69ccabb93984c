// What the chain says of its price feeds, block by block, and what must be true of that.
"use strict";

const { eventsOf, stateAt } = require("./client");
const { honestSince, ppmBetween } = require("./prices");
const { sleep, words } = require("./wait");

const SLOT_MS = 1000;
/** A reporter may have observed so much before the stake-weighted median of all times, in milliseconds. */
const EARLIER_MS = 2000;
/** How often to look for new final blocks, in milliseconds. */
const POLL_MS = 200;

/** A feed as the runtime API shows it, in plain values; times in milliseconds, the price in 10^-18 or null. */
function plain(view) {
  return {
    feed: view.feed.toNumber(),
    symbol: view.symbol.toUtf8(),
    status: view.status.type,
    price: view.price.isSome ? view.price.unwrap().toBigInt() : null,
    confidence: view.confidence.toBigInt(),
    observedAt: view.observedAt.toNumber(),
    age: view.ageMs.toNumber(),
  };
}

/** One final block: its number, the start of its slot, all feeds, and its events. */
async function blockAt(api, number) {
  const state = await stateAt(api, number);
  const [feeds, now, events] = await Promise.all([
    state.call.oracleApi.feeds(),
    state.query.timestamp.now(),
    eventsOf(state),
  ]);
  const time = Math.floor(now.toNumber() / SLOT_MS) * SLOT_MS;
  return { number, time, feeds: feeds.map(plain), events };
}

/** In words: what a block says of the feeds. */
function show(block) {
  if (!block) return "no new final block";
  const feeds = block.feeds.map(({ symbol, status, age }) => `${symbol} ${status}, ${age / 1000} s old`);
  return `${feeds.join("; ")} in block ${block.number}`;
}

/**
 * Hands `onBlock` every final block from number `from` on, in order, without a gap, until it returns true.
 *
 * @param {string} what     what is waited for, as the end of "waited 30 s for …"
 * @param {number} seconds  how long at most
 */
async function watch(api, from, what, seconds, onBlock) {
  const deadline = Date.now() + seconds * 1000;
  let next = from;
  let last;
  let trouble = "";
  while (Date.now() < deadline) {
    const final = await finalHeight(api).catch((error) => {
      trouble = `; ${words(error)}`;
      return 0;
    });
    for (; next <= final; next += 1) {
      last = await blockAt(api, next);
      if (await onBlock(last)) return;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`waited ${seconds} s for ${what}, but saw ${show(last)}${trouble}`);
}

async function finalHeight(api) {
  const header = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
  return header.number.toNumber();
}

/** The number of the next block to be made. Whatever is done now shows in it, or later. */
const nextNumber = async (api) => (await api.rpc.chain.getHeader()).number.toNumber() + 1;

const areLive = (block) => block.feeds.length > 0 && block.feeds.every(({ status }) => status === "Live");

/** Waits until all feeds are live; returns that block. */
async function untilLive(api, from, seconds) {
  let live;
  await watch(api, from, "all feeds to be live", seconds, (block) => {
    live = areLive(block) && block;
    return Boolean(live);
  });
  return live;
}

/** So many final blocks from number `from` on, which take at most `seconds`. */
async function blocksFrom(api, from, count, seconds) {
  const blocks = [];
  await watch(api, from, `${count} more final blocks`, seconds, (block) => {
    blocks.push(block);
    return blocks.length === count;
  });
  return blocks;
}

/** The value below or at which this share of all values lies. */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** The value below or at which half, 99 in 100, and all of these values lie. */
const summary = (values) => [0.5, 0.99, 1].map((share) => percentile(values, share));

/**
 * The ages of all prices in these consecutive blocks: median, 99th percentile, maximum, and all that in words.
 *
 * Counted in blocks: those after the slot in which the price was observed, the one with the price among them. Where
 * consensus leaves slots without a block, the time that passes is longer; it stands in the words, in slots. The first few
 * blocks, whose prices are from before them, are not counted.
 */
function ages(blocks) {
  const [first] = blocks;
  const since = (observedAt, time) => blocks.filter((block) => block.time > observedAt && block.time <= time).length;
  const shown = blocks.flatMap(({ time, feeds }) => feeds.map((feed) => ({ ...feed, time })));
  const counted = shown.filter(({ observedAt }) => observedAt >= first.time);
  if (counted.length === 0) throw new Error(`no price in ${blocks.length} blocks was observed after the first of them`);
  const [p50, p99, max] = summary(counted.map(({ observedAt, time }) => since(observedAt, time)));
  const slots = summary(counted.map(({ age }) => age / SLOT_MS));
  return { p50, p99, max, words: `age p50 ${p50}, p99 ${p99}, max ${max} blocks, ${slots.join(", ")} slots` };
}

/** Fails unless every feed is live in every one of these blocks. */
function checkLive(blocks) {
  const bad = blocks.find((block) => !areLive(block));
  if (bad) throw new Error(`all feeds were to stay live, but ${show(bad)}`);
}

/**
 * Fails unless each price in these blocks lies in the range of the prices that the server showed honest observers, from
 * just before the time at which it is said to have been observed until the block. Returns the largest distance between
 * a price and the honest one of its block's moment, in parts per million.
 */
async function checkHonest(blocks) {
  const shown = blocks.flatMap(({ number, time, feeds }) => feeds.map((feed) => ({ ...feed, number, time })));
  const honest = await honestSince(Math.min(...shown.map(({ observedAt }) => observedAt)) - EARLIER_MS);
  return shown.reduce((worst, { number, time, symbol, price, observedAt }) => {
    const { low, high } = honest.range(symbol, observedAt - EARLIER_MS, time);
    if (price < low || price > high)
      throw new Error(`block ${number} has ${symbol} at ${price}, but honest prices were from ${low} to ${high}`);
    return Math.max(worst, ppmBetween(price, honest.at(symbol, time)));
  }, 0);
}

/** The parameters of all feeds, by their numbers, as the chain has them. */
async function parametersOf(api) {
  const all = await api.query.oracle.parameters();
  return Object.fromEntries([...all.entries()].map(([feed, parameters]) => [feed.toNumber(), parameters.toJSON()]));
}

/** All events `section.method` in these blocks, each with its block. */
function eventsIn(blocks, section, method) {
  return blocks.flatMap((block) =>
    block.events
      .filter((event) => event.section === section && event.method === method)
      .map((event) => ({ block, data: event.data })),
  );
}

module.exports = {
  SLOT_MS,
  ages,
  blocksFrom,
  checkHonest,
  checkLive,
  eventsIn,
  nextNumber,
  parametersOf,
  show,
  untilLive,
  watch,
};
