// What trade.js needs besides @polkadot/api: units, transactions, and expectations.
"use strict";

const { createRequire } = require("module");
const path = require("path");

// In a project of your own this is require("@polkadot/api"). Here the version that tools/clients pins is used.
const fromClients = createRequire(path.resolve(__dirname, "../../tools/clients/package.json"));
const { ApiPromise, Keyring, WsProvider } = fromClients("@polkadot/api");
const { cryptoWaitReady } = fromClients("@polkadot/util-crypto");

// ---------------------------------------------------------------------------------------------------------------
// Units. All of them are integers on the chain, and BigInt here: a floating-point number would lose the last digits.
//
//   unit      the smallest amount of an asset: of USDD, which has 6 decimal places, 0.000001
//   quantum   10^-12 of the settlement asset, in which accounts count money: 1 USDD = 10^12 quanta
//   lot       the smallest position; how much of the base it is stands in the market's contract, as `lotSize` in 10^-18
//             of the base. A lot of BTC-PERP is 0.0001 BTC
//   tick      the step of order prices; how many quanta for one lot it is stands in the contract, as `tick`. A tick of
//             BTC-PERP is 10^7 quanta for a lot: 0.00001 USDD for 0.0001 BTC, or 0.10 USDD for a whole bitcoin
// ---------------------------------------------------------------------------------------------------------------

/** Quanta in one whole of the settlement asset. */
const QUANTA = 10n ** 12n;
/** One whole of the base, in the unit of `lotSize`. */
const BASE = 10n ** 18n;
/** One, in parts per million. */
const PPM = 1_000_000n;

/** `numerator / denominator` for a positive denominator, rounded down, also below zero. */
function floorDiv(numerator, denominator) {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** An integer of 10^-places as text: 1234567n with 6 places is "1.234567". At least `least` decimals are shown. */
function decimal(value, places, least = 2) {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "").padEnd(least, "0");
  return `${value < 0n ? "-" : ""}${whole}${fraction && `.${fraction}`}`;
}

/** A decimal number as units of an asset: unitsOf("1000", 6) is 1000000000n. */
function unitsOf(whole, decimals) {
  const [integer, fraction = ""] = whole.split(".");
  if (fraction.length > decimals) throw new Error(`${whole} has more than ${decimals} decimal places`);
  return BigInt(integer + fraction.padEnd(decimals, "0"));
}

/** Money in quanta, as text. */
const money = (quanta) => `${decimal(quanta, 12)} USDD`;

/** The terms of a market, as plain values. */
function marketOf(view) {
  const { contract } = view;
  return {
    id: view.market.toNumber(),
    symbol: view.symbol.toUtf8(),
    base: view.symbol.toUtf8().split("-")[0],
    compartment: contract.compartment.toNumber(),
    lotSize: contract.lotSize.toBigInt(),
    tick: contract.tick.toBigInt(),
    takerPpm: contract.fees[0].takerPpm.toBigInt(),
    makerPpm: contract.fees[0].makerPpm.toBigInt(),
  };
}

/** Lots as an amount of the base: 1000n of BTC-PERP is "0.1 BTC". */
const amount = (market, lots) => `${decimal(lots * market.lotSize, 18, 0)} ${market.base}`;

/** A price in quanta for one lot, as a price of one whole of the base. */
const price = (market, perLot) => decimal((perLot * BASE * 100n) / (market.lotSize * QUANTA), 2);

/** An order price in ticks, as a price of one whole of the base. */
const priceOfTicks = (market, ticks) => price(market, ticks * market.tick);

/** The order price next below a price in quanta for one lot. */
const ticksOf = (market, perLot) => floorDiv(perLot, market.tick);

/** A price moved by so many parts per million, up or down. */
const moved = (perLot, ppm) => perLot + floorDiv(perLot * ppm, PPM);

// ---------------------------------------------------------------------------------------------------------------
// The connection
// ---------------------------------------------------------------------------------------------------------------

