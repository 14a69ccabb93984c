#!/usr/bin/env node
// A round trip on a development chain with PAPI: money in, an order, a fill, a look at margin, the way out.
//
//   node examples/papi/trade.ts [ws://127.0.0.1:9944]      or CAISSON_WS instead of the argument
//
// Read it from top to bottom: each step is a function, in the order in which they run. What the words mean is explained
// in docs/trading.md, units in units.ts. It ends with an error as soon as anything is not as it says.
//
// All types come from the runtime itself (tools/clients/types.js), so what it reads and sends is checked when it is
// compiled, and once more when it runs: if the chain at the other end differs, PAPI refuses the call.
import { Enum } from "polkadot-api";
import {
  type Api,
  type Signer,
  Refusal,
  connect,
  expect,
  expectEqual,
  present,
  send,
  signer,
  words,
} from "./chain.ts";
import {
  type Context,
  type Order,
  type Trader,
  assetOf,
  balanceOf,
  healthOf,
  markOf,
  marketOf,
  ordersOf,
  previewOf,
} from "./read.ts";
import { amount, decimal, feeOf, floorDiv, money, moved, price, priceOfTicks, ticksBelow } from "./units.ts";

const ADDRESS = process.argv[2] ?? process.env["CAISSON_WS"] ?? "ws://127.0.0.1:9944";
/** BTC-PERP on a development chain. */
const MARKET = 0;
/** What each account starts with, in whole USDD. */
const DEPOSIT = 1_000n;
/** 0.1 BTC: a lot is 0.0001. */
const LOTS = 1_000n;
/** How far below the mark bids rest here, in parts per million: 0.05 %. */
const BELOW_PPM = -500n;
/** How much worse than the mark a market order may be filled, in parts per million: 0.5 %. */
const SLIPPAGE_PPM = 5_000;

/** An order as `Exchange.place` takes it: what has to be said, and what holds unless said otherwise. */
const order = (side: "Long" | "Short", lots: bigint, kind: Order["kind"], others: Partial<Order> = {}): Order => ({
  side: Enum(side), // "Long" buys, "Short" sells
  lots,
  kind, // Enum("Limit", ticks) or Enum("Market", { slippage_ppm })
  time_in_force: Enum("GoodTillCancelled"), // or "GoodTillTime" with milliseconds, "ImmediateOrCancel", "PostOnly"
  reduce_only: false,
  trigger: undefined, // or { direction, price }: the order sleeps until the mark is there
  client_id: undefined, // or a number of your own, by which you can cancel it
  ...others,
});

let steps = 0;
function say(title: string, ...lines: string[]): void {
  steps += 1;
  console.log(`\n${steps}. ${title}`);
  for (const line of lines) console.log(`   ${line}`);
}

// ---------------------------------------------------------------------------------------------------------------
// The steps
// ---------------------------------------------------------------------------------------------------------------

/** Nothing can be opened before the oracle's price is live, which takes a few blocks on a fresh chain. */
async function findMarket(api: Api): Promise<Context> {
  const { market, mark } = await marketOf(api, MARKET);
  const rate = (ppm: number): string => `${decimal(BigInt(ppm), 4, 0)} %`;
  say(
    `${market.symbol} trades at ${price(market, mark)}`,
    `a lot is ${amount(market, 1n)}, a tick ${priceOfTicks(market, 1)}`,
    `fees: ${rate(market.takerPpm)} for takers, ${rate(market.makerPpm)} for makers`,
  );
  return { api, market, asset: await assetOf(api, market) };
}

/** An account is opened by its first deposit. An owner may have several in a compartment, told apart by `sub`. */
async function openAccount(context: Context, who: Signer): Promise<Trader> {
  const { api, asset, market } = context;
  const { compartment } = market;
  const existing = await api.apis.MarginApi.accounts_of(who.address, { at: "best" });
  let sub = 0;
  while (existing.some(([, where, its]) => where === compartment && its === sub)) sub += 1;
  const units = DEPOSIT * 10n ** BigInt(asset.decimals);

  const { events } = await send(api, who, api.tx.Margin.open_account({ compartment, sub, units }));
  const [opened] = api.event.Margin.AccountOpened.filter(events);
  const trader = { ...who, account: present(opened, "the event AccountOpened").payload.account };

  const { money: has } = await healthOf(context, trader);
  expectEqual(has, units * asset.scale, `what ${who.name}'s account holds`);
  return trader;
}

