#!/usr/bin/env node
// Follows Caisson in a light client: smoldot checks finality by itself and asks full nodes for proofs only.
//
//   node examples/light-client/follow.ts SPEC [PEER]... [--blocks 10] [--json]
//
//   SPEC      the raw chain specification. It is all that is trusted: the genesis block and the first validators
//   PEER      where a full node listens, such as /ip4/127.0.0.1/tcp/30333/p2p/12D3KooW…, besides the boot nodes in SPEC;
//             or its RPC, such as ws://127.0.0.1:9944, which is asked for that address and for nothing else
//   --blocks  how many finalised blocks to follow
//   --json    write JSON, one value in a line, instead of text
//
// Full nodes can't make it believe anything: a block is final when two thirds of the validators have signed so, who are
// known from the block before; and what is read of a block's state comes with a proof against the root in its header.
// It ends with exit code 1 if it isn't in step within a minute, or as soon as a block doesn't follow the one before.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type PolkadotClient, type TypedApi, createClient } from "polkadot-api";
import { getSmProvider } from "polkadot-api/sm-provider";
import { type Client, start } from "polkadot-api/smoldot";
import { caisson } from "@polkadot-api/descriptors";

/** How long the first block may take, and each one after it. */
const SYNC_MS = 60_000;
/** How long a node may take to say where it listens. */
const ASK_MS = 10_000;
/** What smoldot says up to this level is repeated: 1 errors, 2 warnings, 3 information. */
const LOG_LEVEL = Number(process.env["SMOLDOT_LOG"] ?? 1);

interface Block {
  readonly number: number;
  readonly hash: string;
  readonly parent: string;
}

/** What is read of each block, by one proof for each figure. */
interface Figures {
  /** When the block was made, in milliseconds. From storage. */
  readonly time: bigint;
  /** All native tokens there are. From storage. */
  readonly issuance: bigint;
  /** The markets and their marks in quanta for one lot. From the runtime API, executed here on proved state. */
  readonly markets: ReadonlyArray<{ symbol: string; tick: bigint; mark: bigint | null; openInterest: bigint }>;
}

interface Options {
  readonly spec: string;
  readonly peers: readonly string[];
  readonly blocks: number;
  readonly json: boolean;
}

function options(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { blocks: { type: "string", default: "10" }, json: { type: "boolean", default: false } },
  });
  const [spec, ...peers] = positionals;
  const blocks = Number(values.blocks);
  if (spec === undefined || !Number.isSafeInteger(blocks) || blocks < 1)
    throw new Error("usage: node examples/light-client/follow.ts SPEC [PEER]... [--blocks 10] [--json]");
  return { spec, peers, blocks, json: values.json };
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

/** Where a peer listens: what was given, or what the node says whose RPC was given. */
async function addressOf(peer: string): Promise<string> {
  if (peer.startsWith("/")) return peer;
  const question = { jsonrpc: "2.0", id: 1, method: "system_localListenAddresses", params: [] };
  const answer = await fetch(peer.replace(/^ws/, "http"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(ASK_MS),
  }).catch((error: unknown) => {
    throw new Error(`no node answers at ${peer}: ${String(error)}`);
  });
  const { result = [] } = (await answer.json()) as { result?: string[] };
  const { hostname } = new URL(peer);
  const found = result.find((address) => address.includes(`/${hostname}/`)) ?? result[0];
  if (found === undefined) throw new Error(`the node at ${peer} doesn't say where it listens`);
  return found;
}

/** The chain specification, with these peers added to its boot nodes. */
async function specOf({ spec, peers }: Options): Promise<string> {
  const parsed = JSON.parse(readFileSync(spec, "utf8")) as { genesis?: { raw?: unknown }; bootNodes?: string[] };
  if (parsed.genesis?.raw === undefined) throw new Error(`${spec} is no raw chain specification`);
  const bootNodes = [...(parsed.bootNodes ?? []), ...(await Promise.all(peers.map(addressOf)))];
  if (bootNodes.length === 0) throw new Error(`${spec} names no boot nodes: give the address of a peer`);
  return JSON.stringify({ ...parsed, bootNodes });
}