/** Connects to a node; fails with words if none answers. */
async function connect(address) {
  const provider = new WsProvider(address);
  const api = new ApiPromise({ provider, noInitWarn: true });
  try {
    return await api.isReadyOrError;
  } catch (error) {
    await api.disconnect();
    throw new Error(`no node answers at ${address}: ${error.message}`);
  }
}

/** Development accounts by name. Their secrets are public: everyone has them. */
async function signers(...names) {
  await cryptoWaitReady();
  const keyring = new Keyring({ type: "sr25519" });
  return names.map((name) => ({ name, pair: keyring.addFromUri(`//${name}`), nonce: undefined }));
}

/** Waits until `probe` returns something. */
async function until(what, seconds, probe) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
    const found = await probe();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

// ---------------------------------------------------------------------------------------------------------------
// Transactions
// ---------------------------------------------------------------------------------------------------------------

/** The name of an error, such as "margin.NotOwner" or "Arithmetic.Underflow", and what its documentation says. */
function errorOf(api, error) {
  if (!error.isModule) return { name: [error.type, error.value.type].filter(Boolean).join("."), docs: "" };
  const { section, name, docs } = api.registry.findMetaError(error.asModule);
  return { name: `${section}.${name}`, docs: docs.join(" ").trim() };
}

/** The error with this number in a pallet's list, which is how a preview names it. */
function errorAt(api, pallet, number) {
  const { index } = api.runtimeMetadata.asLatest.pallets.find(({ name }) => name.toString() === pallet);
  const { section, name, docs } = api.registry.findMetaError({ index, error: new Uint8Array([number, 0, 0, 0]) });
  return { name: `${section}.${name}`, docs: docs.join(" ").trim() };
}

/**
 * Signs and sends a call and waits until it is in a block. Returns
 *
 *   events   those that the call made
 *   block    all events of that block: an order may be filled at its end, when all of its calls are over
 *
 * A call that fails in the block is an error that has the name of the pallet's error as `refusal`.
 */
async function send(api, signer, call) {
  const what = `${call.method.section}.${call.method.method} by ${signer.name}`;
  // Counted here: just after a block a node may still give the last one.
  signer.nonce ??= (await api.rpc.system.accountNextIndex(signer.pair.address)).toNumber();
  const nonce = signer.nonce++;
  const result = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} is in no block after 30 s`)), 30_000);
    const finish = (settle, value) => {
      clearTimeout(timer);
      settle(value);
    };
    call
      .signAndSend(signer.pair, { nonce }, (result) => {
        if (result.isError) finish(reject, new Error(`the pool dropped ${what}: ${result.status.type}`));
        else if (result.status.isInBlock) finish(resolve, result);
      })
      .catch((error) => finish(reject, new Error(`${what} was refused: ${error.message}`)));
  });
  if (result.dispatchError) {
    const { name, docs } = errorOf(api, result.dispatchError);
    throw Object.assign(new Error(`${what} failed: ${[name, docs].filter(Boolean).join(": ")}`), { refusal: name });
  }
  const state = await api.at(result.status.asInBlock);
  const records = await state.query.system.events();
  return { events: result.events.map(({ event }) => event), block: records.map(({ event }) => event) };
}

/** The data of the first event `section.method` that fits. */
function eventOf(events, section, method, fits = () => true) {
  const found = events.find((event) => event.section === section && event.method === method && fits(event.data));
  if (found) return found.data;
  const seen = events.map((event) => `${event.section}.${event.method}`).join(", ") || "none";
  throw new Error(`expected an event ${section}.${method}, but there were ${seen}`);
}

/** Ends the program with a clear message unless a fact is as expected. */
function expect(fact, what) {
  if (!fact) throw new Error(`not as expected: ${what}`);
}

/** The same for two values, which are shown. */
function expectEqual(seen, expected, what) {
  expect(seen === expected, `${what} should be ${expected}, but is ${seen}`);
}

module.exports = {
  PPM,
  QUANTA,
  amount,
  connect,
  decimal,
  errorAt,
  errorOf,
  eventOf,
  expect,
  expectEqual,
  floorDiv,
  marketOf,
  money,
  moved,
  price,
  priceOfTicks,
  send,
  signers,
  ticksOf,
  unitsOf,
  until,
};
