// The eight exchanges in whose shape the price server answers, as an operator's file names them.
"use strict";

/** The feeds of the local chain, in the order of their numbers. */
const SYMBOLS = ["BTC/USD", "ETH/USD"];

/** Kraken keys its answers by names of its own. */
const KRAKEN = { "BTC/USD": "XXBTZUSD", "ETH/USD": "XETHZUSD" };

/** Where each quotes a pair, and where in its answer price and time are. In URLs the node fills in base and quote. */
const VENUES = [
  {
    name: "binance",
    path: "/api/v3/ticker/24hr?symbol={BASE}USDT",
    pointer: "/lastPrice",
    time: ["/closeTime", "milliseconds"],
  },
  { name: "coinbase", path: "/products/{BASE}-{QUOTE}/ticker", pointer: "/price", time: ["/time", "iso8601"] },
  { name: "kraken", path: "/0/public/Ticker?pair={BASE}{QUOTE}", pointer: (symbol) => `/result/${KRAKEN[symbol]}/c/0` },
  { name: "bitstamp", path: "/api/v2/ticker/{base}{quote}/", pointer: "/last", time: ["/timestamp", "seconds"] },
  {
    name: "okx",
    path: "/api/v5/market/ticker?instId={BASE}-USDT",
    pointer: "/data/0/last",
    time: ["/data/0/ts", "milliseconds"],
  },
  {
    name: "bybit",
    path: "/v5/market/tickers?category=spot&symbol={BASE}USDT",
    pointer: "/result/list/0/lastPrice",
    time: ["/time", "milliseconds"],
  },
  {
    name: "gemini",
    path: "/v1/pubticker/{base}{quote}",
    pointer: "/last",
    time: ["/volume/timestamp", "milliseconds"],
  },
  {
    name: "kucoin",
    path: "/api/v1/market/orderbook/level1?symbol={BASE}-USDT",
    pointer: "/data/price",
    time: ["/data/time", "milliseconds"],
  },
];

/** An answer that says it is older than this is not used. The server's times are those of its answers. */
const MAX_AGE_MS = 10_000;

function source({ name, path, pointer, time }, symbol, server, observer) {
  const stated = time ? { timePointer: time[0], timeUnit: time[1], maxAgeMs: MAX_AGE_MS } : {};
  const place = typeof pointer === "string" ? pointer : pointer(symbol);
  return { url: `${server}/${observer}/${name}${path}`, pointer: place, ...stated };
}

/** What `--oracle-sources` takes: all venues of the server at this address for all feeds, as this observer sees them. */
function sourcesOf(server, observer) {
  const feed = (symbol) => ({ replace: true, sources: VENUES.map((venue) => source(venue, symbol, server, observer)) });
  return Object.fromEntries(SYMBOLS.map((symbol) => [symbol, feed(symbol)]));
}

module.exports = { SYMBOLS, VENUES: VENUES.map(({ name }) => name), sourcesOf };
