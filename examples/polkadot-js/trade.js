#!/usr/bin/env node
// A round trip on a development chain: money in, an order, a fill, a look at margin, the way out.
//
//   node examples/polkadot-js/trade.js [ws://127.0.0.1:9944]      or CAISSON_WS instead of the argument
//
// Read it from top to bottom: each step is a function, in the order in which they run. What the words mean is
// explained in docs/trading.md, units in lib.js. It ends with an error as soon as anything is not as it says.
"use strict";

const lib = require("./lib");
const { amount, eventOf, expect, expectEqual, money, price, priceOfTicks, send } = lib;

const ADDRESS = process.argv[2] || process.env.CAISSON_WS || "ws://127.0.0.1:9944";
/** BTC-PERP on a development chain. */
const MARKET = 0;
/** What each account starts with, in USDD. */
const DEPOSIT = "1000";
/** 0.1 BTC: a lot is 0.0001. */
const LOTS = 1_000n;
/** How far below the mark bids rest here, in parts per million: 0.05 %. */
const BELOW_PPM = -500n;
/** How much worse than the mark a market order may be filled, in parts per million: 0.5 %. */
const SLIPPAGE_PPM = 5_000n;

/** An order as `exchange.place` takes it. Everything has to be said; here is what holds unless said otherwise. */
const order = (side, lots, kind, others = {}) => ({
  side, // "Long" buys, "Short" sells
  lots,
  kind, // { Limit: ticks } or { Market: { slippagePpm } }
  timeInForce: "GoodTillCancelled", // or { GoodTillTime: milliseconds }, "ImmediateOrCancel", "PostOnly"
  reduceOnly: false,
  trigger: null, // or { direction: "AtOrBelow", price: ticks }: the order sleeps until the mark is there
  clientId: null, // or a number of your own, by which you can cancel it
  ...others,
});

let steps = 0;
const say = (title, ...lines) => {
  steps += 1;
  console.log(`\n${steps}. ${title}`);
  for (const line of lines) console.log(`   ${line}`);
};

// ---------------------------------------------------------------------------------------------------------------
// Reading
// ---------------------------------------------------------------------------------------------------------------

/** The market as it is now; nothing while it can't be traded. */
async function liveView(api) {
  const view = await api.call.marketsApi.market(MARKET);
  expect(view.isSome, `market ${MARKET} should exist; is this a development chain?`);
  const { contract, prices } = view.unwrap();
  const isLive = contract.phase.isTrading && prices.isSome && prices.unwrap().status.isLive;
  return isLive ? view.unwrap() : undefined;
}

/** The mark now, in quanta for one lot. */
async function markOf({ api }) {
  const view = await lib.until("a live price", 30, () => liveView(api));
  return view.prices.unwrap().mark.toBigInt();
}

/** How an account stands, as plain values: money in quanta, prices in quanta for one lot. */
async function healthOf({ api, market }, signer) {
  const health = (await api.call.marginApi.health(signer.account)).unwrap();
  const position = health.positions.find((one) => one.market.toNumber() === market.id);
  const liquidation = position ? position.liquidationPrice : undefined;
  return {
    money: health.account.collateral.toBigInt(),
    equity: health.equity.toBigInt(),
    maintenance: health.maintenance.toBigInt(),
    slack: health.slack.toBigInt(),
    initial: health.initial.toBigInt(),
    spare: health.initialHealth.toBigInt(),
    withdrawable: health.withdrawable.toBigInt(),
    lots: position ? position.lots.toBigInt() : 0n,
    entry: position && position.entry.toBigInt(),
    mark: position && position.mark.toBigInt(),
    unrealised: position ? position.unrealised.toBigInt() : 0n,
    liquidation: liquidation && liquidation.isSome ? liquidation.unwrap().toBigInt() : undefined,
  };
}

/** What an owner holds of the settlement asset outside of margin accounts, in units. */
async function balanceOf({ api, asset }, signer) {
  const held = await api.query.assets.account(asset.id, signer.pair.address);
  return held.isSome ? held.unwrap().balance.toBigInt() : 0n;
}

