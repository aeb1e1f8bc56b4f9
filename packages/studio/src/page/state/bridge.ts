// The page's end of the worker: calls with answers, and the feed of records. Failures of any call
// that a token would mend open the token dialog, wherever they come from.

import { signal } from "@preact/signals";
import type {
  Connection,
  Failure,
  FeedRequest,
  FromWorker,
  RecordsView,
  ToWorker,
} from "../protocol.js";
import type { Operations } from "../worker/operations.js";

/** What a call was refused with: 401 and 403 lead to the token dialog. */
export const refusal = signal<Failure | undefined>(undefined);

export class CallError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CallError) => void;
}

type Args<K extends keyof Operations> =
  Parameters<Operations[K]> extends [unknown, ...infer Rest] ? Rest : never;

const worker = new Worker(new URL("../worker/worker.js", import.meta.url), {
  type: "module",
  name: "s2kit studio",
});
const pending = new Map<number, Pending>();
let nextId = 1;
let feedId = 0;
let onWindow: ((view: RecordsView) => void) | undefined;

export const records = {
  /**
   * @returns ends this feed, if it is the one that is open: a screen may go after the next has
   *   come, and must not take the next one's feed with it
   */
  open(request: FeedRequest, listener: (view: RecordsView) => void): () => void {
    const own = ++feedId;
    onWindow = listener;
    send({ kind: "feed", feed: own, request });
    return () => {
      if (feedId !== own) return;
      onWindow = undefined;
      feedId++;
      send({ kind: "feed-end" });
    };
  },
  send(message: ToWorker): void {
    send(message);
  },
};

export function connectWorker(connection: Connection): void {
  send({ kind: "connect", connection });
}

/** @throws {CallError} */
export function call<K extends keyof Operations>(
  operation: K,
  ...args: Args<K>
): Promise<Awaited<ReturnType<Operations[K]>>> {
  const id = nextId++;
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve: resolve as Pending["resolve"], reject });
    send({ kind: "call", id, operation, args });
  });
}

export function isRefusal({ status }: Failure): boolean {
  return status === 401 || status === 403;
}

function send(message: ToWorker): void {
  worker.postMessage(message);
}

worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
  if (data.kind === "window") {
    if (data.feed !== feedId) return;
    const { phase } = data.window;
    if (phase.kind === "failed" && isRefusal(phase.failure)) refusal.value = phase.failure;
    onWindow?.(data.window);
    // Not before it is drawn: a page in the background draws nothing, and is sent nothing.
    requestAnimationFrame(() => send({ kind: "drawn" }));
    return;
  }
  const waiting = pending.get(data.id);
  pending.delete(data.id);
  if (data.kind === "answer") waiting?.resolve(data.value);
  else {
    if (isRefusal(data.failure)) refusal.value = data.failure;
    waiting?.reject(new CallError(data.failure));
  }
};
