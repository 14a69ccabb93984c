// Reports of prices as validators' nodes send them, byte by byte, for sending some that nobody may send.
"use strict";

const { randomFillSync } = require("crypto");
const { fromClients } = require("./client");

/**
 * What stands before the call in a transaction that authorizes itself: version 5 of the "general" kind, version 0 of the
 * extensions, then what they say: immortal, nonce 0, no tip, no digest of the metadata.
 */
const HEAD = [0x45, 0x00, 0x00, 0x00, 0x00, 0x00];
/** Where the round stands in the call: after pallet, call, session (4 bytes) and place (2 bytes). */
const ROUND_AT = HEAD.length + 2 + 4 + 2;
/** The signature is the end of the call. */
const SIGNATURE_BYTES = 64;
/** What a signature is bound to, besides the chain. */
const CONTEXT = "caisson/oracle/report";

/** A transaction with this report (`session`, `authority`, `round`, `prices`), without its length before it. */
function transaction(api, report, signature = new Uint8Array(SIGNATURE_BYTES)) {
  const call = api.tx.oracle.report(report, signature).method.toU8a();
  return Uint8Array.from([...HEAD, ...call]);
}

/** The same transaction for another round and with a signature of random bytes. */
function forged(template, round) {
  const bytes = Uint8Array.from(template);
  new DataView(bytes.buffer).setBigUint64(ROUND_AT, BigInt(round), true);
  randomFillSync(bytes, bytes.length - SIGNATURE_BYTES);
  return bytes;
}

/** The same transaction for another round, rightly signed by this pair. */
function signedBy(api, pair, template, round) {
  const { stringToU8a, u8aConcat } = fromClients("@polkadot/util");
  const bytes = forged(template, round);
  const report = bytes.subarray(HEAD.length + 2, bytes.length - SIGNATURE_BYTES);
  const signature = pair.sign(u8aConcat(stringToU8a(CONTEXT), api.genesisHash.toU8a(), report));
  bytes.set(signature, bytes.length - SIGNATURE_BYTES);
  return bytes;
}

/** As RPC takes it: with the length in front, in hexadecimal. */
function hex(bytes) {
  const { compactAddLength, u8aToHex } = fromClients("@polkadot/util");
  return u8aToHex(compactAddLength(bytes));
}

module.exports = { forged, hex, signedBy, transaction };
