// What trade.ts needs besides the types: a connection, keys, and transactions.
import { type TxEvent, type TypedApi, type Transaction, type PolkadotClient, createClient } from "polkadot-api";
import { type PolkadotSigner, getPolkadotSigner } from "polkadot-api/signer";
import { getWsProvider } from "polkadot-api/ws";
import { sr25519CreateDerive } from "@polkadot-labs/hdkd";
import { DEV_MINI_SECRET, ss58Address } from "@polkadot-labs/hdkd-helpers";
import { caisson } from "@polkadot-api/descriptors";

/** The chain as its runtime describes it: a name or a figure that the runtime hasn't is an error of the compiler. */
export type Api = TypedApi<typeof caisson>;

/** Reads what the best block left. Without it PAPI reads from the last finalised block, some seconds earlier. */
export const BEST = { at: "best" } as const;

const CONNECT_MS = 15_000;
const INCLUSION_MS = 30_000;

/** Who signs: a development account, whose secret is public. */
export interface Signer {
  readonly name: string;
  readonly address: string;
  readonly signer: PolkadotSigner;
  /** The number of the next transaction, once it is known. */
  nonce: number | undefined;
}

/** The event of a transaction that tells that it is in a block. */
export type Included = Extract<TxEvent, { type: "txBestBlocksState"; found: true }>;

/** An error that the runtime names, such as "Exchange.NotEnoughMargin". */
export class Refusal extends Error {
  readonly reason: string;

  constructor(what: string, reason: string) {
    super(`${what} failed: ${reason}`);
    this.reason = reason;
  }
}

/** Fails after so many milliseconds, unless `work` is done before. */
async function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Connects to a node; fails with words if none answers. */
export async function connect(address: string): Promise<{ client: PolkadotClient; api: Api }> {
  const client = createClient(getWsProvider(address));
  try {
    await within(CONNECT_MS, client.getFinalizedBlock(), `no node answers at ${address}`);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return { client, api: client.getTypedApi(caisson) };
}

/** The development account of this name. */
export function signer(name: string): Signer {
  const pair = sr25519CreateDerive(DEV_MINI_SECRET)(`//${name}`);
  return {
    name,
    address: ss58Address(pair.publicKey),
    signer: getPolkadotSigner(pair.publicKey, "Sr25519", pair.sign),
    nonce: undefined,
  };
}

/** Waits until `probe` returns something. */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

/** The name of an error: { type: "Module", value: { type: "Margin", value: { type: "NotOwner" } } } is "Margin.NotOwner". */
export function nameOf(error: { type: string; value?: unknown }): string {
  const inner = error.value;
  const isNamed = typeof inner === "object" && inner !== null && "type" in inner && typeof inner.type === "string";
  if (!isNamed) return error.type;
  const rest = nameOf(inner as { type: string; value?: unknown });
  return error.type === "Module" ? rest : `${error.type}.${rest}`;
}

/**
 * Signs and sends a call and waits until it is in a block. A call that fails there is a `Refusal`.
 *
 * Whoever can't bear that a block is replaced by another waits for the event `finalized` instead, two or three blocks
 * later; `signAndSubmit` of the call does.
 */
export async function send(api: Api, who: Signer, call: Transaction): Promise<Included> {
  const { type: pallet, value } = call.decodedCall;
  const what = `${pallet}.${value.type} by ${who.name}`;
  // Counted here: PAPI would take the next number after the last finalised block.
  who.nonce ??= await api.apis.AccountNonceApi.account_nonce(who.address, BEST);
  const nonce = who.nonce++;
  const inclusion = new Promise<Included>((resolve, reject) => {
    const subscription = call.signSubmitAndWatch(who.signer, { nonce }).subscribe({
      next: (event) => {
        if (event.type !== "txBestBlocksState" || !event.found) return;
        resolve(event);
        // Not before this call returns: the subscription may not exist yet.
        queueMicrotask(() => subscription.unsubscribe());
      },
      error: (error: unknown) => reject(new Error(`${what} was refused: ${words(error)}`)),
    });
  });
  const included = await within(INCLUSION_MS, inclusion, `${what} is in no block after ${INCLUSION_MS / 1000} s`);
  if (!included.ok) throw new Refusal(what, nameOf(included.dispatchError));
  return included;
}

/** One line of text for any error. */
export function words(error: unknown): string {
  const message = error instanceof Error && error.message ? error.message : JSON.stringify(error);
  return (message ?? String(error)).replace(/\s+/g, " ");
}

/** Ends the program with a clear message unless a fact is as expected. */
export function expect(fact: boolean, what: string): asserts fact {
  if (!fact) throw new Error(`not as expected: ${what}`);
}

/** The same for two values, which are shown. */
export function expectEqual<T>(seen: T, expected: T, what: string): void {
  expect(seen === expected, `${what} should be ${expected}, but is ${seen}`);
}

/** A value that must be there. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`not as expected: ${what} should be there`);
  return value;
}
