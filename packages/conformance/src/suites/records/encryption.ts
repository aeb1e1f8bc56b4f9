// Encrypted streams, for each cipher: keys that are missing, wrong, another; what needs none.
// Sessions with keys are in encryption-sessions.ts. How records are stored cannot be seen from
// here. Spec: data-plane#encryption.

import { type Case, define, type Suite } from "../../case.js";
import { equal, includes, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { CIPHERS, type Cipher, KEY, keyed, OTHER, secret } from "./encrypted-stream.js";
import { ENCRYPTION_SESSIONS } from "./encryption-sessions.js";

async function roundTrip(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  const list = await context.call("GET", `/v1/streams?prefix=${stream.name}`, {
    basin: stream.basin,
  });
  includes(status(list, 200).json.streams[0], { cipher }, "stream");
  const records = [
    { headers: [["a", "b"]], body: "hello" },
    { headers: [["", "fence"]], body: "w" },
    { body: "world" },
  ];
  status(await stream.post({ records }, keyed(` ${KEY} `)), 200);
  const { json } = status(await stream.get("seq_num=0", keyed(KEY)), 200);
  equal(
    json.records.map((each: { headers?: unknown; body: string }) => [each.headers, each.body]),
    [
      [[["a", "b"]], "hello"],
      [[["", "fence"]], "w"],
      [undefined, "world"],
    ],
    "records",
  );
  const events = await stream.events("seq_num=0&count=3", { "s2-encryption-key": KEY });
  equal((await events.expect("batch")).json.records.length, 3, "events");
  // Bounds count plain bytes: 8 + 2 + 2 + 5.
  equal(
    (await stream.get("seq_num=0&bytes=17", keyed(KEY))).json.records.length,
    1,
    "within 17 bytes",
  );
  equal(
    (await stream.get("seq_num=0&bytes=16", keyed(KEY))).json.records.length,
    0,
    "within 16 bytes",
  );
  // No key is needed.
  equal((await stream.tail()).seq_num, 3, "tail");
  status(await stream.config(), 200);
}

async function noKey(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  const json = { records: [{ body: "x" }] };
  for (const answer of [await stream.post(json), await stream.get("seq_num=0")]) {
    refused(answer, 400, "bad_header");
    matches(answer.json.message, /missing encryption key/, "message");
    ok(answer.json.message.includes(cipher), `message names no cipher: ${answer.json.message}`);
  }
  for (const key of ["%%%%", "QUJD", "A".repeat(44), Buffer.alloc(31).toString("base64")])
    refused(await stream.post(json, keyed(key)), 400, "bad_header", `key ${key}`);
  await stream.hasTail(0);
}

async function anotherKey(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  status(await stream.post({ records: [{ body: "mine" }] }, keyed(KEY)), 200);
  status(await stream.post({ records: [{ body: "theirs" }] }, keyed(OTHER)), 200);
  const failed = await stream.get("seq_num=0&count=1", keyed(OTHER));
  refused(failed, 400, "decryption_failed");
  ok(!failed.text.includes(OTHER), "the error shows the key");
  equal(
    (await stream.get("seq_num=1", keyed(OTHER))).json.records[0].body,
    "theirs",
    "readable with that key",
  );
  const events = await stream.events("seq_num=0&count=2", { "s2-encryption-key": KEY });
  equal(
    (await events.expect("batch")).json.records[0].body,
    "mine",
    "batches before it are delivered",
  );
  equal((await events.expect("error")).json.code, "decryption_failed", "error event");
  const session = await stream.open("read", "h1", "seq_num=0&count=2", {
    "s2-encryption-key": KEY,
  });
  equal((await session.batch()).records[0]?.body, "mine", "batches before it are delivered");
  const end = await session.terminal();
  equal(
    [end.status, (end.json as { code: string }).code],
    [400, "decryption_failed"],
    "terminal frame",
  );
}

async function commandsArePlain(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  const records = [{ headers: [["", "fence"]], body: "w" }, { body: "secret" }];
  status(await stream.post({ records }, keyed(KEY)), 200);
  const { json } = status(await stream.get("seq_num=0&count=1", keyed(OTHER)), 200);
  equal(json.records[0].body, "w", "a read that selects only commands opens nothing");
  refused(await stream.get("seq_num=0", keyed(OTHER)), 400, "decryption_failed");
}

/** One batch: commands, which are plain, between records that only the key opens. */
async function opensWhatIsAsked(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  const records = ["writer-1", "writer-2"].flatMap((body) => [
    { headers: [["", "fence"]], body },
    { body: "secret" },
  ]);
  status(await stream.post({ records }, keyed(KEY)), 200);
  const bodies = async (query: string, key: string): Promise<unknown> =>
    status(await stream.get(query, keyed(key)), 200).json.records.map(
      (each: { body: string }) => each.body,
    );
  // 8 + 2 + 5 + 8 bytes metered: exactly the first command.
  for (const query of ["seq_num=0&count=1", "seq_num=0&bytes=23"])
    equal(await bodies(query, OTHER), ["writer-1"], `?${query} with another key`);
  equal(await bodies("seq_num=2&count=1", OTHER), ["writer-2"], "the second command");
  for (const query of ["seq_num=0", "seq_num=1&count=1", "seq_num=0&count=2"])
    refused(await stream.get(query, keyed(OTHER)), 400, "decryption_failed", `?${query}`);
  equal(await bodies("seq_num=0&bytes=36", KEY), ["writer-1"], "bounds count plain bytes");
  equal(await bodies("seq_num=0&bytes=37", KEY), ["writer-1", "secret"], "exactly");
  equal(await bodies("seq_num=1&count=3", KEY), ["secret", "writer-2", "secret"], "with the key");
}

const perCipher = CIPHERS.flatMap((cipher): Case[] => [
  define(
    `round-trip-${cipher}`,
    "d#encryption",
    `${cipher}: what is written with a key is read with it`,
    (context) => roundTrip(context, cipher),
    { needs: ["encryption"] },
  ),
  define(
    `no-key-${cipher}`,
    "d#encryption d#order-of-checks",
    `${cipher}: no key, or none that is one, is 400 bad_header`,
    (context) => noKey(context, cipher),
    { needs: ["encryption"] },
  ),
  define(
    `another-key-${cipher}`,
    "d#encryption",
    `${cipher}: another key is decryption_failed, in every format`,
    (context) => anotherKey(context, cipher),
    { needs: ["encryption"] },
  ),
  define(
    `commands-${cipher}`,
    "d#encryption d#command-records",
    `${cipher}: commands are never encrypted`,
    (context) => commandsArePlain(context, cipher),
    { needs: ["encryption"] },
  ),
  define(
    `opens-what-is-asked-${cipher}`,
    "d#encryption d#what-is-selected",
    `${cipher}: a read opens the records that it selects, and no others`,
    (context) => opensWhatIsAsked(context, cipher),
    { needs: ["encryption"] },
  ),
]);

async function plainIgnoresKeys(context: Context): Promise<void> {
  const stream = await context.stream();
  for (const key of [KEY, "x", "no base64 at all"])
    status(await stream.post({ records: [{}] }, keyed(key)), 200);
  for (const key of ["", "x".repeat(45)])
    refused(
      await stream.post({ records: [{}] }, keyed(key)),
      400,
      "bad_header",
      `${key.length} characters`,
    );
  refused(await stream.get("seq_num=0", keyed("x".repeat(45))), 400, "bad_header");
  status(await stream.get("seq_num=0", keyed("x")), 200);
}

async function cipherOfTheMoment(context: Context): Promise<void> {
  const basin = await context.basin();
  const plain = await context.stream({}, basin);
  status(
    await context.call("PATCH", `/v1/basins/${basin}`, { json: { stream_cipher: "aes-256-gcm" } }),
    200,
  );
  status(await plain.post({ records: [{}] }), 200);
  const stream = await context.stream({}, basin);
  refused(await stream.post({ records: [{}] }), 400, "bad_header");
  status(
    await context.call("PATCH", `/v1/basins/${basin}`, { json: { stream_cipher: null } }),
    200,
  );
  refused(await stream.post({ records: [{}] }), 400, "bad_header", "it never changes");
}

export const ENCRYPTION: Suite = {
  name: "encryption",
  title: "Encryption",
  cases: [
    ...perCipher,
    ...ENCRYPTION_SESSIONS,
    define(
      "plain-ignores-keys",
      "d#encryption d#order-of-checks",
      "a plain stream ignores the key once its length passed",
      plainIgnoresKeys,
    ),
    define(
      "cipher-of-the-moment",
      "d#encryption c#basins",
      "the cipher is the basin's when the stream is made, and stays",
      cipherOfTheMoment,
      { needs: ["encryption"] },
    ),
  ],
};
