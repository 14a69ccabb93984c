// Units, and how they are shown. Everything is an integer on the chain and a bigint here: a floating-point number would
// lose the last digits.
//
//   unit      the smallest amount of an asset: of USDD, which has 6 decimal places, 0.000001
//   quantum   10^-12 of the settlement asset, in which accounts count money: 1 USDD = 10^12 quanta
//   lot       the smallest position; `lot_size` of a market's contract says how much of the base it is, in 10^-18 of it
//   tick      the step of order prices; `tick` of the contract says how many quanta for one lot it is

/** Quanta in one whole of the settlement asset. */
export const QUANTA = 10n ** 12n;
/** One whole of the base, in the unit of `lot_size`. */
const BASE = 10n ** 18n;
/** One, in parts per million. */
const PPM = 1_000_000n;

/** The terms of a market that are needed to show figures and to check them. */
export interface Market {
  readonly id: number;
  readonly symbol: string;
  readonly base: string;
  readonly compartment: number;
  readonly lotSize: bigint;
  readonly tick: bigint;
  readonly takerPpm: number;
  readonly makerPpm: number;
}

/** `numerator / denominator` for a positive denominator, rounded down, also below zero. */
export function floorDiv(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** An integer of 10^-places as text: 1234567n with 6 places is "1.234567". At least `least` decimals are shown. */
export function decimal(value: bigint, places: number, least = 2): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "").padEnd(least, "0");
  return `${value < 0n ? "-" : ""}${whole}${fraction && `.${fraction}`}`;
}

/** Money in quanta, as text. */
export const money = (quanta: bigint): string => `${decimal(quanta, 12)} USDD`;

/** Lots as an amount of the base: 1000n of BTC-PERP is "0.1 BTC". */
export const amount = (market: Market, lots: bigint): string => `${decimal(lots * market.lotSize, 18, 0)} ${market.base}`;

/** A price in quanta for one lot, as a price of one whole of the base. */
export const price = (market: Market, perLot: bigint): string =>
  decimal((perLot * BASE * 100n) / (market.lotSize * QUANTA), 2);

/** An order price in ticks, as a price of one whole of the base. */
export const priceOfTicks = (market: Market, ticks: number): string => price(market, BigInt(ticks) * market.tick);

/** The order price next below a price in quanta for one lot. */
export const ticksBelow = (market: Market, perLot: bigint): number => Number(floorDiv(perLot, market.tick));

/** A price moved by so many parts per million, up or down. */
export const moved = (perLot: bigint, ppm: bigint): bigint => perLot + floorDiv(perLot * ppm, PPM);

/** A fee as the chain computes it: the value times the rate, rounded up, also when it is a rebate. */
export const feeOf = (value: bigint, ppm: number): bigint => -floorDiv(-value * BigInt(ppm), PPM);
