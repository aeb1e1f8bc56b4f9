// Membership by leases in the bucket: whoever renews its lease lives, and whoever has been silent
// for longer than it may count on it does not. The lease says the rest.

import type { Lease } from "../format/lease-object.js";
import { type Owner, ownerText } from "../format/manifest-entry.js";
import type { NodeLease } from "../lease/node-lease.js";
import type { Member, Membership } from "./membership.js";

export class LeaseMembership implements Membership {
  private readonly node: NodeLease;
  private seen: ReadonlyMap<string, Lease> | undefined = undefined;
  private members: readonly Member[] = [];
  /**
   * Renewals that were the last ones of somebody. Only another one is a sign of life: a watch that
   * begins anew is none, or a lapse of the own lease would make all who ever died living ones.
   */
  private readonly dead = new Map<string, number>();

  constructor(node: NodeLease) {
    this.node = node;
  }

  get self(): Owner {
    return this.node.owner;
  }

  get isSure(): boolean {
    return this.node.isValid;
  }

  get living(): readonly Member[] {
    return this.members;
  }

  get lookEveryMs(): number {
    return this.node.lookEveryMs;
  }

  async look(): Promise<void> {
    await this.node.look();
    if (this.seen === this.node.leases) return;
    this.seen = this.node.leases;
    for (const holder of this.dead.keys()) if (!this.seen.has(holder)) this.dead.delete(holder);
    this.members = [...this.seen]
      .filter(([holder, { seq }]) => holder === ownerText(this.self) || this.isLiving(holder, seq))
      // Who is reached nowhere shares with nobody: it is after the whole store.
      .filter(([, { url }]) => url !== "")
      .map(([, { node, incarnation, url, state, shards }]) => {
        return { node, incarnation, url, state, shards };
      });
  }

  private isLiving(holder: string, seq: number): boolean {
    if (this.node.watch.isSilent(holder)) this.dead.set(holder, seq);
    else if (this.dead.get(holder) !== seq) this.dead.delete(holder);
    return !this.dead.has(holder);
  }
}