/** What an order would do, without sending it. */
async function preview({ api, market }, signer, request) {
  const answer = (await api.call.exchangeApi.preview(signer.account, market.id, request)).unwrap();
  return {
    limit: answer.limit.toBigInt(),
    before: answer.healthBefore.toBigInt(),
    after: answer.healthAfter.toBigInt(),
    shortfall: answer.shortfall.toBigInt(),
    feeAtMost: answer.feeAtMost.toBigInt(),
    liquidation: answer.liquidationPrice.isSome ? answer.liquidationPrice.unwrap().toBigInt() : undefined,
    refused: answer.refused.isSome ? lib.errorAt(api, "Exchange", answer.refused.unwrap().toNumber()).name : undefined,
  };
}

// ---------------------------------------------------------------------------------------------------------------
// The steps
// ---------------------------------------------------------------------------------------------------------------

/** Nothing can be opened before the oracle's price is live, which takes a few blocks on a fresh chain. */
async function waitForPrice(api) {
  expect(api.call.marketsApi, `the node at ${ADDRESS} should have markets; is it a Caisson node of this version?`);
  const view = await lib.until(
    "a live price. Does the node have sources? See examples/README.md",
    60,
    () => liveView(api),
  );
  const market = lib.marketOf(view);
  const { mark } = view.prices.unwrap();
  const rate = (ppm) => `${lib.decimal(ppm, 4, 0)} %`;
  say(
    `${market.symbol} trades at ${price(market, mark.toBigInt())}`,
    `a lot is ${amount(market, 1n)}, a tick ${priceOfTicks(market, 1n)}`,
    `fees: ${rate(market.takerPpm)} for takers, ${rate(market.makerPpm)} for makers`,
  );
  return market;
}

/** The asset in which the market's compartment settles. */
async function settlementAsset(api, market) {
  const compartment = (await api.query.margin.compartments(market.compartment)).unwrap();
  const id = compartment.settlementAsset.toNumber();
  const { decimals, symbol } = await api.query.assets.metadata(id);
  return { id, decimals: decimals.toNumber(), symbol: symbol.toUtf8(), scale: compartment.scale.toBigInt() };
}

/** An account is opened by its first deposit. An owner may have several in a compartment, told apart by `sub`. */
async function openAccount(context, signer) {
  const { api, asset, market } = context;
  const existing = await api.call.marginApi.accountsOf(signer.pair.address);
  const isTaken = (sub) => existing.some(([, where, its]) => where.eq(market.compartment) && its.eq(sub));
  let sub = 0;
  while (isTaken(sub)) sub += 1;
  const units = lib.unitsOf(DEPOSIT, asset.decimals);

  const { events } = await send(api, signer, api.tx.margin.openAccount(market.compartment, sub, units));
  signer.account = eventOf(events, "margin", "AccountOpened").account.toNumber();

  const { money: has } = await healthOf(context, signer);
  expectEqual(has, units * asset.scale, `what ${signer.name}'s account holds`);
  const place = `compartment ${market.compartment}, sub ${sub}`;
  return `${signer.name} has account ${signer.account} (${place}) with ${money(has)}`;
}

/** A preview says what an order needs and does, and why it would be refused. */
async function previewOrders(context, alice, bid) {
  const { market } = context;
  const good = await preview(context, alice, bid);
  expect(!good.refused, `the order should be accepted, but would be refused with ${good.refused}`);
  expectEqual(good.shortfall, 0n, "what is missing for it");
  expect(good.after < good.before, "an open order should need margin");

  const tooLarge = await preview(context, alice, { ...bid, lots: LOTS * 100n });
  expect(tooLarge.shortfall > 0n, "a hundred times as much should be too much");
  expect(tooLarge.refused, "an order without margin should be refused");

  say(
    `Alice asks what buying ${amount(market, LOTS)} at ${priceOfTicks(market, good.limit)} would do`,
    `it sets aside ${money(good.before - good.after)} of her ${money(good.before)}`,
    `it costs at most ${money(good.feeAtMost)} in fees`,
    `filled, it would be liquidated at a mark of ${price(market, good.liquidation)}`,
    `a hundred times as much would be refused (${tooLarge.refused}): ${money(tooLarge.shortfall)} are missing`,
  );
}

