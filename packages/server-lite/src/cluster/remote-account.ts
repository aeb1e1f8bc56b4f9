// What other nodes have of the account, as the first shard's owner sees it: changes go to each
// other shard in their order, again and again until its owner says that they are durable there. An
// owner may change meanwhile: versions say what the next one has. A pump.

import { type Clock, S2Error, sleep } from "@s2kit/core";
import type { AccountReplica, NumberedChange } from "../backend/account/account-copy.js";
import type { BasinPart } from "../backend/account/basin-removal.js";
import { storageError } from "../storage/durability.js";
import { encodeChanges, NODE_PATHS } from "./node-door.js";
import type { ShardQuestion, ShardRequests, WholeAnswer } from "./shard-requests.js";

export interface RemoteAccountComponents {
  readonly clock: Clock;
  readonly requests: Pick<ShardRequests, "ask">;
  readonly shard: number;
  readonly onError: (error: unknown) => void;
}

/** After a shard that did not take a change, ms. */
const RETRY_MS = 250;
/** For one request, ms. */
const ASK_MS = 5000;
/** Changes of one request, by number and by size. */
const MAX_CHANGES = 50;
const MAX_BYTES = 1024 * 1024;
const JSON_HEADERS = { "content-type": "application/json" } as const;

export class RemoteReplica implements AccountReplica {
  confirmed = 0;
  private readonly components: RemoteAccountComponents;
  private readonly listeners = new Set<() => void>();
  /** Made for good, and perhaps not there yet; at most as many as the fan-out keeps. */
  private ready: readonly NumberedChange[] = [];
  private running: Promise<void> | undefined = undefined;
  private readonly ended = new AbortController();
  private hasAsked = false;
  /** Of the changes that there are in the first shard. */
  private last = 0;

  constructor(components: RemoteAccountComponents) {
    this.components = components;
  }

  get isOpen(): boolean {
    return !this.ended.signal.aborted;
  }

  /** Whether it fits is known when it is asked. */
  check(lastVersion: number): void {
    this.last = lastVersion;
  }

  apply(changes: readonly NumberedChange[]): void {
    this.ready = changes;
    this.last = Math.max(this.last, changes.at(-1)?.version ?? 0);
    if (!this.isOpen || (this.hasAsked && this.missing().length === 0)) return;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Nothing is sent any more. */
  close(): void {
    this.ended.abort();
    this.listeners.clear();
  }

  private missing(): readonly NumberedChange[] {
    return this.ready.filter(({ version }) => version > this.confirmed);
  }

  private async run(): Promise<void> {
    const { clock, onError } = this.components;
    // What it has is not known before it has said so, also when there is nothing to give.
    while (this.isOpen && (!this.hasAsked || this.missing().length > 0)) {
      try {
        await this.send();
      } catch (error) {
        if (!this.isOpen) return;
        // Nobody has the shard: that is said elsewhere, by whoever waits for it.
        if (S2Error.from(error).code !== "unavailable") onError(error);
        await sleep(clock, RETRY_MS, this.ended.signal);
      }
    }
  }

  private async send(): Promise<void> {
    const { clock, requests, shard } = this.components;
    const body = chunkOf(this.missing());
    const asked: ShardQuestion = {
      method: "POST",
      path: NODE_PATHS.account,
      headers: JSON_HEADERS,
      body,
    };
    const answer = await requests.ask(shard, asked, clock.monotonic() + ASK_MS, this.ended.signal);
    const { version } = jsonOf(answer) as { version: number };
    if (!this.isOpen) return;
    if (version > this.last) {
      // Soon the numbers would fit, and what they stand for would not.
      this.close();
      this.components.onError(misfit(version, this.last));
      return;
    }
    this.hasAsked = true;
    this.confirmed = Math.max(this.confirmed, version);
    for (const listener of this.listeners) listener();
  }
}

/** What a shard at another node has of deleted basins. */
export function remotePart({ clock, requests, shard }: RemoteAccountComponents): BasinPart {
  return {
    async isPurged(basin, version) {
      const query = new URLSearchParams({ basin, version: String(version) });
      const path = `${NODE_PATHS.purged}?${query.toString()}`;
      const question = { method: "GET", path, headers: {} } as const;
      const answer = await requests.ask(shard, question, clock.monotonic() + ASK_MS);
      return (jsonOf(answer) as { isPurged: boolean }).isPurged;
    },
  };
}

function misfit(applied: number, last: number): S2Error {
  return storageError(
    `the shards of the store do not fit together: was one restored from an older copy? applied=${applied} last=${last}`,
  );
}

function chunkOf(changes: readonly NumberedChange[]): Uint8Array {
  let count = Math.min(changes.length, MAX_CHANGES);
  for (;;) {
    const bytes = encodeChanges(changes.slice(0, count));
    if (bytes.length <= MAX_BYTES || count <= 1) return bytes;
    count = Math.floor(count / 2);
  }
}

/** @throws {S2Error} what the node said instead */
function jsonOf({ status, body }: WholeAnswer): unknown {
  const text = Buffer.from(body).toString();
  if (status === 200) return JSON.parse(text) as unknown;
  const code = status === 503 ? "unavailable" : "storage";
  throw new S2Error({ code, message: `a node of the cluster refuses: ${text.slice(0, 500)}` });
}
