// Limits of rates, where an operator has set one for the appends of a stream that a crowd of small
// ones reaches. Limits of the protocol are in limits.ts.
// Spec: control-plane#error-codes.

import { type Case, define, type Suite } from "../../case.js";
import { equal, matches, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";

/** Small appends at once: more than any limit lets through that is set to be tested. */
const CROWD = 200;

async function crowd(stream: StreamHandle): Promise<readonly Answer[]> {
  const appends = Array.from({ length: CROWD }, (_, index) =>
    stream.post({ records: [{ body: `${index}` }] }, { isOnce: true }),
  );
  return Promise.all(appends);
}

function limitedOf(answers: readonly Answer[]): readonly Answer[] {
  const limited = answers.filter((answer) => answer.status === 429);
  ok(limited.length > 0, `none of ${CROWD} appends at once meets a limit`);
  return limited;
}

async function refusedAppends(context: Context): Promise<void> {
  const answers = await crowd(await context.stream());
  for (const answer of limitedOf(answers)) {
    refused(answer, 429, "rate_limited");
    const hint = answer.headers["retry-after-ms"];
    if (hint !== undefined) matches(hint, /^[1-9]\d*$/, "retry-after-ms");
  }
  for (const answer of answers) if (answer.status !== 429) status(answer, 200);
}

async function noEffect(context: Context): Promise<void> {
  const stream = await context.stream();
  const answers = await crowd(stream);
  limitedOf(answers);
  const accepted = answers.flatMap((answer, index) => (answer.status === 200 ? [`${index}`] : []));
  equal([...(await stream.texts("seq_num=0"))].sort(), accepted.sort(), "records");
  await stream.hasTail(accepted.length);
}

async function comesBack(context: Context): Promise<void> {
  const stream = await context.stream();
  limitedOf(await crowd(stream));
  const later = await context.until(
    () => stream.post({ records: [{ body: "later" }] }, { isOnce: true }),
    (answer) => answer.status === 200,
  );
  status(later, 200);
}

const needs = ["rate-limits"] as const;
const HEADINGS = "c#error-codes c#error-body";

const CASES: readonly Case[] = [
  define("refused", HEADINGS, "an append above a limit is 429", refusedAppends, { needs }),
  define("no-effect", HEADINGS, "an append above a limit takes no effect", noEffect, { needs }),
  define("comes-back", HEADINGS, "a limit lets appends through again", comesBack, { needs }),
];

export const RATE_LIMITS: Suite = { name: "rate-limits", title: "Limits of rates", cases: CASES };
