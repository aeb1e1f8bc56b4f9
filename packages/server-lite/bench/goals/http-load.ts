// Clients that append one record each and the next one when it is acknowledged: unary appends in protobuf over HTTP/1.1,
// which any S2 server takes alike.

import { Agent, request } from "node:http";
import { encodeAppendInput, seededRandom } from "@s2kit/core";

export const BASIN = "benchmark-basin";

export async function createBasin(url: string): Promise<void> {
  const config = { create_stream_on_append: true };
  const response = await fetch(`${url}/v1/basins`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ basin: BASIN, config }),
  });
  if (!response.ok) throw new Error(`no basin status=${response.status}`);
}

/** Refusals without an effect, which a client tries again: too many requests, or a log that is full. */
const REFUSALS: readonly number[] = [429, 502, 503];
const RETRY_MS = 50;

export interface Appended {
  /** What each append took, with its refusals, ms. */
  readonly latencies: readonly number[];
  readonly refused: number;
}

export async function appends(
  url: string,
  { clients, bytes, seconds }: { clients: number; bytes: number; seconds: number },
): Promise<Appended> {
  const body = encodeAppendInput({
    records: [{ headers: [], body: seededRandom(bytes).bytes(bytes) }],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: clients, noDelay: true });
  const latencies: number[] = [];
  let refused = 0;
  const endsAt = performance.now() + seconds * 1000;
  const run = async (client: number): Promise<void> => {
    const path = `/v1/streams/load-${bytes}-${client}/records`;
    while (performance.now() < endsAt) {
      const sinceMs = performance.now();
      let status = await post(agent, url, path, body);
      for (; REFUSALS.includes(status); status = await post(agent, url, path, body)) {
        refused++;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      if (status !== 200) throw new Error(`an append failed status=${status}`);
      latencies.push(performance.now() - sinceMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
  } finally {
    agent.destroy();
  }
  return { latencies, refused };
}

function post(agent: Agent, url: string, path: string, body: Uint8Array): Promise<number> {
  const headers = {
    "s2-basin": BASIN,
    "content-type": "application/protobuf",
    accept: "application/protobuf",
    "content-length": body.length,
  };
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** How long a server that was just started takes until it tells the tail of a stream. */
export async function tailMs(url: string, stream: string): Promise<number> {
  const sinceMs = performance.now();
  for (;;) {
    const { ok } = await fetch(`${url}/v1/streams/${stream}/records/tail`, {
      headers: { "s2-basin": BASIN },
    });
    if (ok) return performance.now() - sinceMs;
    if (performance.now() - sinceMs > 30_000) throw new Error("the tail is not told");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
