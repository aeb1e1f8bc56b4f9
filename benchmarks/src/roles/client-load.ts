// The load of `frame-load` by the client package instead of prebuilt frames: what an application
// gets, with encoding, checks, tickets and in-flight bounds.

import { AppendInput, AppendRecord, S2 } from "@s2kit/client";
import type { LoadRound } from "./frame-load.ts";

export interface ClientLoadSettings {
  readonly url: string;
  readonly basin: string;
  readonly stream: string;
  readonly records: number;
  readonly bodyBytes: number;
  readonly maxInflightBytes: number;
}

export interface ClientLoadRole {
  run(ms: number): Promise<LoadRound>;
  close(): Promise<void>;
}

export async function open(settings: ClientLoadSettings): Promise<ClientLoadRole> {
  const { url, basin, stream, records, bodyBytes, maxInflightBytes } = settings;
  const s2 = new S2({ accessToken: "unused", endpoints: { account: url, basin: url } });
  const session = await s2.basin(basin).stream(stream).appendSession({ maxInflightBytes });
  const body = new Uint8Array(bodyBytes).fill(0x61);
  return {
    async run(ms) {
      const startedAt = performance.now();
      let acks = 0;
      let last: Promise<unknown> = Promise.resolve();
      while (performance.now() - startedAt < ms) {
        const batch = Array.from({ length: records }, () => AppendRecord.bytes({ body }));
        last = (await session.submit(AppendInput.create(batch))).ack();
        acks++;
      }
      await last;
      const seconds = (performance.now() - startedAt) / 1000;
      return { acks, seconds, p50Micros: Number.NaN, p99Micros: Number.NaN };
    },
    async close() {
      await session.close();
      await s2.close();
    },
  };
}
