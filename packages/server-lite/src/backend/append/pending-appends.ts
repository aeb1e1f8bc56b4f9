// Replies that wait for durability, in log order over all streams of the node. Since commits are
// ordered, one queue and one durability callback release everything: acks, and failures that report
// state which is not durable yet (a 412). It must not reorder.
// Spec: data-plane#failed-conditions, data-plane#repeating-an-append.

import { assert, Fifo, S2Error } from "@s2kit/core";
import type { LogPosition, Storage } from "../../storage/storage.js";

/** Something that leaves the process once the log is durable up to `position`. */
export interface PendingReply {
  readonly position: LogPosition;
  /** Called when the position is durable. */
  release(): void;
  /** The store failed first: the outcome is unknown. */
  fail(error: S2Error): void;
}

export interface PendingAppends {
  /** Number of replies that wait. */
  readonly length: number;
  /**
   * Queues a reply; positions never decrease. Released at once when nothing has to be waited for.
   */
  push(reply: PendingReply): void;
  close(): void;
}

export function createPendingAppends(storage: Storage): PendingAppends {
  const queue = new Fifo<PendingReply>();
  let isClosed = false;
  let lastPosition: LogPosition = 0;
  const settle = (): void => {
    for (;;) {
      const head = queue.peek();
      if (head === undefined) return;
      if (head.position <= storage.durable) {
        queue.shift();
        head.release();
      } else if (storage.status === "open") return;
      else {
        queue.shift();
        head.fail(storageFailure(storage));
      }
    }
  };
  const unsubscribe = storage.onDurable(settle);
  return {
    get length() {
      return queue.length;
    },
    push(reply) {
      assert(reply.position >= lastPosition, "replies come in the order of the log");
      lastPosition = reply.position;
      // Nobody would settle it any more.
      if (isClosed && reply.position > storage.durable) return reply.fail(storageFailure(storage));
      // An empty queue and a durable position: nothing earlier can be waiting.
      if (queue.length === 0 && reply.position <= storage.durable) reply.release();
      else queue.push(reply);
      // A store that failed calls nobody back any more.
      if (storage.status !== "open") settle();
    },
    close() {
      isClosed = true;
      settle();
      unsubscribe();
      for (let head = queue.shift(); head !== undefined; head = queue.shift())
        head.fail(storageFailure(storage));
    },
  };
}

export function storageFailure(storage: Storage): S2Error {
  const { status, failure } = storage;
  return new S2Error({
    code: "storage",
    message:
      status === "open"
        ? "the server stopped before this was durable: whether it took effect is not known"
        : `storage is not available status=${status}`,
    cause: failure,
  });
}
