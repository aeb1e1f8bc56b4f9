// Knows whether a reader is caught up, in the official shape, over the tracker of our sessions.
// Spec: sdk#the-official-face, sdk#caught-up.

import * as ours from "@s2kit/client";
import { S2Error, translateError } from "./errors.js";
import { positionOf, type StreamPosition } from "./positions.js";

/** A place in the delivery order at which the reader is caught up. */
export interface CaughtUpBoundary {
  readonly tail: StreamPosition;
  /** Everything before it is with the consumer. */
  markDelivered(): void;
}

/** A batch or heartbeat as it came. */
export interface CaughtUpBatch {
  /** Before any filtering. */
  readonly recordCount: number;
  readonly lastSeqNum?: number;
  readonly tail?: StreamPosition;
}

/** Knows whether a reader has everything up to the tail. */
export class CaughtUpTracker {
  readonly #tracker = new ours.CaughtUpTracker();

  /** Notes a batch. @returns the boundary to mark as delivered, when it ends at its tail */
  observeBatch({ recordCount, lastSeqNum, tail }: CaughtUpBatch): CaughtUpBoundary | undefined {
    // One whose end is not known does not end at the tail.
    const last = recordCount === 0 ? [] : [{ seqNum: lastSeqNum ?? Number.NaN }];
    const at = tail && { seqNum: tail.seqNum, timestamp: tail.timestamp.getTime() };
    const boundary = this.#tracker.observe({ records: last, tail: at });
    if (boundary === undefined) return undefined;
    return {
      tail: positionOf(boundary.tail),
      markDelivered: () => void this.#tracker.deliver(boundary),
    };
  }

  /** The connection was lost. */
  reconnect(): void {
    this.#tracker.reconnect();
  }

  /** A clean end keeps a reached state; an error clears it. */
  end(error?: S2Error): void {
    if (error === undefined) this.#tracker.end();
    else this.#tracker.end(new ours.S2Error({ code: "INTERNAL_ERROR", message: "", cause: error }));
  }

  isCaughtUp(): boolean {
    return this.#tracker.isCaughtUp;
  }

  /** Resolves with the tail once caught up. */
  caughtUp(): Promise<StreamPosition> {
    const reached = this.#tracker.caughtUp().then(positionOf, (caught: unknown) => {
      const { cause } = caught as Error;
      throw cause instanceof S2Error ? cause : translateError(caught);
    });
    reached.catch(() => undefined);
    return reached;
  }
}
