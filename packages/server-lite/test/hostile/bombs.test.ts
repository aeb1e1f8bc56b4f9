// Small inputs that want to become large: compressed bodies and frames, JSON that is deep, wide or
// full of digits. Each is refused with its code, in bounded memory, beside a neighbour.

import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { FLAG_GZIP, FLAG_ZSTD } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS2s } from "../support/s2s-client.js";
import { call } from "../support/test-server.js";
import { besideNeighbour, startVictim, type Victim } from "./support/victim.js";

const MIB = 1024 * 1024;
const BASIN = "bombed-basin";
const RECORDS = "/v1/streams/s/records";

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
  await call(victim.url, "PUT", `/v1/basins/${BASIN}`);
  await call(victim.url, "PUT", "/v1/streams/s", { basin: BASIN });
});
afterAll(async () => {
  const { json } = await call(victim.url, "GET", `${RECORDS}/tail`, { basin: BASIN });
  expect(json.tail.seq_num).toBe(0);
  await victim[Symbol.asyncDispose]();
});

const COUNT = 8;
/** Parsing 8 MB of JSON takes its time, and nothing else happens meanwhile. */
const LARGE_COUNT = 2;

/** The same request many times at once; all answers must be alike. */
async function outcomeOfMany(
  headers: Record<string, string>,
  body: Uint8Array,
  count: number = COUNT,
): Promise<string> {
  const outcomes = await besideNeighbour(victim.url, () =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const { status, json } = await call(victim.url, "POST", RECORDS, {
          basin: BASIN,
          headers,
          body,
        });
        return `${status} ${json.code}`;
      }),
    ),
  );
  return [...new Set(outcomes)].join();
}

const spaces = Buffer.alloc(256 * MIB, " ");
const bombs = {
  gzip: gzipSync(spaces),
  zstd: zstdCompressSync(spaces, { params: { [constants.ZSTD_c_windowLog]: 27 } }),
};

describe("bodies that inflate to 256 MiB", () => {
  test.each([
    ["gzip", "application/json", "bad_json"],
    ["zstd", "application/json", "bad_json"],
    ["gzip", "application/protobuf", "bad_proto"],
    ["zstd", "application/protobuf", "bad_proto"],
  ] as const)("%s of %s", async (encoding, type, code) => {
    const headers = { "content-type": type, "content-encoding": encoding };
    expect(await outcomeOfMany(headers, bombs[encoding])).toBe(`400 ${code}`);
    // Each may inflate up to the bound of a body, 8 MiB; never to what it claims.
    expect((await victim.memory()).peakRss).toBeLessThan(COUNT * 2 * 8 * MIB + 100 * MIB);
  });

  test("many members of gzip count together", async () => {
    const member = gzipSync(Buffer.alloc(MIB, " "));
    const body = Buffer.concat(Array.from({ length: 64 }, () => member));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(await outcomeOfMany(headers, body)).toBe("400 bad_json");
  });

  test("a coding twice over is not a coding", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip, gzip" };
    expect(await outcomeOfMany(headers, gzipSync(gzipSync("{}")))).toBe(
      "415 unsupported_media_type",
    );
  });
});

describe("frames that inflate beyond 2 MiB", () => {
  test.each([
    ["gzip", FLAG_GZIP, gzipSync(Buffer.alloc(16 * MIB))],
    ["zstd", FLAG_ZSTD, zstdCompressSync(Buffer.alloc(16 * MIB))],
  ])("%s ends the session with bad_frame", async (_, flag, body) => {
    const head = Buffer.alloc(4);
    head.writeUIntBE(body.length + 1, 0, 3);
    head[3] = flag;
    await besideNeighbour(victim.url, () =>
      Promise.all(
        Array.from({ length: COUNT }, async (__, at) => {
          const session = await openS2s(victim.url, at % 2 === 0 ? "h1" : "h2", {
            method: "POST",
            path: RECORDS,
            basin: BASIN,
          });
          session.send(Buffer.concat([head, body]));
          expect(await session.rest()).toMatchObject([
            { kind: "terminal", status: 400, json: { code: "bad_frame" } },
          ]);
        }),
      ),
    );
  });
});

describe("JSON of 8 MB that is", () => {
  const size = 8_000_000;
  const inRecords = (text: string): string => `{"records":[${text}]}`;
  test.each([
    ["an open bracket, and so on", "[".repeat(size), "400 bad_json"],
    ["deep and closed", "[".repeat(size / 2) + "]".repeat(size / 2), "400 bad_json"],
    ["objects in objects", '{"a":'.repeat(size / 5), "400 bad_json"],
    ["one number", `{"records":[{}],"match_seq_num":${"9".repeat(size)}}`, "400 bad_json"],
    ["records without end", inRecords(`${"{},".repeat(size / 3)}{}`), "422 invalid"],
    [
      "headers without end",
      inRecords(`{"headers":[${'["a",""],'.repeat(size / 9)}["a",""]]}`),
      "422 invalid",
    ],
    ["one escaped string", inRecords(`{"body":"${"\\u0000".repeat(1_300_000)}"}`), "422 invalid"],
    [
      "keys without end",
      `{${Array.from({ length: 700_000 }, (_, at) => `"${at}":0`).join()}}`,
      "400 bad_json",
    ],
  ])(
    "%s",
    async (_, body, outcome) => {
      expect(
        await outcomeOfMany({ "content-type": "application/json" }, Buffer.from(body), LARGE_COUNT),
      ).toBe(outcome);
    },
    30_000,
  );

  test.each([
    ["a key named __proto__", '{"__proto__":{"records":[{}]}}', "400 bad_json"],
    ["a key that comes twice, bad at last", '{"records":[{}],"records":7}', "400 bad_json"],
    ["half a surrogate", inRecords('{"body":"\\ud800"}'), "400 bad_json"],
    ["an infinite number", '{"records":[{"timestamp":1e999}]}', "400 bad_json"],
    ["a negative zero and a half", '{"records":[{"timestamp":-0.5}]}', "400 bad_json"],
  ])("small, but has %s", async (_, body, outcome) => {
    expect(await outcomeOfMany({ "content-type": "application/json" }, Buffer.from(body))).toBe(
      outcome,
    );
  });

  test("not UTF-8", async () => {
    const body = Buffer.from('{"records":[{"body":"\xff\xfe"}]}', "latin1");
    expect(await outcomeOfMany({ "content-type": "application/json" }, body)).toBe("400 bad_json");
  });
});
