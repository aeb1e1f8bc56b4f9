// Streams that requests create: by appends, by reads, with a configuration of their own, and when
// not. Each basin says whether it makes streams. Spec: data-plane#automatic-creation.

import { define, type Suite } from "../../case.js";
import { equal, includes, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

const post = (
  context: Context,
  basin: string,
  name: string,
  json: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => context.call("POST", `/v1/streams/${name}/records`, { basin, json, headers });

async function byAppend(context: Context): Promise<void> {
  const basin = await context.sharedBasin("automatic");
  const name = context.name();
  equal(
    status(await post(context, basin, name, { records: [{ body: "x" }] }), 200).json.end.seq_num,
    1,
    "end",
  );
  status(await context.call("GET", `/v1/streams/${name}`, { basin }), 200);
}

async function byRead(context: Context): Promise<void> {
  const basin = await context.sharedBasin("automatic");
  const [first, second] = [context.name(), context.name()];
  equal(
    (await context.call("GET", `/v1/streams/${first}/records?seq_num=0`, { basin })).status,
    416,
    "a read",
  );
  status(await context.call("GET", `/v1/streams/${first}`, { basin }), 200);
  const tail = status(
    await context.call("GET", `/v1/streams/${second}/records/tail`, { basin }),
    200,
  );
  equal(tail.json, { tail: { seq_num: 0, timestamp: 0 } }, "tail");
  status(await context.call("GET", `/v1/streams/${second}`, { basin }), 200);
}

async function eachSwitch(context: Context): Promise<void> {
  const onAppend = await context.basin({ create_stream_on_append: true });
  const onRead = await context.basin({ create_stream_on_read: true });
  refused(
    await context.call("GET", "/v1/streams/a/records?seq_num=0", { basin: onAppend }),
    404,
    "stream_not_found",
  );
  refused(
    await context.call("GET", "/v1/streams/a/records/tail", { basin: onAppend }),
    404,
    "stream_not_found",
  );
  refused(await post(context, onRead, "a", { records: [{}] }), 404, "stream_not_found");
}

async function notByRefusals(context: Context): Promise<void> {
  const basin = await context.sharedBasin("automatic");
  const name = context.name();
  refused(await post(context, basin, name, { records: [] }), 422, "invalid");
  refused(await post(context, basin, name, {}), 400, "bad_json");
  refused(
    await post(context, basin, name, { records: [{ headers: [["", "x"]] }] }),
    422,
    "invalid",
  );
  refused(
    await context.call("GET", `/v1/streams/${name}/records?seq_num=x`, { basin }),
    400,
    "bad_query",
  );
  refused(
    await context.call("GET", `/v1/streams/${name}/records?seq_num=1&timestamp=1`, { basin }),
    422,
    "invalid",
  );
  refused(
    await context.call("GET", `/v1/streams/${name}/records?timestamp=5&until=5`, { basin }),
    422,
    "invalid",
  );
  refused(await context.call("GET", `/v1/streams/${name}`, { basin }), 404, "stream_not_found");
}

async function overlay(context: Context): Promise<void> {
  const basin = await context.basin({
    create_stream_on_append: true,
    default_stream_config: { retention_policy: { age: 500 } },
  });
  const headers = { "s2-stream-config": JSON.stringify({ timestamping: { mode: "arrival" } }) };
  status(await post(context, basin, "a", { records: [{}] }, headers), 200);
  const config = async (): Promise<object> =>
    status(await context.call("GET", "/v1/streams/a", { basin }), 200).json;
  includes(
    await config(),
    { retention_policy: { age: 500 }, timestamping: { mode: "arrival" } },
    "configuration",
  );
  const other = {
    "s2-stream-config": JSON.stringify({ timestamping: { mode: "client-require" } }),
  };
  status(await post(context, basin, "a", { records: [{}] }, other), 200);
  includes(
    await config(),
    { timestamping: { mode: "arrival" } },
    "ignored for a stream that is there",
  );
}

async function racing(context: Context): Promise<void> {
  const basin = await context.sharedBasin("automatic");
  const name = context.name();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post(context, basin, name, { records: [{}] })),
  );
  const starts = answers.map((answer) => status(answer, 200).json.start.seq_num);
  equal(
    starts.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7],
    "creators that race all succeed",
  );
}

export const CREATION: Suite = {
  name: "creation",
  title: "Automatic creation",
  cases: [
    define(
      "by-append",
      "d#automatic-creation d#append",
      "an append creates the stream that is missing",
      byAppend,
    ),
    define("by-read", "d#automatic-creation d#check-tail", "so do a read and a tail check", byRead),
    define(
      "each-switch",
      "d#automatic-creation c#basins",
      "each switch is for its own requests",
      eachSwitch,
    ),
    define(
      "not-by-refusals",
      "d#automatic-creation",
      "a request that is refused creates nothing",
      notByRefusals,
    ),
    define(
      "stream-config",
      "d#automatic-creation c#request-headers",
      "s2-stream-config overlays the defaults of what is created",
      overlay,
    ),
    define("racing", "d#automatic-creation", "creators that race all succeed", racing),
  ],
};
