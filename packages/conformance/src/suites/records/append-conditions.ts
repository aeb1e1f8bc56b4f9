// Conditions of unary appends: the number that must come next, the fencing token, and the body of
// 412. Cases of the suite in append.ts. Spec: data-plane#failed-conditions.

import { type Case, define } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, includes, matches, ok, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

async function matchSeqNum(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ body: "x" }], { match_seq_num: 0 });
  const failed = await stream.post({ records: [{ body: "y" }], match_seq_num: 0 });
  equal([failed.status, failed.json], [412, { seq_num_mismatch: 1 }], "a mismatch");
  await stream.append([{}, {}], { match_seq_num: 1 });
  const huge = await stream.postText('{"records":[{}],"match_seq_num":18446744073709551615}');
  equal([huge.status, huge.json], [412, { seq_num_mismatch: 3 }], "the largest number");
  await stream.append([{}], { match_seq_num: null, fencing_token: null });
  const proto = await stream.postProto(encodeInput({ records: [{}], matchSeqNum: 0 }));
  equal(
    [proto.status, proto.json],
    [412, { seq_num_mismatch: 4 }],
    "protobuf, and the error is JSON",
  );
  await stream.hasTail(4);
}

async function repetition(context: Context): Promise<void> {
  const stream = await context.stream();
  const json = { records: [{ body: "once" }, { body: "twice" }], match_seq_num: 0 };
  status(await stream.post(json), 200);
  const again = await stream.post(json);
  equal([again.status, again.json], [412, { seq_num_mismatch: 2 }], "a guarded repetition");
  status(await stream.post({ records: [{ body: "x" }] }), 200);
  status(await stream.post({ records: [{ body: "x" }] }), 200);
  await stream.hasTail(4);
}

async function fencing(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{}], { fencing_token: "" });
  status(await stream.fence("one"), 200);
  const wrong = await stream.post({ records: [{}], fencing_token: "two", match_seq_num: 99 });
  equal(
    [wrong.status, wrong.json],
    [412, { fencing_token_mismatch: "one" }],
    "the fence is looked at first",
  );
  const empty = await stream.post({ records: [{}], fencing_token: "" });
  equal(
    [empty.status, empty.json],
    [412, { fencing_token_mismatch: "one" }],
    "the empty token is a check",
  );
  await stream.append([{ body: "names none" }]);
  await stream.append([{ body: "right" }], { fencing_token: "one" });
  await stream.hasTail(4);
}

async function unicodeToken(context: Context): Promise<void> {
  const stream = await context.stream();
  const token = "ä".repeat(18);
  status(await stream.fence(token), 200);
  const wrong = await stream.post({ records: [{}], fencing_token: "x" });
  equal(wrong.json, { fencing_token_mismatch: token }, "36 bytes of UTF-8");
  await stream.append([{}], { fencing_token: token });
}

export const APPEND_CONDITIONS: readonly Case[] = [
  define(
    "match-seq-num",
    "d#failed-conditions d#body",
    "a failed match is 412 with the number that would have been",
    matchSeqNum,
  ),
  define(
    "repetition",
    "d#repeating-an-append",
    "only match_seq_num guards a repetition",
    repetition,
  ),
  define(
    "fencing-token",
    "d#failed-conditions d#fence d#body",
    "a wrong token is 412 with the one in force",
    fencing,
  ),
  define(
    "fencing-token-36-bytes",
    "d#limits d#fence",
    "a token has up to 36 bytes of UTF-8",
    unicodeToken,
  ),
  define(
    "failed-condition-body",
    "d#failed-conditions c#error-body",
    "the body of 412 has exactly one key and no code",
    async (context) => {
      const stream = await context.stream();
      const answer = status(await stream.post({ records: [{}], match_seq_num: 5 }), 412);
      equal(Object.keys(answer.json), ["seq_num_mismatch"], "keys");
      matches(answer.headers["content-type"] ?? "", /^application\/json/, "content-type");
      includes(answer.json, { seq_num_mismatch: 0 }, "412");
      ok(!("code" in answer.json), "code");
    },
  ),
];
