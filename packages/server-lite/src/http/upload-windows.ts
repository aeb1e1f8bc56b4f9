// How much the clients of one HTTP/2 connection may send unasked, per stream. Windows begin small,
// and grow for an upload that is being consumed while memory has room: what is granted is counted,
// because a client may fill all of it at once. Growth is a setting of the connection, as HTTP/2 has
// it; an idle one falls back when others need the room. The connection's own window does not bound
// anything: its bytes are handed on as they come.

import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { assert, type Leave } from "@s2kit/core";
import type { Holder, MemoryBudget } from "../memory/memory-budget.js";

/** What every upload gets; also what a held one of any carrier may have in buffers. */
export const BASE_WINDOW_BYTES: number = 64 * 1024;
export const MAX_WINDOW_BYTES: number = 8 * 1024 * 1024;
const GROWTH = 4;

assert(GROWTH > 1 && BASE_WINDOW_BYTES * GROWTH <= MAX_WINDOW_BYTES, "windows can grow");

/** The part of a session that is driven; tests drive another. */
export interface WindowTarget {
  /** @param onApplied - the client knows, and keeps to it */
  setWindow(bytes: number, onApplied: () => void): void;
  /** Ends a connection whose client does not answer. */
  cut(): void;
}

/** One body on its way, for its connection. */
export interface Upload {
  /** What its client may have sent unasked when it is held back, beside what is counted already. */
  readonly unaskedBytes: number;
  consumed(bytes: number): void;
  end(): void;
}

interface Entry {
  /** Its part of a large window is counted; at the base window, none is needed. */
  isCounted: boolean;
}

export class UploadWindows implements Holder {
  readonly side = "in";
  unwatched: Leave | undefined = undefined;
  private readonly budget: MemoryBudget;
  private readonly target: WindowTarget;
  /** What the client may use now or soon. */
  private windowBytes = BASE_WINDOW_BYTES;
  /** Open uploads whose large window is counted. */
  private counted = 0;
  private readonly open = new Set<Entry>();
  private chargedBytes = 0;
  private isChanging = false;
  private changedMs = 0;

  constructor(budget: MemoryBudget, target: WindowTarget) {
    this.budget = budget;
    this.target = target;
  }

  get movedMs(): number {
    return this.changedMs;
  }

  begin(): Upload {
    const entry: Entry = { isCounted: false };
    this.open.add(entry);
    this.admit(entry);
    const unasked = (): number => (entry.isCounted ? BASE_WINDOW_BYTES : this.windowBytes);
    let consumed = 0;
    return {
      get unaskedBytes() {
        return unasked();
      },
      consumed: (bytes) => {
        consumed += bytes;
        if (consumed < 2 * this.windowBytes || !this.open.has(entry)) return;
        consumed = 0;
        this.grow();
      },
      end: () => {
        if (!this.open.delete(entry) || !entry.isCounted) return;
        this.counted--;
        this.charge();
      },
    };
  }

  /** Gives the room of the windows back: the connection is gone. */
  close(): void {
    this.windowBytes = BASE_WINDOW_BYTES;
    this.charge();
  }

  /** Falls back to small windows: others need the room. */
  giveWay(): void {
    if (this.isChanging) this.target.cut();
    else this.set(BASE_WINDOW_BYTES);
  }

  /** Counts the window of one more upload, or takes the large windows of the connection back. */
  private admit(entry: Entry): void {
    const isSmall = this.windowBytes === BASE_WINDOW_BYTES;
    if (!isSmall && !this.budget.hasSpare("windows", this.windowBytes - BASE_WINDOW_BYTES)) {
      this.set(BASE_WINDOW_BYTES);
      return;
    }
    this.count(entry);
    if (!isSmall) this.charge();
  }

  private count(entry: Entry): void {
    if (entry.isCounted) return;
    entry.isCounted = true;
    this.counted++;
  }

  private grow(): void {
    const bytes = Math.min(this.windowBytes * GROWTH, MAX_WINDOW_BYTES);
    // Uploads that are not counted have no room for windows as large as these.
    if (this.counted < this.open.size) return;
    const added = (bytes - this.windowBytes) * this.open.size;
    // No connection takes more than a quarter of what is left: the next one grows too.
    if (added > 0 && this.budget.hasSpare("windows", 4 * added)) this.set(bytes);
  }

  private set(bytes: number): void {
    if (this.isChanging || bytes === this.windowBytes) return;
    this.isChanging = true;
    const isGrowing = bytes > this.windowBytes;
    if (isGrowing) this.apply(bytes);
    this.target.setWindow(bytes, () => {
      this.isChanging = false;
      if (!isGrowing) this.apply(bytes);
    });
  }

  private apply(bytes: number): void {
    this.windowBytes = bytes;
    // Small windows cost nothing beside: all of them may grow again.
    if (bytes === BASE_WINDOW_BYTES) for (const entry of this.open) this.count(entry);
    this.charge();
  }

  private charge(): void {
    const wanted = (this.windowBytes - BASE_WINDOW_BYTES) * this.counted;
    const more = wanted - this.chargedBytes;
    this.chargedBytes = wanted;
    this.changedMs = this.budget.now();
    if (wanted > 0) this.budget.watch(this);
    else this.budget.unwatch(this);
    if (more > 0) this.budget.take("windows", more);
    else if (more < 0) this.budget.give("windows", -more);
  }
}

const windowsOf = new WeakMap<ServerHttp2Session, UploadWindows>();

/** Lets a connection's windows grow. */
export function manageWindows(session: ServerHttp2Session, budget: MemoryBudget): void {
  const windows = new UploadWindows(budget, {
    setWindow(bytes, onApplied) {
      if (session.closed || session.destroyed) return;
      session.settings({ initialWindowSize: bytes }, (error) => {
        if (error === null) onApplied();
      });
    },
    cut: () => session.destroy(),
  });
  windowsOf.set(session, windows);
  session.once("close", () => windows.close());
}

/** Enters a body at its connection; undefined without a body. */
export function uploadOf(stream: ServerHttp2Stream): Upload | undefined {
  const { session } = stream;
  const windows = session === undefined ? undefined : windowsOf.get(session as ServerHttp2Session);
  if (windows === undefined || stream.endAfterHeaders) return undefined;
  const upload = windows.begin();
  stream.once("end", () => upload.end());
  stream.once("close", () => upload.end());
  return upload;
}
