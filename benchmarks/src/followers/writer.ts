// The writer whom all follow: at a steady rate, whatever the answers take.

import { AppendInput, AppendRecord, S2 } from "@s2kit/client";
import type { Followed } from "./follower.ts";

export interface Written {
  readonly records: number;
}

export interface Writer extends AsyncDisposable {
  /** Writes at the rate for so long, and waits for the acknowledgements. */
  run(ms: number): Promise<Written>;
}

export async function openWriter(
  { url, basin, stream }: Followed,
  recordsPerSec: number,
): Promise<Writer> {
  const s2 = new S2({ accessToken: "unused", endpoints: { account: url, basin: url } });
  const session = await s2.basin(basin).stream(stream).appendSession();
  const append = async (): Promise<unknown> => {
    const body = String(process.hrtime.bigint() / 1000n);
    const ticket = await session.submit(AppendInput.create([AppendRecord.string({ body })]));
    return ticket.ack();
  };
  return {
    async run(ms) {
      const startedAt = performance.now();
      const acks: Promise<unknown>[] = [];
      const count = Math.max(1, Math.floor((ms / 1000) * recordsPerSec));
      for (let record = 0; record < count; record++) {
        const due = startedAt + (record * 1000) / recordsPerSec - performance.now();
        if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
        const acked = append();
        // A failure is thrown below; until then it must not end the process, and leave data behind.
        acked.catch(() => undefined);
        acks.push(acked);
      }
      await Promise.all(acks);
      return { records: count };
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      await s2.close();
    },
  };
}
