// Timestamps by mode, capped and uncapped, and that they never decrease.
// Clocks of client and server may differ. Spec: data-plane#timestamps.

import { define, type Suite } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const HOUR = 3_600_000;

/** Clocks of client and server may differ by so much. */
const SKEW = 600_000;

const near = (context: Context, timestamp: number, what: string): void =>
  ok(Math.abs(timestamp - context.now()) < SKEW, `${what}: ${timestamp} is not about now`);

async function clientPrefer(context: Context): Promise<void> {
  const stream = await context.stream();
  equal((await stream.append([{ timestamp: 1000 }])).end.timestamp, 1000, "as given");
  near(context, (await stream.append([{}])).end.timestamp, "none given");
  const raised = await stream.append([{ timestamp: 5 }]);
  near(context, raised.end.timestamp, "an old one is raised");
}

async function neverDecrease(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ timestamp: 50 }, { timestamp: 10 }, { timestamp: 60 }, { timestamp: 0 }]);
  const { json } = status(await stream.get("seq_num=0"), 200);
  equal(
    json.records.map((each: { timestamp: number }) => each.timestamp),
    [50, 50, 60, 60],
    "timestamps",
  );
}

async function clientRequire(context: Context): Promise<void> {
  const stream = await context.stream({ timestamping: { mode: "client-require" } });
  refused(await stream.post({ records: [{ timestamp: 5 }, {}] }), 422, "invalid");
  await stream.hasTail(0);
  equal((await stream.append([{ timestamp: 0 }])).end.timestamp, 0, "0 is a timestamp");
  const proto = await stream.postProto(encodeInput({ records: [{ timestamp: 0 }] }));
  equal(
    status(proto, 200).json.end,
    { seq_num: 2, timestamp: 0 },
    "0 in protobuf is a timestamp too",
  );
}

async function arrival(context: Context): Promise<void> {
  const stream = await context.stream({ timestamping: { mode: "arrival" } });
  near(
    context,
    (await stream.append([{ timestamp: 1 }])).end.timestamp,
    "what is given is ignored",
  );
  const ack = await stream.append([{}, {}, {}]);
  equal(ack.start.timestamp, ack.end.timestamp, "now is taken once per batch");
}

async function capped(context: Context): Promise<void> {
  const stream = await context.stream();
  near(
    context,
    (await stream.append([{ timestamp: context.now() + 48 * HOUR }])).end.timestamp,
    "a future one is capped",
  );
}

async function uncapped(context: Context): Promise<void> {
  const stream = await context.stream({ timestamping: { uncapped: true } });
  const future = context.now() + 48 * HOUR;
  equal((await stream.append([{ timestamp: future }])).end.timestamp, future, "as given");
  equal((await stream.append([{}])).end.timestamp, future, "it pins all later ones");
}

async function reconfigured(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ timestamp: 7 }]);
  status(await stream.patch({ timestamping: { mode: "client-require" } }), 200);
  refused(await stream.post({ records: [{}] }), 422, "invalid");
  status(await stream.patch({ timestamping: { mode: "arrival" } }), 200);
  near(context, (await stream.append([{ timestamp: 9 }])).end.timestamp, "arrival");
}

async function beyondPrecision(context: Context): Promise<void> {
  const stream = await context.stream({ timestamping: { uncapped: true } });
  // 2^53 + 1, which a double cannot hold.
  const answer = await stream.postText('{"records":[{"timestamp":9007199254740993}]}');
  // A server may refuse what it cannot keep exactly; it never rounds.
  if (answer.status === 422) return void refused(answer, 422, "invalid");
  status(answer, 200);
  ok(answer.text.includes("9007199254740993"), `rounded: ${answer.text}`);
  const read = status(await stream.get("seq_num=0"), 200);
  ok(read.text.includes("9007199254740993"), `rounded: ${read.text}`);
}

export const TIMESTAMPS: Suite = {
  name: "timestamps",
  title: "Timestamps",
  cases: [
    define(
      "client-prefer",
      "d#timestamps",
      "given, or now; an old one is raised, never refused",
      clientPrefer,
    ),
    define("never-decrease", "d#timestamps d#records", "timestamps never decrease", neverDecrease),
    define(
      "client-require",
      "d#timestamps d#order-of-checks",
      "a record without one refuses the whole batch",
      clientRequire,
    ),
    define("arrival", "d#timestamps", "arrival takes now, once per batch", arrival),
    define("capped", "d#timestamps", "a future timestamp becomes now", capped),
    define(
      "uncapped",
      "d#timestamps",
      "an uncapped stream keeps it, and it pins later ones",
      uncapped,
    ),
    define(
      "reconfigured",
      "d#timestamps c#streams",
      "a change applies from the next batch",
      reconfigured,
    ),
    define("beyond-2-53", "d#body", "values above 2^53 are not rounded", beyondPrecision),
  ],
};
