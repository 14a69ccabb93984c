// Which parts of the runtime get types: those that the examples use, with all their calls, events, errors and storage. For
// everything at once the types would be several times as large, and take longer to make.
import type { CaissonWhitelistEntry } from "@polkadot-api/descriptors";

export const whitelist: CaissonWhitelistEntry[] = [
  "api.*",
  "*.System",
  "*.Timestamp",
  "*.Balances",
  "*.Assets",
  "*.Markets",
  "*.Margin",
  "*.Exchange",
];
