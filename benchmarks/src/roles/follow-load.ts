// Many followers of one stream by one transport: how late each record reaches each of them.

import { percentile } from "../figure.ts";
import {
  FOLLOWERS,
  type Followed,
  type FollowTransport,
  type Leave,
} from "../followers/follower.ts";

export interface FollowSettings extends Followed {
  readonly transport: FollowTransport;
  readonly followers: number;
}

export interface Delivery {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface FollowRole {
  /** What was delivered since the last call, once it is so much. */
  take(deliveries: number): Promise<Delivery>;
  close(): Promise<void>;
}

/** A delivery later than this is a lost one. */
const MAX_DELAY_MS = 5000;
/** Followers that connect at the same time. */
const CONNECT_AT_ONCE = 50;

export async function open(settings: FollowSettings): Promise<FollowRole> {
  const leaves: Leave[] = [];
  let delays: number[] = [];
  const onBody = (sentMicros: number): void => {
    delays.push(Number(process.hrtime.bigint() / 1000n) - sentMicros);
  };
  const follow = FOLLOWERS[settings.transport];
  while (leaves.length < settings.followers) {
    const count = Math.min(CONNECT_AT_ONCE, settings.followers - leaves.length);
    const opened = Array.from({ length: count }, () => follow(settings, onBody));
    leaves.push(...(await Promise.all(opened)));
  }
  return {
    async take(deliveries) {
      const endsAt = performance.now() + MAX_DELAY_MS;
      while (delays.length < deliveries) {
        if (performance.now() > endsAt)
          throw new Error(`followers missed records got=${delays.length} expected=${deliveries}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const taken = delays;
      delays = [];
      return {
        p50Ms: percentile(taken, 0.5) / 1000,
        p99Ms: percentile(taken, 0.99) / 1000,
      };
    },
    async close() {
      for (const leave of leaves) leave();
    },
  };
}
