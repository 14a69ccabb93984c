// Traders with leveraged positions in bitcoin, some of whom a fall of the price must liquidate.
"use strict";

const { eventOf, holders, submit } = require("./client");
const { waitFor } = require("./wait");

/** BTC-PERP, and its compartment. */
const MARKET = 0;
const COMPARTMENT = 0;
/** Smallest units in one whole of the settlement asset. */
const UNITS = 1_000_000n;
/** A lot, a ten-thousandth of a bitcoin, in bitcoins. */
const LOT = 0.0001;

/**
 * Who holds what: owner, lots and leverage. The first four fall short early, while calls are short, and are small: the
 * book restores them. The others follow one after another, in calls that are long by then: the fund buys or takes over
 * what they hold. The last bears all of it.
 */
const LONGS = [
  ["Alice", 2_000, 20],
  ["Bob", 2_000, 19.5],
  ["Charlie", 2_000, 19],
  ["Dave", 2_000, 18],
  ["Alice", 30_000, 11],
  ["Bob", 30_000, 8],
  ["Charlie", 30_000, 6],
  ["Dave", 30_000, 5],
  ["Eve", 30_000, 4],
  ["Ferdie", 30_000, 2.5],
];
/** They hold as many lots as the longs. */
const SHORTS = [
  ["Alice", 68_000, 3],
  ["Eve", 60_000, 10],
  ["Ferdie", 60_000, 5],
];
/** Ticks in a dollar for a whole bitcoin. */
const TICKS = 10;
/** Who makes the market, and with how much, in wholes. */
const MAKER = "Bob";
const MAKER_MONEY = 200_000;
/** Who fills the insurance fund, and with how much, in wholes. */
const DONOR = "Charlie";
const DONATION = 100_000;

/** The market maker's quotes: so many on each side, so far apart and from the mark, and of so many lots. */
const QUOTES = 5n;
const SPREAD_PPM = 1_000n;
const QUOTED_LOTS = 2_000;

/** Owners by name, ready to send several calls at once. */
async function owners(api) {
  const all = await holders();
  for (const signer of all) signer.nonce = (await api.rpc.system.accountNextIndex(signer.pair.address)).toNumber();
  return Object.fromEntries(all.map((signer) => [signer.name, signer]));
}

/** The mark in ticks; nothing while the market can't be traded. */
async function markTicks(api) {
  const view = await api.call.marketsApi.market(MARKET);
  if (view.isNone) throw new Error(`there is no market ${MARKET}; is this the local preset?`);
  const { contract, prices } = view.unwrap();
  const isLive = contract.phase.isTrading && prices.isSome && prices.unwrap().status.isLive;
  return isLive ? prices.unwrap().mark.toBigInt() / contract.tick.toBigInt() : undefined;
}

/** Waits until the market trades at a live price; returns that in dollars. */
const untilTrading = (api, seconds) =>
  waitFor(`market ${MARKET} to trade at a live price`, seconds, async () => {
    const mark = await markTicks(api);
    return mark === undefined ? { seen: "none, or a market that isn't open yet" } : { value: Number(mark) / TICKS };
  });

/** Opens an account with so much money, in wholes; `subs` counts the accounts of each owner. Returns its number. */
async function open(api, signer, subs, wholes) {
  subs[signer.name] = (subs[signer.name] ?? -1) + 1;
  const call = api.tx.margin.openAccount(COMPARTMENT, subs[signer.name], BigInt(wholes) * UNITS);
  const events = await submit(api, signer, call);
  return eventOf(events, "margin", "AccountOpened", `an account of ${signer.name}`).data.account.toNumber();
}

/**
 * Opens all accounts, with as much money as their positions will need at that price, and fills the insurance fund. Returns
 * those with positions to be, and the market maker's.
 */
async function openAccounts(api, signers, price) {
  const subs = {};
  const opened = [...LONGS.map((one) => ["Long", ...one]), ...SHORTS.map((one) => ["Short", ...one])].map(
    async ([side, name, lots, leverage]) => {
      const account = await open(api, signers[name], subs, Math.ceil((lots * LOT * price) / leverage));
      return { account, name, side, lots, leverage };
    },
  );
  const maker = open(api, signers[MAKER], subs, MAKER_MONEY);
  await submit(api, signers[DONOR], api.tx.insurance.donate(COMPARTMENT, BigInt(DONATION) * UNITS));
  return { traders: await Promise.all(opened), maker: { account: await maker, name: MAKER } };
}

/** An order that rests at this price until it is filled. */
const order = ({ side, lots }, ticks) => ({
  side,
  lots,
  kind: { Limit: ticks },
  timeInForce: "GoodTillCancelled",
  reduceOnly: false,
  trigger: null,
  clientId: null,
});

/** All traders order at the mark, so that longs and shorts meet, and have their positions within so many seconds. */
async function takePositions(api, signers, traders, seconds) {
  const ticks = await markTicks(api);
  const place = (one) => submit(api, signers[one.name], api.tx.exchange.place(one.account, MARKET, order(one, ticks)));
  await Promise.all(traders.map(place));
  await waitFor("all orders to be filled", seconds, async () => {
    const held = await Promise.all(traders.map(({ account }) => lotsOf(api, account)));
    const missing = traders.filter(({ side, lots }, i) => held[i] !== (side === "Long" ? lots : -lots));
    if (missing.length === 0) return { value: true };
    return { seen: `without all of theirs: ${missing.map(({ account, name }) => `${name}'s ${account}`).join(", ")}` };
  });
}

/** The signed lots of an account. */
async function lotsOf(api, account) {
  const health = await api.call.marginApi.health(account);
  const position = health.unwrap().positions.find(({ market }) => market.toNumber() === MARKET);
  return position ? position.lots.toNumber() : 0;
}

/** The market maker quotes around the mark, on both sides. Refused while the price can't be trusted. */
async function quote(api, signer, account) {
  const view = (await api.call.marketsApi.market(MARKET)).unwrap();
  const mark = view.prices.unwrap().mark.toBigInt() / view.contract.tick.toBigInt();
  const at = (side, sign) => (_, i) => {
    const price = mark + (sign * mark * SPREAD_PPM * BigInt(i + 1)) / 1_000_000n;
    return { side, price, lots: QUOTED_LOTS, clientId: null };
  };
  const ladder = { length: Number(QUOTES) };
  const quotes = [...Array.from(ladder, at("Long", -1n)), ...Array.from(ladder, at("Short", 1n))];
  await submit(api, signer, api.tx.exchange.replaceAll(account, MARKET, quotes));
}

module.exports = { LOT, openAccounts, owners, quote, takePositions, untilTrading };
