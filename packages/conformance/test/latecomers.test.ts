// A run that ends early leaves requests behind that nobody waits for: what they make comes to be
// after the run began to clean up, and goes with it all the same.

import { type ClientRequest, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runConformance } from "../src/index.js";
import { ROOT, type RunningServer, startServer } from "./support/servers.js";

const LATE_MS = 500;

let server: RunningServer;
let detour: Server;
/** Creations that are held up, and those that have reached the server. */
let held = 0;
let arrived = 0;
/** Basins that were made after the interrupt. */
let late = 0;
const stop = new AbortController();
let onHeld: (() => void) | undefined;

/** Hands everything on; creations of basins late, and also when the client has gone. */
beforeAll(async () => {
  server = await startServer({ rootToken: ROOT });
  detour = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method, url, headers } = incoming;
      const hand = (): ClientRequest =>
        request(new URL(url ?? "/", server.url), { method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        }).end(Buffer.concat(chunks));
      if (method !== "POST" || url !== "/v1/basins") {
        hand();
        return;
      }
      held++;
      onHeld?.();
      setTimeout(
        () =>
          hand().once("response", ({ statusCode }) => {
            arrived++;
            if (stop.signal.aborted && statusCode === 201) late++;
          }),
        LATE_MS,
      );
    });
  });
  await new Promise<void>((resolve) => detour.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  detour.closeAllConnections();
  detour.close();
  await server[Symbol.asyncDispose]();
});

it("are removed after an interrupt", async () => {
  const { port } = detour.address() as AddressInfo;
  let results = 0;
  // The first creation after the first result is one of a case.
  onHeld = () => {
    if (results > 0) setTimeout(() => stop.abort(), LATE_MS / 20);
  };
  const report = await runConformance({
    endpoint: `http://127.0.0.1:${port}`,
    token: ROOT,
    only: ["deletion"],
    parallel: 2,
    patienceMs: 1500,
    onResult: () => results++,
    signal: stop.signal,
  });
  expect([report.isInterrupted, report.leftBehind]).toEqual([true, []]);
  await expect.poll(() => arrived, { timeout: 10_000 }).toBe(held);
  expect(late).toBeGreaterThan(0);
  const answer = await fetch(`${server.url}/v1/basins`, {
    headers: { authorization: `Bearer ${ROOT}` },
  });
  const { basins } = (await answer.json()) as { basins: { deleted_at: string | null }[] };
  expect(basins.filter(({ deleted_at }) => deleted_at === null)).toEqual([]);
});
