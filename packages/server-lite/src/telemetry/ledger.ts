// The ledger: one list of everything that can be open in a server, so that a test, or a person with
// a debugger, can ask what is left when everyone has gone. Accounts are read when somebody asks;
// keeping them costs the running server nothing. Knows no room: `server` enters the accounts.

import type { Backend } from "../backend/backend.js";

/** Reads how many of one kind are open now. */
export type OpenCount = () => number;

/** What is open, by account; accounts at zero are left out. */
export type OpenThings = Readonly<Record<string, number>>;

/**
 * Where a server keeps its ledger. In the global registry: each face of the package is its own
 * bundle.
 */
export const LEDGER: unique symbol = Symbol.for("s2kit.server-lite.ledger");

export class Ledger {
  private readonly accounts = new Map<string, OpenCount>();

  /** Adds accounts; one of a name that is known replaces it. */
  enter(accounts: Readonly<Record<string, OpenCount>>): void {
    for (const [name, count] of Object.entries(accounts)) this.accounts.set(name, count);
  }

  get open(): OpenThings {
    const open: Record<string, number> = {};
    for (const [name, count] of this.accounts) {
      const value = count();
      if (value !== 0) open[name] = value;
    }
    return open;
  }
}

/** What can be open below the routes. */
export function backendAccounts(
  backend: Pick<Backend, "gauges">,
): Readonly<Record<string, OpenCount>> {
  const { gauges } = backend;
  return {
    leases: () => gauges.leases,
    followers: () => gauges.followers,
    "in-flight append bytes": () => gauges.inflightBytes,
    "replies that wait for durability": () => gauges.pendingReplies,
    "readers in quotas": () => gauges.countedReaders,
  };
}