/** Places an order and returns its number. */
async function place({ api, market }, signer, request) {
  const sent = await send(api, signer, api.tx.exchange.place(signer.account, market.id, request));
  const placed = eventOf(sent.events, "exchange", "Placed");
  return { number: placed.number.toNumber(), block: sent.block };
}

/** A bid below all asks rests in the book. */
async function rest(context, alice, bid) {
  const { api, market } = context;
  const { number } = await place(context, alice, bid);

  const orders = await api.call.exchangeApi.openOrders(alice.account);
  const mine = orders.find((one) => one.number.toNumber() === number);
  expect(mine, `order ${number} should be open`);
  expectEqual(mine.lots.toBigInt(), LOTS, "the lots of the open order");

  const { bids, asks } = await api.call.exchangeApi.depth(market.id, 5);
  expect(bids.some((level) => level.price.eq(mine.limit.unwrap())), "the book should show the bid");
  const levels = (side) =>
    side.map((one) => `${amount(market, one.lots.toBigInt())} at ${priceOfTicks(market, one.price.toBigInt())}`);
  say(
    `Alice's order ${number} rests in the book`,
    `bids: ${levels(bids).join(", ") || "none"}`,
    `asks: ${levels(asks).join(", ") || "none"}`,
  );
  return number;
}

/** The data of the fill of an account's order in a block. */
const fillOf = (block, signer) =>
  eventOf(block, "exchange", "Filled", (data) => data.account.toNumber() === signer.account);

/** A fee as the chain computes it: the value times the rate, rounded up, also when it is a rebate. */
const feeOf = (value, ppm) => -lib.floorDiv(-value * ppm, lib.PPM);

/** Checks both fills of a trade between a maker and a taker, and returns it. */
function tradeOf(context, block, maker, taker) {
  const { market } = context;
  const [made, taken] = [maker, taker].map((signer) => fillOf(block, signer));
  expectEqual(made.lots.toBigInt(), LOTS, `the lots that ${maker.name}'s order was filled with`);
  expectEqual(taken.lots.toBigInt(), LOTS, `the lots that ${taker.name}'s order was filled with`);
  expect(made.maker.isTrue && taken.maker.isFalse, `${maker.name} should be the maker, ${taker.name} the taker`);
  const perLot = made.price.toBigInt();
  expectEqual(taken.price.toBigInt(), perLot, "the price of both");

  const value = LOTS * perLot;
  const fees = { [maker.name]: made.fee.toBigInt(), [taker.name]: taken.fee.toBigInt() };
  expectEqual(fees[maker.name], feeOf(value, market.makerPpm), "the maker's fee");
  expectEqual(fees[taker.name], feeOf(value, market.takerPpm), "the taker's fee");
  return { perLot, value, fees };
}

const describe = ({ market }, trade) => [
  `${amount(market, LOTS)} at ${price(market, trade.perLot)}, worth ${money(trade.value)}`,
  ...Object.entries(trade.fees).map(([name, fee]) =>
    fee < 0n ? `${name} rested before, so gets a rebate of ${money(-fee)}` : `${name} pays a fee of ${money(fee)}`,
  ),
];

/** Orders of one block meet at its end, at one price. Bob's takes part in that one clearing and no other. */
async function fill(context, alice, bob, limit) {
  const ask = order("Short", LOTS, { Limit: limit }, { timeInForce: "ImmediateOrCancel" });
  const { block } = await place(context, bob, ask);
  const trade = tradeOf(context, block, alice, bob);
  expectEqual(trade.perLot, limit * context.market.tick, "the price, which both limits bound,");
  say("Bob sells to Alice", ...describe(context, trade));
  return trade;
}

/** The mark at which an account with one position, a long one, falls short of maintenance margin. */
function liquidationOf({ mark, maintenance, slack, lots }) {
  const perLot = maintenance / lots;
  const whole = mark - perLot; // what of a lot's price is left after its margin
  return -lib.floorDiv(-(whole - lib.floorDiv(slack, lots)) * mark, whole);
}

