// Many SSE followers of one stream on bare HTTP/1.1 sockets. Each record's body is the moment its
// writer sent it, on the clock that all processes of a machine share; arrival minus that is delivery.

import { connect, type Socket } from "node:net";
import { HEADER_BASIN } from "@s2kit/core";
import { percentile } from "../figure.ts";

export interface FollowSettings {
  readonly url: string;
  readonly basin: string;
  readonly stream: string;
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
const BODY = Buffer.from('"body":"');
const QUOTE = 0x22;
/** Followers that connect at the same time. */
const CONNECT_AT_ONCE = 50;

export async function open(settings: FollowSettings): Promise<FollowRole> {
  const sockets: Socket[] = [];
  let delays: number[] = [];
  const onBody = (sentMicros: number): void => {
    delays.push(Number(process.hrtime.bigint() / 1000n) - sentMicros);
  };
  while (sockets.length < settings.followers) {
    const count = Math.min(CONNECT_AT_ONCE, settings.followers - sockets.length);
    const opened = Array.from({ length: count }, () => follow(settings, onBody));
    sockets.push(...(await Promise.all(opened)));
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
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Resolves at the first event, which a follower gets at once: a heartbeat. */
function follow(
  { url, basin, stream }: FollowSettings,
  onBody: (sentMicros: number) => void,
): Promise<Socket> {
  const { host, hostname, port } = new URL(url);
  const path = `/v1/streams/${stream}/records?tail_offset=0`;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.once("connect", () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n${HEADER_BASIN}: ${basin}\r\n\r\n`,
      ),
    );
    // Events of so few bytes come whole: a split one would show as a lost delivery.
    socket.on("data", (chunk) => {
      let at = chunk.indexOf(BODY);
      if (at < 0 && chunk.includes("event: ping")) resolve(socket);
      for (; at >= 0; at = chunk.indexOf(BODY, at)) {
        at += BODY.length;
        onBody(Number(chunk.toString("latin1", at, chunk.indexOf(QUOTE, at))));
      }
    });
  });
}