/** A finalised block, and what is being read of it. */
interface Arrival {
  readonly block: Block;
  readonly figures: Promise<Figures>;
}

/**
 * Finalised blocks as they come. Reading begins at once: several blocks often become final together, and a client may
 * only ask for the state of those that are not long gone.
 */
class Arrivals {
  readonly #waiting: Arrival[] = [];
  readonly #subscription: { unsubscribe(): void };
  #failure: unknown;
  #wake = (): void => {};

  constructor(client: PolkadotClient, read: (block: Block) => Promise<Figures>) {
    this.#subscription = client.finalizedBlock$.subscribe({
      next: (block) => {
        const figures = read(block);
        figures.catch(() => {}); // it is told when the block's turn has come
        this.#waiting.push({ block, figures });
        this.#wake();
      },
      error: (error: unknown) => {
        this.#failure = error;
        this.#wake();
      },
    });
  }

  /** The next one. Fails when none comes in time. */
  async next(): Promise<Arrival> {
    if (this.#waiting.length === 0 && this.#failure === undefined) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await within(SYNC_MS, woken, `no finalised block for ${SYNC_MS / 1000} s`);
    }
    const arrival = this.#waiting.shift();
    if (arrival === undefined) throw this.#failure;
    return arrival;
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}

/** Shows so many finalised blocks in order. Fails at one that isn't a child of the one before. */
async function follow(arrivals: Arrivals, { blocks, json }: Options): Promise<void> {
  let last: Block | undefined;
  for (let done = 0; done < blocks; done += 1) {
    const { block, figures } = await arrivals.next();
    if (last !== undefined && block.parent !== last.hash)
      throw new Error(`block ${block.number} (${block.hash}) is no child of ${last.number} (${last.hash})`);
    const what = `no proof of what block ${block.number} holds for ${SYNC_MS / 1000} s`;
    show(json, block, await within(SYNC_MS, figures, what));
    last = block;
  }
}

/** Reads a block's figures out of its state. */
async function figuresOf(api: TypedApi<typeof caisson>, { hash }: Block): Promise<Figures> {
  const [time, issuance, markets] = await Promise.all([
    api.query.Timestamp.Now.getValue({ at: hash }),
    api.query.Balances.TotalIssuance.getValue({ at: hash }),
    api.apis.MarketsApi.markets({ at: hash }),
  ]);
  return {
    time,
    issuance,
    markets: markets.map(({ symbol, contract, prices, open_interest }) => ({
      symbol: new TextDecoder().decode(symbol),
      tick: contract.tick,
      mark: prices?.mark ?? null,
      openInterest: open_interest,
    })),
  };
}

/** The figures in words, or as JSON with large numbers as text. */
function show(json: boolean, block: Block, figures: Figures): void {
  if (json) {
    const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
    console.log(JSON.stringify({ number: block.number, hash: block.hash, ...figures }, plain));
    return;
  }
  const marks = figures.markets.map(({ symbol, mark }) => `${symbol} ${mark ?? "no price"}`).join(", ");
  console.log(`#${block.number} ${block.hash}  ${new Date(Number(figures.time)).toISOString()}  ${marks}`);
}

async function run(asked: Options, smoldot: Client): Promise<void> {
  const chain = await smoldot.addChain({ chainSpec: await specOf(asked) });
  const client = createClient(getSmProvider(() => Promise.resolve(chain)));
  try {
    const api = client.getTypedApi(caisson);
    const arrivals = new Arrivals(client, (block) => figuresOf(api, block));
    await follow(arrivals, asked).finally(() => arrivals.stop());
    if (!asked.json) console.log(`Followed ${asked.blocks} finalised blocks.`);
  } finally {
    client.destroy();
  }
}

async function main(): Promise<void> {
  const asked = options();
  const smoldot = start({
    maxLogLevel: LOG_LEVEL,
    logCallback: (_level, target, message) => console.error(`${target}: ${message}`),
  });
  try {
    await run(asked, smoldot);
  } finally {
    await smoldot.terminate();
  }
}

main().then(
  // What smoldot leaves behind when it has ended, timers and a connection, would keep the process for minutes.
  () => process.exit(0),
  (error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
    process.exit(1);
  },
);
