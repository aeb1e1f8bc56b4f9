// A store in a process of its own that freezes, and one that dies and comes back: what was asked
// meanwhile is answered once it answers again.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { seededRandom, sleep, systemClock } from "@s2kit/core";
import { afterEach, describe, expect, it } from "vitest";
import { createCredentials } from "../../../../src/storage/object/client/credentials/credentials.js";
import { type Bucket, openBucket } from "../../../../src/storage/object/client/open-bucket.js";
import { SteadyStore } from "../../../../src/storage/object/client/steady/steady-store.js";
import { KEYS } from "../../../support/bucket-double/double.js";
import { bytesOf, textOf } from "./bucket-harness.js";

const program = fileURLToPath(
  new URL("../../../support/bucket-double/program.ts", import.meta.url),
);
const loader = fileURLToPath(new URL("../../programs/source-loader.mjs", import.meta.url));

let child: ChildProcess | undefined;
let bucket: Bucket | undefined;

afterEach(() => {
  bucket?.close();
  child?.kill("SIGKILL");
});

/** @returns its URL */
async function start(port = 0): Promise<string> {
  child = fork(program, ["{}", String(port)], {
    execArgv: ["--import", loader],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const [line] = (await once(child.stdout as NonNullable<ChildProcess["stdout"]>, "data")) as [
    Buffer,
  ];
  return line.toString().trim();
}

async function open(endpoint: string): Promise<SteadyStore> {
  const credentials = { name: "the test", load: async () => createCredentials(KEYS) };
  const components = { clock: systemClock, environment: {}, credentials };
  bucket = await openBucket({ bucket: "bucket", endpoint, attemptMs: 400 }, components);
  return SteadyStore.over(bucket.store, {}, { clock: systemClock, random: seededRandom(1) });
}

const keys = Array.from({ length: 24 }, (_, i) => `k${i}`);

describe("an outage", { timeout: 60_000 }, () => {
  it.skipIf(process.platform === "win32")(
    "of a store that freezes delays what is asked, and changes nothing (needs signals)",
    async () => {
      const store = await open(await start());
      await store.putIfAbsent("before", []);
      child?.kill("SIGSTOP");
      const asked = Promise.all(keys.map((key) => store.putIfAbsent(key, [bytesOf(key)])));
      await sleep(systemClock, 1500);
      child?.kill("SIGCONT");
      // An attempt that was given up may have been taken from the socket later: then ours is there.
      for (const { kind } of await asked) expect(["stored", "exists"]).toContain(kind);
      for (const key of keys) expect(textOf(await store.get(key))).toBe(key);
    },
  );

  it("of a store that dies ends when it is back", async () => {
    const url = await start();
    const store = await open(url);
    await store.putIfAbsent("before", []);
    const dead = once(child as ChildProcess, "exit");
    child?.kill("SIGKILL");
    await dead;
    const asked = Promise.all(keys.map((key) => store.putIfAbsent(key, [bytesOf(key)])));
    await sleep(systemClock, 300);
    await start(Number(new URL(url).port));
    for (const { kind } of await asked) expect(["stored", "exists"]).toContain(kind);
    for (const key of keys) expect(textOf(await store.get(key))).toBe(key);
  });
});
