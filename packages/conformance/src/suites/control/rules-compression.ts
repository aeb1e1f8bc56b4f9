// Compression that every route shares: of bodies that come, of answers that go.
// Cases of the suite in shared-rules.ts. Spec: control-plane#request-headers.

import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Case, define } from "../../case.js";
import { equal, matches, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const PACK = { gzip: gzipSync, zstd: zstdCompressSync } as const;

const UNPACK = { gzip: gunzipSync, zstd: zstdDecompressSync } as const;

const compressedBody = (encoding: "gzip" | "zstd"): Case =>
  define(
    `body-${encoding}`,
    "c#request-headers d#limits",
    `a body with content-encoding ${encoding} is inflated`,
    async (context) => {
      const stream = await context.stream();
      const body = PACK[encoding](JSON.stringify({ records: [{ body: "packed".repeat(500) }] }));
      const headers = { "content-type": "application/json", "content-encoding": encoding };
      status(await context.call("POST", stream.path, { basin: stream.basin, headers, body }), 200);
      equal(await stream.texts("seq_num=0"), ["packed".repeat(500)], "body");
      const create = PACK[encoding](JSON.stringify({ stream: context.name() }));
      status(
        await context.call("POST", "/v1/streams", { basin: stream.basin, headers, body: create }),
        201,
      );
      const broken = await context.call("POST", stream.path, {
        basin: stream.basin,
        headers,
        body: "no such bytes",
      });
      refused(broken, 400, "bad_json");
      await stream.hasTail(1);
    },
  );

const compressedAnswer = (encoding: "gzip" | "zstd"): Case =>
  define(
    `answer-${encoding}`,
    "c#bodies c#request-headers",
    `answers above 1024 bytes are ${encoding} for who accepts it, with vary`,
    async (context) => {
      const stream = await context.stream();
      await stream.bodies("y".repeat(20_000));
      const answer = status(
        await stream.get("seq_num=0", { headers: { "accept-encoding": encoding } }),
        200,
      );
      equal(answer.headers["content-encoding"], encoding, "content-encoding");
      matches(answer.headers.vary ?? "none", /accept-encoding/i, "vary");
      const { records } = JSON.parse(UNPACK[encoding](answer.bytes).toString("utf8")) as {
        records: { body: string }[];
      };
      equal(records[0]?.body.length, 20_000, "length of the body");
      const refusing = { headers: { "accept-encoding": `${encoding};q=0` } };
      equal(
        (await stream.get("seq_num=0", refusing)).headers["content-encoding"],
        undefined,
        "with q=0",
      );
      equal(
        (await stream.get("seq_num=0")).headers["content-encoding"],
        undefined,
        "without asking",
      );
    },
  );

async function smallAnswersStayPlain(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("small");
  const answer = await stream.get("seq_num=0", { headers: { "accept-encoding": "gzip, zstd" } });
  equal(answer.headers["content-encoding"], undefined, "content-encoding of a small answer");
}

async function contentEncodings(context: Context): Promise<void> {
  const stream = await context.stream();
  const headers = { "content-type": "application/json", "content-encoding": "br" };
  const answer = await context.call("POST", stream.path, {
    basin: stream.basin,
    headers,
    body: "{}",
  });
  status(answer, 415);
  await stream.hasTail(0);
}

export const RULES_COMPRESSION: readonly Case[] = [
  compressedBody("gzip"),
  compressedBody("zstd"),
  compressedAnswer("gzip"),
  compressedAnswer("zstd"),
  define(
    "small-answers-plain",
    "c#bodies",
    "answers up to 1024 bytes are not compressed",
    smallAnswersStayPlain,
  ),
  define(
    "unknown-content-encoding",
    "c#request-headers",
    "an unknown content-encoding is 415 and changes nothing",
    contentEncodings,
  ),
];