/** What the position is worth and where it ends. */
async function look(context, alice, trade) {
  const { market } = context;
  const health = await healthOf(context, alice);
  expectEqual(health.lots, LOTS, "Alice's position in lots");
  expectEqual(health.entry, trade.perLot, "her entry price");
  expectEqual(health.equity, health.money + health.unrealised, "her equity, money and unrealised profit,");
  expectEqual(health.slack, health.equity - health.maintenance, "her slack, equity less maintenance margin,");
  expect(health.slack > 0n, "she should be safe");
  expectEqual(health.liquidation, liquidationOf(health), "her liquidation price");
  say(
    `Alice is long ${amount(market, health.lots)} from ${price(market, health.entry)}`,
    `the mark is ${price(market, health.mark)}`,
    `equity ${money(health.equity)} = money ${money(health.money)} + unrealised ${money(health.unrealised)}`,
    `maintenance margin ${money(health.maintenance)}: she is liquidated when equity falls below it,`,
    `at a mark of ${price(market, health.liquidation)}`,
    `initial margin ${money(health.initial)}: ${money(health.spare)} are left for more risk`,
    `${money(health.withdrawable)} could be withdrawn`,
  );
}

/** A second order, with a name of the trader's own, and its cancellation by that name. */
async function placeAndCancel(context, alice) {
  const { api, market } = context;
  const before = await healthOf(context, alice);
  const limit = lib.ticksOf(market, lib.moved(await markOf(context), 4n * BELOW_PPM));
  const clientId = 7n;
  const bid = order("Long", LOTS, { Limit: limit }, { timeInForce: "PostOnly", clientId });
  const { number } = await place(context, alice, bid);
  const during = await healthOf(context, alice);
  expect(during.initial > before.initial, "an open order should need margin");

  const cancelling = api.tx.exchange.cancel(alice.account, market.id, { Client: clientId });
  const { events } = await send(api, alice, cancelling);
  eventOf(events, "exchange", "Cancelled", (data) => data.number.toNumber() === number);
  const orders = await api.call.exchangeApi.openOrders(alice.account);
  expectEqual(orders.length, 0, "the number of Alice's open orders");
  const after = await healthOf(context, alice);
  expect(after.initial < during.initial, "a cancelled order should need no margin");
  say(
    `Alice places order ${number} at ${priceOfTicks(market, limit)}, named ${clientId}, and cancels it by that name`,
    `initial margin before: ${money(before.initial)}`,
    `with the order: ${money(during.initial)}, without it: ${money(after.initial)}`,
  );
}

/** Bob bids to buy back, and Alice sells at the market: now she is the taker. Neither order can open anything new. */
async function close(context, alice, bob) {
  const { api, market } = context;
  const limit = lib.ticksOf(market, lib.moved(await markOf(context), BELOW_PPM));
  const soon = Date.now() + 60_000;
  const bid = order("Long", LOTS, { Limit: limit }, { timeInForce: { GoodTillTime: soon }, reduceOnly: true });
  await place(context, bob, bid);
  const atMarket = { Market: { slippagePpm: SLIPPAGE_PPM } };
  const ask = order("Short", LOTS, atMarket, { timeInForce: "ImmediateOrCancel", reduceOnly: true });
  const { block } = await place(context, alice, ask);

  const trade = tradeOf(context, block, bob, alice);
  expect(trade.perLot <= limit * market.tick, "Bob should pay no more than his limit");
  for (const signer of [alice, bob]) {
    const { lots } = await healthOf(context, signer);
    expectEqual(lots, 0n, `${signer.name}'s position in lots`);
    const orders = await api.call.exchangeApi.openOrders(signer.account);
    expectEqual(orders.length, 0, `the number of ${signer.name}'s open orders`);
  }
  say("Alice sells back to Bob; both are out", ...describe(context, trade));
  return trade;
}

