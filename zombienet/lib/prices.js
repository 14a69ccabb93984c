// What the price server shows: the honest prices of the past, faults for single observers, and prices set by hand.
"use strict";

const { words } = require("./wait");

const TIMEOUT_MS = 10_000;
/** Decimals of prices on chain. */
const DECIMALS = 18;
/** The median over venues may differ from the history's price by less than the venues' offsets, at most 4 ppm. */
const OFFSET_PPM = 5n;
/** A request for past prices asks for so much more than is needed, in seconds. */
const MARGIN_SECONDS = 5;
const MILLION = 1_000_000n;

async function control(method, path, body) {
  const server = process.env.CAISSON_PRICE_SERVER_URL;
  if (!server) throw new Error("CAISSON_PRICE_SERVER_URL must name the price server; run.js starts one");
  let response;
  try {
    response = await fetch(`${server}/control/${path}`, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Error(`the price server did not answer ${method} ${path}: ${words(error)}`);
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(`the price server refused ${method} ${path}: ${answer.error}`);
  return answer;
}

/** Shows an observer this fault at a venue, or at all with `*`. */
const setFault = (observer, venue, fault) => control("PUT", `faults/${observer}/${encodeURIComponent(venue)}`, fault);

/** Shows everyone the truth again. */
const clearFaults = () => control("DELETE", "faults");

/** From now on a symbol has this price, a decimal as text, instead of its history's. */
const setPrice = (symbol, price) => control("POST", "price", { symbol, price });

/** A decimal as the integer that the chain has. */
function fixed(text) {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(DECIMALS, "0"));
}

/** The distance between two prices in parts per million of the second, rounded down. */
function ppmBetween(price, reference) {
  const distance = price > reference ? price - reference : reference - price;
  return Number((distance * MILLION) / reference);
}

/** The honest prices from `from` (milliseconds since the epoch) until now. */
async function honestSince(from) {
  const seconds = Math.ceil((Date.now() - from) / 1000) + MARGIN_SECONDS;
  const { past } = await control("GET", `prices?back_seconds=${seconds}`);
  const symbols = Object.keys(past[0].prices);
  const held = (symbol) => past.map(({ from_ms, prices }) => ({ from: from_ms, price: fixed(prices[symbol]) }));
  const bySymbol = Object.fromEntries(symbols.map((symbol) => [symbol, held(symbol)]));

  /** All prices of a symbol that held at some moment from `first` to `last`. */
  const between = (symbol, first, last) => {
    const all = bySymbol[symbol];
    const begun = all.findLastIndex((price) => price.from <= first);
    if (begun < 0) throw new Error(`the price server does not remember ${symbol} of ${new Date(first).toISOString()}`);
    return all.slice(begun).filter((price) => price.from <= last).map(({ price }) => price);
  };

  return {
    /** The price at a moment. */
    at: (symbol, moment) => between(symbol, moment, moment)[0],
    /** The lowest and the highest price from `first` to `last` that an honest median over venues can be. */
    range: (symbol, first, last) => {
      const prices = between(symbol, first, last);
      const low = prices.reduce((a, b) => (b < a ? b : a));
      const high = prices.reduce((a, b) => (b > a ? b : a));
      return { low: low - (low * OFFSET_PPM) / MILLION, high: high + (high * OFFSET_PPM) / MILLION };
    },
  };
}

module.exports = { clearFaults, fixed, honestSince, ppmBetween, setFault, setPrice };
