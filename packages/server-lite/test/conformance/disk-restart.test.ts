// What an operator counts on over a restart with a real directory: tokens, usage, locations and
// encrypted records, and that no secret is in any file.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64 } from "@s2kit/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

const KEY = encodeBase64(new Uint8Array(32).fill(77));
const BODY = "nobody else may read this";
const basin = "disk-restart-basin";

let directory = "";
let server: TestServer;
let root = "";
let issued = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "s2kit-rules-"));
  await start();
  root = server.server.rootToken ?? "";
});
afterAll(async () => {
  await server.server.close();
  await rm(directory, { recursive: true });
});

async function start(): Promise<void> {
  const storage = { kind: "disk", directory, segmentBytes: 4 * 1024 * 1024 } as const;
  server = await startServer({ auth: true, storage });
}

function ask(method: string, path: string, token: string, json?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, "s2-encryption-key": KEY };
  return call(server.url, method, `/v1${path}`, {
    headers,
    basin,
    ...(json === undefined ? {} : { json }),
  });
}

async function usage(): Promise<Answer> {
  const end = Math.floor(Date.now() / 1000) + 50;
  const range = `start=${end - 86_400}&end=${end}&interval=hour`;
  return ask("GET", `/metrics/${basin}?set=append-throughput&${range}`, root);
}

it("keeps tokens, usage, location and encrypted records over a restart on disk", async () => {
  expect(root).toMatch(/^s2kit_/);
  await ask("PUT", "/locations/default", root, "aws:eu-north-1");
  await ask("POST", "/basins", root, { basin, config: { stream_cipher: "aegis-256" } });
  await ask("PUT", "/streams/s", root);
  const scope = { basins: { exact: basin }, streams: { prefix: "" }, ops: ["read"] };
  issued = (await ask("POST", "/access-tokens", root, { id: "reader", scope })).json.access_token;
  const appended = await ask("POST", "/streams/s/records", root, { records: [{ body: BODY }] });
  expect(appended.status).toBe(200);

  await server.server.close();
  await start();

  expect(server.server.rootToken).toBeUndefined();
  const read = await ask("GET", "/streams/s/records?seq_num=0", issued);
  expect(read.json.records).toMatchObject([{ seq_num: 0, body: BODY }]);
  expect((await ask("POST", "/streams/s/records", issued, { records: [{}] })).status).toBe(403);
  const [throughput] = (await usage()).json.values;
  expect(throughput.accumulation.values.map(([, bytes]: [number, number]) => bytes)).toEqual([
    8 + BODY.length,
  ]);
  expect((await ask("GET", "/locations/default", root)).json.name).toBe("aws:eu-north-1");
});

it("writes no token, no key and no plaintext to any file", async () => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  // The search finds what is there: a name is no secret.
  const contents = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name))),
  );
  expect(contents.some((bytes) => bytes.includes(basin))).toBe(true);
  for (const secret of [root.slice(6), issued.slice(6), KEY, Buffer.alloc(32, 77), BODY])
    expect(contents.some((bytes) => bytes.includes(secret))).toBe(false);
});