/** A preview says what an order needs and does, and whether it would be refused; sending it says with which error. */
async function previewOrders(context: Context, alice: Trader, bid: Order): Promise<void> {
  const { market } = context;
  const good = await previewOf(context, alice, bid);
  expectEqual(good.refused, undefined, "why the order would be refused");
  expectEqual(good.shortfall, 0n, "what is missing for it");
  expect(good.health_after < good.health_before, "an open order should need margin");

  const tooLarge = { ...bid, lots: LOTS * 100n };
  const bad = await previewOf(context, alice, tooLarge);
  expect(bad.shortfall > 0n, "a hundred times as much should be too much");
  expect(bad.refused !== undefined, "an order without margin should be refused");
  const refusal = await place(context, alice, tooLarge).catch((error: unknown) => error);
  expect(refusal instanceof Refusal, `the large order should be refused, but: ${words(refusal)}`);
  expectEqual(refusal.reason, "Exchange.NotEnoughMargin", "why it is refused");

  say(
    `Alice asks what buying ${amount(market, LOTS)} at ${priceOfTicks(market, good.limit)} would do`,
    `it sets aside ${money(good.health_before - good.health_after)} of her ${money(good.health_before)}`,
    `it costs at most ${money(good.fee_at_most)} in fees`,
    `filled, it would be liquidated at a mark of ${price(market, present(good.liquidation_price, "a price"))}`,
    `a hundred times as much is refused (${refusal.reason}): ${money(bad.shortfall)} are missing`,
  );
}

/** Places an order; returns its number and the block that has it. */
async function place({ api, market }: Context, who: Trader, request: Order): Promise<{ number: number; block: string }> {
  const call = api.tx.Exchange.place({ account: who.account, market: market.id, request });
  const { events, block } = await send(api, who, call);
  const [placed] = api.event.Exchange.Placed.filter(events);
  return { number: present(placed, "the event Placed").payload.number, block: block.hash };
}

/** A bid below all asks rests in the book. */
async function rest(context: Context, alice: Trader, bid: Order): Promise<void> {
  const { api, market } = context;
  const { number } = await place(context, alice, bid);
  const mine = present((await ordersOf(context, alice)).find((one) => one.number === number), `the open order ${number}`);
  expectEqual(mine.lots, LOTS, "the lots of the open order");

  const { bids, asks } = await api.apis.ExchangeApi.depth(market.id, 5, { at: "best" });
  const level = present(bids.find((one) => one.price === mine.limit), "the bid in the book");
  expect(level.lots >= LOTS, "the book should show all of the bid");
  const levels = (side: typeof bids): string =>
    side.map((one) => `${amount(market, one.lots)} at ${priceOfTicks(market, one.price)}`).join(", ") || "none";
  say(`Alice's order ${number} rests in the book`, `bids: ${levels(bids)}`, `asks: ${levels(asks)}`);
}

/** What was traded at one price, and what each side paid for it. */
interface Trade {
  readonly perLot: bigint;
  readonly value: bigint;
  readonly fees: ReadonlyArray<{ name: string; fee: bigint }>;
}

/** Checks both fills of a trade between a maker and a taker, and returns it. Orders are filled at the end of a block. */
async function tradeIn({ api, market }: Context, block: string, maker: Trader, taker: Trader): Promise<Trade> {
  const filled = (await api.event.Exchange.Filled.get(block)).map(({ payload }) => payload);
  const fillOf = ({ account, name }: Trader) =>
    present(filled.find((one) => one.account === account && one.market === market.id), `a fill of ${name}'s order`);
  const [made, taken] = [fillOf(maker), fillOf(taker)];
  expectEqual(made.lots, LOTS, `the lots that ${maker.name}'s order was filled with`);
  expectEqual(taken.lots, LOTS, `the lots that ${taker.name}'s order was filled with`);
  expect(made.maker && !taken.maker, `${maker.name} should be the maker, ${taker.name} the taker`);
  expectEqual(taken.price, made.price, "the price of both");

  const value = LOTS * made.price;
  expectEqual(made.fee, feeOf(value, market.makerPpm), "the maker's fee");
  expectEqual(taken.fee, feeOf(value, market.takerPpm), "the taker's fee");
  const fees = [
    { name: maker.name, fee: made.fee },
    { name: taker.name, fee: taken.fee },
  ];
  return { perLot: made.price, value, fees };
}

