// Typed access to the chain with the @polkadot/api that tools/clients pins (zombienet brings an older one of its own).
"use strict";

const { createRequire } = require("module");
const path = require("path");
const { words } = require("./wait");

const fromClients = createRequire(path.resolve(__dirname, "../../tools/clients/package.json"));
const INCLUSION_SECONDS = 60;

/** The development accounts that hold the free balances of the local chain. */
const HOLDERS = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];

/** Runs `body` with a connection to `node` and closes it afterwards. */
async function withApi(node, body) {
  const { ApiPromise, WsProvider } = fromClients("@polkadot/api");
  const provider = new WsProvider(node.wsUri);
  const api = new ApiPromise({ provider, noInitWarn: true });
  try {
    await api.isReadyOrError;
    return await body(api);
  } catch (error) {
    throw new Error(`${node.name}: ${words(error)}`);
  } finally {
    await api.disconnect();
  }
}

/** Key pairs of the development accounts, by name. */
async function holders() {
  const { Keyring } = fromClients("@polkadot/keyring");
  await fromClients("@polkadot/util-crypto").cryptoWaitReady();
  const keyring = new Keyring({ type: "sr25519" });
  return HOLDERS.map((name) => ({ name, pair: keyring.addFromUri(`//${name}`) }));
}

/** The name that a dispatch error has in the metadata, with its documentation. */
function nameOf(api, error) {
  if (!error.isModule) return error.toString();
  const { section, name, docs } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}: ${docs.join(" ").trim()}`;
}

/**
 * The nonce for the next call of `signer`. Counted here: just after a block the node may still give the last one.
 */
async function takeNonce(api, signer) {
  if (signer.nonce === undefined) signer.nonce = (await api.rpc.system.accountNextIndex(signer.pair.address)).toNumber();
  return signer.nonce++;
}

/**
 * Signs and submits `call`, waits until it is in a block, and returns the events it made there.
 * Fails if it was not included in time, or was included and failed.
 */
async function submit(api, signer, call) {
  const name = `${call.method.section}.${call.method.method} by ${signer.name}`;
  const nonce = await takeNonce(api, signer);
  return new Promise((resolve, reject) => {
    let stop = () => {};
    let status = "nothing";
    const finish = (settle, value) => {
      clearTimeout(timer);
      stop();
      settle(value);
    };
    const timer = setTimeout(
      () => finish(reject, new Error(`waited ${INCLUSION_SECONDS} s for ${name} to be in a block, but saw ${status}`)),
      INCLUSION_SECONDS * 1000,
    );
    call
      .signAndSend(signer.pair, { nonce }, (result) => {
        status = result.status.type;
        if (result.isError) finish(reject, new Error(`the pool dropped ${name}: ${status}`));
        else if (result.internalError)
          finish(reject, new Error(`${name} is in a block whose events can't be read: ${words(result.internalError)}`));
        else if (result.dispatchError)
          finish(reject, new Error(`${name} failed: ${nameOf(api, result.dispatchError)}`));
        else if (result.status.isInBlock || result.status.isFinalized)
          finish(resolve, result.events.map(({ event }) => event));
      })
      .then((unsubscribe) => (stop = unsubscribe))
      .catch((error) => finish(reject, new Error(`${name} was refused: ${words(error)}`)));
  });
}

/** The one event `section.method` among `events`; `doing` says what should have made it. */
function eventOf(events, section, method, doing) {
  const found = events.find((event) => event.section === section && event.method === method);
  if (found) return found;
  const seen = events.map((event) => `${event.section}.${event.method}`).join(", ") || "none";
  throw new Error(`${doing} made no event ${section}.${method}, but ${seen}`);
}

/** Typed access to the state after the block with this number on the node's best chain. */
async function stateAt(api, number) {
  const hash = await api.rpc.chain.getBlockHash(number);
  return api.at(hash);
}

/** The events of the block after which this is the state. */
async function eventsOf(state) {
  const records = await state.query.system.events();
  return records.map(({ event }) => event);
}

/** The address of the stash of a validator of the local chain, by the name of its node. */
async function stashOf(name) {
  const { Keyring } = fromClients("@polkadot/keyring");
  await fromClients("@polkadot/util-crypto").cryptoWaitReady();
  const capital = name[0].toUpperCase() + name.slice(1);
  return new Keyring({ type: "sr25519" }).addFromUri(`//${capital}//stash`).address;
}

module.exports = { eventOf, eventsOf, fromClients, holders, stashOf, stateAt, submit, takeNonce, withApi };
