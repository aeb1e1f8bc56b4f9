// What a server takes up again after it was killed: deletions it had answered, and sizes it had not
// written. Real processes, a real disk, real sockets.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, call } from "./support/test-server.js";

/** The ticker comes round in 54 s at the earliest: what takes longer than this waited for it. */
const BEFORE_TICK_MS = 30_000;
const POLL_MS = 50;
const basin = "restart-basin";

let directory: string;
let child: ChildProcess;
let url: string;

async function start(): Promise<void> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const settings = { storage: { kind: "disk", directory, segmentBytes: 4 * 1024 * 1024 } };
  child = spawn(
    process.execPath,
    [
      "--import",
      path("storage/programs/source-loader.mjs"),
      path("hostile/support/child-server.ts"),
      JSON.stringify(settings),
    ],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  const [ready] = (await once(child, "message")) as [{ url: string }];
  ({ url } = ready);
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "s2kit-restart-"));
  await start();
  await call(url, "PUT", `/v1/basins/${basin}`);
});
afterEach(async () => {
  await kill();
  rmSync(directory, { recursive: true, force: true });
});

const inBasin = (method: string, path: string, json?: unknown): Promise<Answer> =>
  call(url, method, path, { basin, ...(json === undefined ? {} : { json }) });

/** Asks until the answer is as wanted, or the ticker could have come round. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const answer = await ask();
    if (isWanted(answer) || waitedMs >= BEFORE_TICK_MS) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

test("deletions that were answered are resumed when the server starts", {
  timeout: 60_000,
}, async () => {
  await inBasin("PUT", "/v1/streams/s");
  await call(url, "PUT", "/v1/basins/other-basin");
  const answers = [
    await inBasin("DELETE", "/v1/streams/s"),
    await call(url, "DELETE", "/v1/basins/other-basin"),
  ];
  await kill();
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  await start();
  const made = await until(
    () => inBasin("POST", "/v1/streams", { stream: "s" }),
    ({ status }) => status !== 409,
  );
  expect(made.status).toBe(201);
  const basinMade = await until(
    () => call(url, "POST", "/v1/basins", { json: { basin: "other-basin" } }),
    ({ status }) => status !== 409,
  );
  expect(basinMade.status).toBe(201);
});

test("sizes that were not written when the server was killed are counted again", {
  timeout: 60_000,
}, async () => {
  await inBasin("PUT", "/v1/streams/s");
  const append = (bodies: readonly string[]): Promise<Answer> =>
    inBasin("POST", "/v1/streams/s/records", { records: bodies.map((body) => ({ body })) });
  const sizeOf = async (path: string): Promise<number> => {
    const now = Math.floor(Date.now() / 1000);
    const { json } = await call(
      url,
      "GET",
      `/v1/metrics/${path}?set=storage&start=${now - 7200}&end=${now + 30}`,
    );
    return json.values[0]?.gauge.values.at(-1)?.[1] ?? 0;
  };
  await append(["x".repeat(92)]);
  expect(await sizeOf(`${basin}/s`)).toBe(100);
  await append(Array.from({ length: 50 }, () => "y".repeat(992)));
  await kill();
  await start();
  const whole = 100 + 50 * 1000;
  const isWhole = (size: number): boolean => size === whole;
  expect(await until(() => sizeOf(`${basin}/s`), isWhole)).toBe(whole);
  expect(await until(() => sizeOf(basin), isWhole)).toBe(whole);
});