const describe = ({ market }: Context, trade: Trade): string[] => [
  `${amount(market, LOTS)} at ${price(market, trade.perLot)}, worth ${money(trade.value)}`,
  ...trade.fees.map(({ name, fee }) =>
    fee < 0n ? `${name} rested before, so gets a rebate of ${money(-fee)}` : `${name} pays a fee of ${money(fee)}`,
  ),
];

/** Orders of one block meet at its end, at one price. Bob's takes part in that one clearing and no other. */
async function fill(context: Context, alice: Trader, bob: Trader, limit: number): Promise<Trade> {
  const ask = order("Short", LOTS, Enum("Limit", limit), { time_in_force: Enum("ImmediateOrCancel") });
  const { block } = await place(context, bob, ask);
  const trade = await tradeIn(context, block, alice, bob);
  expectEqual(trade.perLot, BigInt(limit) * context.market.tick, "the price, which both limits bound,");
  say("Bob sells to Alice", ...describe(context, trade));
  return trade;
}

/** The mark at which an account with one position, a long one, falls short of maintenance margin. */
function liquidationOf(mark: bigint, maintenance: bigint, slack: bigint, lots: bigint): bigint {
  const whole = mark - maintenance / lots; // what of a lot's price is left after its margin
  return -floorDiv(-(whole - floorDiv(slack, lots)) * mark, whole);
}

/** What the position is worth and where it ends. */
async function look(context: Context, alice: Trader, trade: Trade): Promise<void> {
  const { market } = context;
  const health = await healthOf(context, alice);
  const position = present(health.position, "Alice's position");
  const liquidation = present(position.liquidation_price, "her liquidation price");
  expectEqual(position.lots, LOTS, "Alice's position in lots");
  expectEqual(position.entry, trade.perLot, "her entry price");
  expectEqual(position.unrealised, LOTS * (position.mark - position.entry), "her unrealised profit");
  expectEqual(health.equity, health.money + position.unrealised, "her equity, money and unrealised profit,");
  expectEqual(health.slack, health.equity - health.maintenance, "her slack, equity less maintenance margin,");
  expect(health.slack > 0n, "she should be safe");
  expectEqual(
    liquidation,
    liquidationOf(position.mark, health.maintenance, health.slack, LOTS),
    "her liquidation price",
  );
  say(
    `Alice is long ${amount(market, position.lots)} from ${price(market, position.entry)}`,
    `the mark is ${price(market, position.mark)}`,
    `equity ${money(health.equity)} = money ${money(health.money)} + unrealised ${money(position.unrealised)}`,
    `maintenance margin ${money(health.maintenance)}: she is liquidated when equity falls below it,`,
    `at a mark of ${price(market, liquidation)}`,
    `initial margin ${money(health.initial)}: ${money(health.initial_health)} are left for more risk`,
    `${money(health.withdrawable)} could be withdrawn`,
  );
}

/** A second order, with a number of the trader's own, and its cancellation by that number. */
async function placeAndCancel(context: Context, alice: Trader): Promise<void> {
  const { api, market } = context;
  const before = await healthOf(context, alice);
  const limit = ticksBelow(market, moved(await markOf(context), 4n * BELOW_PPM));
  const clientId = 7n;
  const bid = order("Long", LOTS, Enum("Limit", limit), { time_in_force: Enum("PostOnly"), client_id: clientId });
  const { number } = await place(context, alice, bid);
  const during = await healthOf(context, alice);
  expect(during.initial > before.initial, "an open order should need margin");

  const byClient = { account: alice.account, market: market.id, order: Enum("Client", clientId) };
  const { events } = await send(api, alice, api.tx.Exchange.cancel(byClient));
  const [cancelled] = api.event.Exchange.Cancelled.filter(events);
  expectEqual(present(cancelled, "the event Cancelled").payload.number, number, "the number of the cancelled order");
  expectEqual((await ordersOf(context, alice)).length, 0, "the number of Alice's open orders");
  const after = await healthOf(context, alice);
  expect(after.initial < during.initial, "a cancelled order should need no margin");
  say(
    `Alice places order ${number} at ${priceOfTicks(market, limit)}, named ${clientId}, and cancels it by that name`,
    `initial margin before: ${money(before.initial)}`,
    `with the order: ${money(during.initial)}, without it: ${money(after.initial)}`,
  );
}

