// Command records: what is one, what it does, what of it is refused.
// Rights for them are in access/scopes.ts. Spec: data-plane#command-records.

import { type Case, define, type Suite } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

type Header = readonly [string, string];

const REFUSED: readonly (readonly [string, readonly Header[], string])[] = [
  ["unknown-value", [["", "bogus"]], ""],
  ["empty-value", [["", ""]], ""],
  ["case-of-value", [["", "FENCE"]], "x"],
  [
    "beside-another",
    [
      ["", "fence"],
      ["a", "b"],
    ],
    "x",
  ],
  [
    "after-another",
    [
      ["a", "b"],
      ["", "fence"],
    ],
    "x",
  ],
  [
    "two-of-them",
    [
      ["", "fence"],
      ["", "fence"],
    ],
    "x",
  ],
  ["fence-37-bytes", [["", "fence"]], "x".repeat(37)],
  ["trim-no-body", [["", "trim"]], ""],
  ["trim-7-bytes", [["", "trim"]], "\0\0\0\0\0\0\0"],
  ["trim-9-bytes", [["", "trim"]], "\0\0\0\0\0\0\0\0\0"],
];

const refusals = REFUSED.map(
  ([name, headers, body]): Case =>
    define(
      `bad-${name}`,
      "d#command-records",
      `a command record ${name.replaceAll("-", " ")} is 422 invalid`,
      async (context) => {
        const stream = await context.stream();
        refused(await stream.post({ records: [{ headers, body }] }), 422, "invalid");
        refused(
          await stream.postProto(encodeInput({ records: [{ headers, body }] })),
          422,
          "invalid",
        );
        await stream.hasTail(0);
      },
    ),
);

async function fenceNoUtf8(context: Context): Promise<void> {
  const stream = await context.stream();
  const records = [{ headers: [["", "ZmVuY2U="]], body: "/w==" }];
  refused(await stream.post({ records }, { headers: { "s2-format": "base64" } }), 422, "invalid");
  refused(
    await stream.postProto(
      encodeInput({ records: [{ headers: [["", "fence"]], body: Buffer.from([0xff]) }] }),
    ),
    422,
    "invalid",
  );
}

async function fence(context: Context): Promise<void> {
  const stream = await context.stream();
  // The batch is checked against the old token, the last of several wins.
  const records = ["a", "b"].map((body) => ({ headers: [["", "fence"]], body }));
  status(await stream.post({ records, fencing_token: "" }), 200);
  equal(
    (await stream.post({ records: [{}], fencing_token: "a" })).json,
    { fencing_token_mismatch: "b" },
    "the last wins",
  );
  // A fence command need not name the current token.
  status(await stream.fence("c"), 200);
  status(await stream.fence("", { fencing_token: "c" }), 200);
  status(await stream.post({ records: [{}], fencing_token: "" }), 200);
}

async function fenceSurvivesTrim(context: Context): Promise<void> {
  const stream = await context.stream();
  status(await stream.fence("kept"), 200);
  await stream.trim(99);
  equal(
    (await stream.post({ records: [{}], fencing_token: "x" })).json,
    { fencing_token_mismatch: "kept" },
    "after a trim of everything",
  );
}

async function trim(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b", "c");
  const ack = await stream.trim(2);
  equal([ack.start.seq_num, ack.end.seq_num], [3, 4], "a trim takes a number");
  await stream.hasTail(4);
  const seen = await context.until(
    () => stream.get("seq_num=0"),
    ({ json }) => json.records[0]?.seq_num === 2,
  );
  equal(
    seen.json.records.map((each: { seq_num: number }) => each.seq_num),
    [2, 3],
    "what is left",
  );
  // Never moves back.
  await stream.trim(0);
  equal((await stream.numbers("seq_num=0"))[0], 2, "after a smaller trim, which is acknowledged");
}

async function trimOfTheFuture(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b", "c");
  await stream.trim((1n << 64n) - 1n);
  const gone = await context.until(
    () => stream.get("seq_num=0"),
    ({ json }) => json.records?.length === 0,
  );
  equal([gone.status, gone.json.records], [200, []], "a start below everything that is gone");
  equal((await stream.bodies("after")).start.seq_num, 4, "cannot trim what follows it");
  equal(await stream.texts("seq_num=0"), ["after"], "what follows is there");
}

async function delivered(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([
    { body: "before" },
    { headers: [["", "fence"]], body: "tok" },
    { headers: [["", "trim"]], body: "\0\0\0\0\0\0\0\0" },
    { body: "after" },
  ]);
  const { json } = status(await stream.get("seq_num=0"), 200);
  equal(
    json.records.map(({ headers, body }: { headers?: unknown; body?: string }) => [headers, body]),
    [
      [undefined, "before"],
      [[["", "fence"]], "tok"],
      [[["", "trim"]], "\0\0\0\0\0\0\0\0"],
      [undefined, "after"],
    ],
    "commands are delivered as they were written",
  );
}

async function metered(context: Context): Promise<void> {
  const stream = await context.stream();
  status(await stream.fence("token"), 200);
  await stream.trim(0);
  // 15 and the token's bytes; 22.
  for (const [bytes, count] of [
    [19, 0],
    [20, 1],
    [41, 1],
    [42, 2],
  ] as const)
    equal(
      (await stream.numbers(`seq_num=0&bytes=${bytes}`)).length,
      count,
      `within ${bytes} bytes`,
    );
}

export const COMMANDS: Suite = {
  name: "commands",
  title: "Command records",
  cases: [
    ...refusals,
    define(
      "bad-fence-no-utf8",
      "d#command-records",
      "a fencing token that is no UTF-8 is 422 invalid",
      fenceNoUtf8,
    ),
    define(
      "fence",
      "d#fence",
      "a fence holds for what is sequenced later; the last of a batch wins",
      fence,
    ),
    define(
      "fence-survives-trim",
      "d#fence d#loss-of-records-that-is-meant",
      "the token survives a trim of everything",
      fenceSurvivesTrim,
    ),
    define(
      "trim",
      "d#trim",
      "records below the point go, the tail stays, the point never moves back",
      trim,
    ),
    define(
      "trim-of-the-future",
      "d#trim d#where-a-read-starts",
      "a command cannot trim what follows it, and may trim itself",
      trimOfTheFuture,
    ),
    define(
      "delivered",
      "d#command-records",
      "readers get commands exactly as they were written",
      delivered,
    ),
    define(
      "metered",
      "d#command-records d#metered-size",
      "a fence meters 15 and its token, a trim 22",
      metered,
    ),
  ],
};
