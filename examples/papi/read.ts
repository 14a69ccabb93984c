// What trade.ts reads: the market, accounts, orders and what an owner holds, all after the best block.
import { type Api, type Signer, BEST, present, until } from "./chain.ts";
import type { Market } from "./units.ts";

/** What every step needs. */
export interface Context {
  readonly api: Api;
  readonly market: Market;
  readonly asset: Asset;
}

/** The asset in which a compartment settles. */
export interface Asset {
  readonly id: number;
  readonly decimals: number;
  readonly symbol: string;
  /** How many quanta a unit is. */
  readonly scale: bigint;
}

/** A trader: who signs, and the number of the margin account. */
export interface Trader extends Signer {
  readonly account: number;
}

type View = NonNullable<Awaited<ReturnType<Api["apis"]["MarketsApi"]["market"]>>>;
type Prices = NonNullable<View["prices"]>;

/** Texts are bytes on the chain. */
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The market and its prices as they are now; nothing while it can't be traded. */
async function liveView(api: Api, id: number): Promise<{ view: View; prices: Prices } | undefined> {
  const view = present(await api.apis.MarketsApi.market(id, BEST), `market ${id} of a development chain`);
  const { contract, prices } = view;
  return contract.phase.type === "Trading" && prices?.status.type === "Live" ? { view, prices } : undefined;
}

/** The terms of a market and its mark, in quanta for one lot, as soon as it can be traded. */
export async function marketOf(api: Api, id: number): Promise<{ market: Market; mark: bigint }> {
  const what = "a live price. Does the node have sources? See examples/README.md";
  const { view, prices } = await until(what, 60, () => liveView(api, id));
  const symbol = text(view.symbol);
  const fees = present(view.contract.fees[0], "a first level of fees");
  const market = {
    id,
    symbol,
    base: symbol.split("-")[0] ?? symbol,
    compartment: view.contract.compartment,
    lotSize: view.contract.lot_size,
    tick: view.contract.tick,
    takerPpm: fees.taker_ppm,
    makerPpm: fees.maker_ppm,
  };
  return { market, mark: prices.mark };
}

/** The mark now, in quanta for one lot. */
export async function markOf({ api, market }: Context): Promise<bigint> {
  return (await marketOf(api, market.id)).mark;
}

/** The asset in which the market's compartment settles. */
export async function assetOf(api: Api, market: Market): Promise<Asset> {
  const compartment = present(
    await api.query.Margin.Compartments.getValue(market.compartment, BEST),
    `compartment ${market.compartment}`,
  );
  const id = compartment.settlement_asset;
  const { decimals, symbol } = await api.query.Assets.Metadata.getValue(id, BEST);
  return { id, decimals, symbol: text(symbol), scale: compartment.scale };
}

/** What an owner holds of the settlement asset outside of margin accounts, in units. */
export async function balanceOf({ api, asset }: Context, who: Signer): Promise<bigint> {
  return (await api.query.Assets.Account.getValue(asset.id, who.address, BEST))?.balance ?? 0n;
}

/** How an account stands, and its position in the market, if it has one. Money in quanta, prices in quanta for a lot. */
export async function healthOf({ api, market }: Context, who: Trader) {
  const health = present(await api.apis.MarginApi.health(who.account, BEST), `account ${who.account}`);
  const position = health.positions.find((one) => one.market === market.id);
  return { ...health, money: health.account.collateral, position, lots: position?.lots ?? 0n };
}

/** What an order would do, without sending it. */
export async function previewOf({ api, market }: Context, who: Trader, request: Order) {
  return present(await api.apis.ExchangeApi.preview(who.account, market.id, request, BEST), "a preview");
}

/** The account's open orders. */
export const ordersOf = ({ api }: Context, who: Trader) => api.apis.ExchangeApi.open_orders(who.account, BEST);

/** An order as the runtime takes it. */
export type Order = Parameters<Api["tx"]["Exchange"]["place"]>[0]["request"];

