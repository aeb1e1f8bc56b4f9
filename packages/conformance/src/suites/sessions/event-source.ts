// Event streams for who can send no header: parameters in place of headers, and tickets in place of
// tokens (read-tickets.ts). Spec: data-plane#parameters-in-place-of-headers.

import { type Case, define, type Suite } from "../../case.js";
import { equal, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { CallOptions } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";
import { READ_TICKETS } from "./read-tickets.js";

const NEEDS = { needs: ["event-source"] } as const;
const ANCHOR = "d#parameters-in-place-of-headers";
const EVENTS = { accept: "text/event-stream" };

/** A read of events that ends at the tail, with the token and what `more` says; names no basin. */
function read(
  context: Context,
  { path }: StreamHandle,
  query: Readonly<Record<string, string>>,
  more: CallOptions = {},
): Promise<Answer> {
  const params = new URLSearchParams({ seq_num: "0", wait: "0", ...query });
  const { headers, ...others } = more;
  return context.call("GET", `${path}?${params.toString()}`, {
    headers: { ...EVENTS, ...headers },
    ...others,
  });
}

/** Bodies of all records in an event stream that is whole. */
function bodiesIn({ text }: Answer): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {") && line.includes('"records"'))
    .flatMap((line) => (JSON.parse(line.slice(6)) as { records: { body: string }[] }).records)
    .map(({ body }) => body);
}

async function inPlace(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b", "c");
  const { basin } = stream;
  equal(bodiesIn(status(await read(context, stream, { basin }), 200)), ["a", "b", "c"], "basin");
  const coded = await read(context, stream, { basin, format: "base64" });
  equal(bodiesIn(status(coded, 200)), ["YQ==", "Yg==", "Yw=="], "format");
  const resumed = await read(context, stream, { basin, last_event_id: "1,2,18", count: "3" });
  equal(bodiesIn(status(resumed, 200)), ["c"], "last_event_id");
  const head = await context.call("HEAD", `${stream.path}?seq_num=0&basin=${basin}`, {
    headers: EVENTS,
  });
  status(head, 200, "HEAD");
}

async function headersWin(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b", "c");
  const { basin } = stream;
  const query = { basin: `${basin}x`, format: "base64", last_event_id: "0,1,9" };
  const headers = { "s2-format": "raw", "last-event-id": "1,2,18" };
  const answer = await read(context, stream, query, { basin, headers });
  equal(bodiesIn(status(answer, 200)), ["c"], "by the headers");
  // Nor is what nobody needs looked at.
  const wrong = { basin: "BAD", format: "bogus", last_event_id: "x" };
  status(await read(context, stream, wrong, { basin, headers }), 200);
}

const WRONG: readonly Case[] = [
  ["format-value", "format=bogus"],
  ["format-twice", "format=raw&format=raw"],
  ["id-value", "last_event_id=1,2"],
  ["id-empty", "last_event_id="],
  ["id-twice", "last_event_id=1,2,18&last_event_id=1,2,18"],
].map(([name = "", wrong = ""]) =>
  define(
    `wrong-${name}`,
    ANCHOR,
    `?${wrong} is 400 bad_query`,
    async (context) => {
      const stream = await context.stream();
      await stream.bodies("a");
      const path = `${stream.path}?seq_num=0&count=1&${wrong}`;
      const answer = await context.call("GET", path, { basin: stream.basin, headers: EVENTS });
      refused(answer, 400, "bad_query");
    },
    NEEDS,
  ),
);

async function wrongBasins(context: Context): Promise<void> {
  const stream = await context.stream();
  const { basin, path } = stream;
  refused(await read(context, stream, { basin: "BAD" }), 400, "bad_query");
  const twice = `${path}?seq_num=0&basin=${basin}&basin=${basin}`;
  refused(await context.call("GET", twice, { headers: EVENTS }), 400, "bad_query");
  refused(await read(context, stream, {}), 400, "bad_header", "no basin at all");
  const missing = context.shared.workspace.basinName();
  refused(await read(context, stream, { basin: missing }), 404, "basin_not_found");
}

async function pathAndBasin(context: Context): Promise<void> {
  const { basin, path } = await context.stream();
  const inPath = path.replace("/v1/", `/v1/basins/${basin}/`);
  const ask = (named: string): Promise<Answer> =>
    context.call("GET", `${inPath}?seq_num=0&wait=0&basin=${named}`, { headers: EVENTS });
  status(await ask(basin), 200);
  refused(await ask(`${basin}x`), 400, "bad_query");
}

async function eventsAlone(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const { basin, path } = stream;
  const asked = `${path}?seq_num=0&count=1&basin=${basin}`;
  refused(await context.call("GET", asked), 400, "bad_header", "a read of JSON");
  const tail = await context.call("GET", `${path}/tail?basin=${basin}`, { headers: EVENTS });
  refused(tail, 400, "bad_header", "a tail");
  const plain = await stream.get("seq_num=0&count=1&format=bogus&last_event_id=x");
  equal(status(plain, 200).json.records[0].body, "a", "parameters that nobody knows");
}

export const EVENT_SOURCE: Suite = {
  name: "event-source",
  title: "Event streams without headers",
  cases: [
    define(
      "in-place",
      ANCHOR,
      "basin, format and last_event_id stand in for headers",
      inPlace,
      NEEDS,
    ),
    define("headers-win", ANCHOR, "a header wins over its parameter", headersWin, NEEDS),
    ...WRONG,
    define("wrong-basins", ANCHOR, "a basin in the query is checked as one", wrongBasins, NEEDS),
    define(
      "path-and-basin",
      `${ANCHOR} c#basins-in-the-path`,
      "the query may repeat the basin of the path, and not contradict it",
      pathAndBasin,
      {
        needs: ["event-source", "path-basins"],
      },
    ),
    define("events-alone", ANCHOR, "other requests do not know the parameters", eventsAlone, NEEDS),
    ...READ_TICKETS,
  ],
};