/** An agent with a key of its own may trade for Alice, and can't take her money. */
async function delegate(context, alice, agent) {
  const { api, asset, market } = context;
  await send(api, alice, api.tx.proxy.addProxy(agent.pair.address, "Trading", 0));
  const forAlice = (call) => api.tx.proxy.proxy(alice.pair.address, null, call);

  const limit = lib.ticksOf(market, lib.moved(await markOf(context), 4n * BELOW_PPM));
  const bid = order("Long", LOTS, { Limit: limit }, { timeInForce: "PostOnly" });
  const placing = await send(api, agent, forAlice(api.tx.exchange.place(alice.account, market.id, bid)));
  expect(eventOf(placing.events, "proxy", "ProxyExecuted").result.isOk, "the agent should be able to place an order");
  const number = eventOf(placing.events, "exchange", "Placed").number.toNumber();

  // The transaction of the agent succeeds, and its event says that the call in it did not.
  const units = lib.unitsOf("1", asset.decimals);
  const taking = await send(api, agent, forAlice(api.tx.margin.withdraw(alice.account, asset.id, units)));
  const { result } = eventOf(taking.events, "proxy", "ProxyExecuted");
  expect(result.isErr, "the agent should not be able to withdraw");
  const { name, docs } = lib.errorOf(api, result.asErr);
  expectEqual(name, "system.CallFiltered", "why the agent can't withdraw");

  const leaving = await send(api, agent, forAlice(api.tx.exchange.cancelAll(alice.account, null)));
  expect(eventOf(leaving.events, "proxy", "ProxyExecuted").result.isOk, "the agent should be able to cancel");
  expectEqual((await api.call.exchangeApi.openOrders(alice.account)).length, 0, "the number of Alice's open orders");
  await send(api, alice, api.tx.proxy.removeProxy(agent.pair.address, "Trading", 0));
  say(
    `${agent.name} places order ${number} for Alice as her Trading proxy, and cancels it`,
    `to withdraw for her is refused: ${name}: ${docs}`,
  );
}

/** Takes all money out. What is less than a whole unit stays with the compartment when the account is closed. */
async function leave(context, signer) {
  const { api, asset } = context;
  const { withdrawable } = await healthOf(context, signer);
  const units = withdrawable / asset.scale;
  await send(api, signer, api.tx.margin.withdraw(signer.account, asset.id, units));
  await send(api, signer, api.tx.margin.closeAccount(signer.account));
  return `${signer.name} withdraws ${lib.decimal(units, asset.decimals)} USDD and closes the account`;
}

/** Compares what both have with what they had: profits of one are losses of the other, so only fees are missing. */
function settle({ asset }, before, after, trades) {
  const spent = before.map((had, i) => (had - after[i]) * asset.scale);
  const fees = trades.flatMap((trade) => Object.values(trade.fees)).reduce((sum, fee) => sum + fee, 0n);
  const missing = spent.reduce((sum, one) => sum + one, 0n);
  const rounding = missing - fees; // less than a unit for each account
  const change = (less) => (less < 0n ? `${money(-less)} more` : `${money(less)} less`);
  expect(
    rounding >= 0n && rounding < 2n * asset.scale,
    `fees of ${money(fees)} should be all that is missing, but it is ${money(missing)}`,
  );
  say(
    "All is paid out",
    `Alice has ${change(spent[0])} than before, Bob ${change(spent[1])}`,
    `together that is ${change(missing)}: the fees, ${money(fees)}, rounded up to what the asset can express`,
  );
}

async function run(api) {
  const [alice, bob, charlie] = await lib.signers("Alice", "Bob", "Charlie");
  const market = await waitForPrice(api);
  const asset = await settlementAsset(api, market);
  const context = { api, asset, market };

  const before = [await balanceOf(context, alice), await balanceOf(context, bob)];
  say("Two accounts", await openAccount(context, alice), await openAccount(context, bob));

  const limit = lib.ticksOf(market, lib.moved(await markOf(context), BELOW_PPM));
  const bid = order("Long", LOTS, { Limit: limit });
  await previewOrders(context, alice, bid);
  await rest(context, alice, bid);
  const opened = await fill(context, alice, bob, limit);
  await look(context, alice, opened);
  await placeAndCancel(context, alice);
  const closed = await close(context, alice, bob);
  await delegate(context, alice, charlie);
  say("The way out", await leave(context, alice), await leave(context, bob));

  const after = [await balanceOf(context, alice), await balanceOf(context, bob)];
  settle(context, before, after, [opened, closed]);
}

async function main() {
  console.log(`Connecting to ${ADDRESS}`);
  const api = await lib.connect(ADDRESS);
  try {
    await run(api);
    console.log("\nAll as expected.");
  } finally {
    await api.disconnect();
  }
}

main().catch((error) => {
  console.error(`\nerror: ${error.message}`);
  process.exit(1);
});