/** Bob bids to buy back, and Alice sells at the market: now she is the taker. Neither order can open anything new. */
async function close(context: Context, alice: Trader, bob: Trader): Promise<Trade> {
  const { market } = context;
  const limit = ticksBelow(market, moved(await markOf(context), BELOW_PPM));
  const soon = BigInt(Date.now() + 60_000);
  const buying = { time_in_force: Enum("GoodTillTime", soon), reduce_only: true };
  await place(context, bob, order("Long", LOTS, Enum("Limit", limit), buying));
  const selling = { time_in_force: Enum("ImmediateOrCancel"), reduce_only: true };
  const ask = order("Short", LOTS, Enum("Market", { slippage_ppm: SLIPPAGE_PPM }), selling);
  const { block } = await place(context, alice, ask);

  const trade = await tradeIn(context, block, bob, alice);
  expect(trade.perLot <= BigInt(limit) * market.tick, "Bob should pay no more than his limit");
  for (const who of [alice, bob]) {
    expectEqual((await healthOf(context, who)).lots, 0n, `${who.name}'s position in lots`);
    expectEqual((await ordersOf(context, who)).length, 0, `the number of ${who.name}'s open orders`);
  }
  say("Alice sells back to Bob; both are out", ...describe(context, trade));
  return trade;
}

/** Takes all money out. What is less than a whole unit stays with the compartment when the account is closed. */
async function leave(context: Context, who: Trader): Promise<string> {
  const { api, asset } = context;
  const { account } = who;
  const { withdrawable } = await healthOf(context, who);
  const units = withdrawable / asset.scale;
  await send(api, who, api.tx.Margin.withdraw({ account, asset: asset.id, units }));
  await send(api, who, api.tx.Margin.close_account({ account }));
  const gone = await api.apis.MarginApi.health(account, { at: "best" });
  expectEqual(gone, undefined, `what is left of ${who.name}'s account`);
  return `${who.name} withdraws ${decimal(units, asset.decimals)} ${asset.symbol} and closes the account`;
}

/** Compares what both have with what they had: profits of one are losses of the other, so only fees are missing. */
function settle({ asset }: Context, spentUnits: readonly [bigint, bigint], trades: readonly Trade[]): void {
  const [alices, bobs] = spentUnits.map((units) => units * asset.scale) as [bigint, bigint];
  const fees = trades.flatMap((trade) => trade.fees).reduce((sum, { fee }) => sum + fee, 0n);
  const missing = alices + bobs;
  const rounding = missing - fees; // less than a unit for each account
  const change = (less: bigint): string => (less < 0n ? `${money(-less)} more` : `${money(less)} less`);
  expect(
    rounding >= 0n && rounding < 2n * asset.scale,
    `fees of ${money(fees)} should be all that is missing, but it is ${money(missing)}`,
  );
  say(
    "All is paid out",
    `Alice has ${change(alices)} than before, Bob ${change(bobs)}`,
    `together that is ${change(missing)}: the fees, ${money(fees)}, rounded up to what the asset can express`,
  );
}

async function run(api: Api): Promise<void> {
  const context = await findMarket(api);
  const { market } = context;
  const owners = [signer("Alice"), signer("Bob")] as const;
  const holdings = (): Promise<[bigint, bigint]> =>
    Promise.all([balanceOf(context, owners[0]), balanceOf(context, owners[1])]);

  const before = await holdings();
  const alice = await openAccount(context, owners[0]);
  const bob = await openAccount(context, owners[1]);
  const opened = (who: Trader): string => `${who.name} has account ${who.account} with ${DEPOSIT} ${context.asset.symbol}`;
  say("Two accounts", opened(alice), opened(bob));

  const limit = ticksBelow(market, moved(await markOf(context), BELOW_PPM));
  const bid = order("Long", LOTS, Enum("Limit", limit));
  await previewOrders(context, alice, bid);
  await rest(context, alice, bid);
  const entry = await fill(context, alice, bob, limit);
  await look(context, alice, entry);
  await placeAndCancel(context, alice);
  const exit = await close(context, alice, bob);
  say("The way out", await leave(context, alice), await leave(context, bob));

  const after = await holdings();
  settle(context, [before[0] - after[0], before[1] - after[1]], [entry, exit]);
}

async function main(): Promise<void> {
  console.log(`Connecting to ${ADDRESS}`);
  const { client, api } = await connect(ADDRESS);
  try {
    await run(api);
    console.log("\nAll as expected.");
  } finally {
    client.destroy();
  }
}

main().catch((error: unknown) => {
  console.error(`\nerror: ${words(error)}`);
  process.exit(1);
});
