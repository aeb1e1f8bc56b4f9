// LiveStore syncs by our server: its S2 provider, behind the small proxy that its documents ask for, whose
// helpers are told where our server is. Events are pushed, pulled, and followed by a second backend.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Readable } from "node:stream";
// @boundaries-ignore installed by its runner, beside this file
import { makeSyncBackend } from "@livestore/sync-s2";
// @boundaries-ignore installed by its runner, beside this file
import {
  buildPullRequest,
  buildPushRequests,
  ensureBasin,
  ensureStream,
} from "@livestore/sync-s2/s2-proxy-helpers";
// @boundaries-ignore installed by its runner, beside this file
import { Effect, FetchHttpClient, Option, Stream } from "@livestore/utils/effect";

const { S2_ENDPOINT: endpoint } = process.env;
// #region recipe
const config = {
  basin: "livestore-basin",
  token: "ignored", // with --auth: a token that may append and read in the basin
  lite: true, // the basin as a header
  accountBase: `${endpoint}/v1`,
  basinBase: `${endpoint}/v1`,
};
// #endregion
const STORE = "todos";
await ensureBasin(config);
await ensureStream(config, STORE);

const proxy = createServer((asked, answer) => {
  serve(asked, answer).catch((error) => answer.destroy(error));
});

async function serve(asked, answer) {
  if (asked.method === "HEAD") return answer.end();
  if (asked.method === "GET") {
    const args = JSON.parse(new URL(asked.url, "http://proxy").searchParams.get("args"));
    const { url, headers } = buildPullRequest({ config, args });
    const gone = new AbortController();
    answer.on("close", () => gone.abort());
    const { status, body } = await fetch(url, { headers, signal: gone.signal });
    answer.writeHead(status, { "content-type": "text/event-stream" });
    return Readable.fromWeb(body)
      .on("error", () => answer.end())
      .pipe(answer);
  }
  let text = "";
  for await (const chunk of asked) text += chunk;
  const { storeId, batch } = JSON.parse(text);
  for (const { url, method, headers, body } of buildPushRequests({ config, storeId, batch })) {
    const { status } = await fetch(url, { method, headers, body });
    assert.equal(status, 200);
  }
  answer.writeHead(200, { "content-type": "application/json" }).end('{"success":true}');
}

await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
const make = makeSyncBackend({
  endpoint: `http://127.0.0.1:${proxy.address().port}`,
  ping: { enabled: false },
});
const event = (seqNum) => ({
  name: "v1.TodoCreated",
  args: { id: String(seqNum), text: "é" },
  seqNum,
  parentSeqNum: seqNum - 1,
  clientId: "client",
  sessionId: "session",
});
const seen = await Effect.gen(function* () {
  const backend = yield* make({ storeId: STORE, payload: undefined });
  yield* backend.connect;
  yield* backend.push([event(1), event(2)]);
  const pulled = yield* backend.pull(Option.none()).pipe(Stream.runCollect);
  const other = yield* make({ storeId: STORE, payload: undefined });
  const following = yield* other.pull(Option.none(), { live: true }).pipe(
    Stream.mapConcat(({ batch }) => batch),
    Stream.take(3),
    Stream.runCollect,
    Effect.fork,
  );
  yield* backend.push([event(3)]);
  return [[...pulled].flatMap(({ batch }) => batch), [...(yield* following)]];
}).pipe(
  Effect.scoped,
  Effect.provide(FetchHttpClient.layer),
  Effect.timeout(20_000),
  Effect.runPromise,
);
const numbers = seen.map((events) => events.map(({ eventEncoded }) => Number(eventEncoded.seqNum)));
assert.deepEqual(numbers, [
  [1, 2],
  [1, 2, 3],
]);
proxy.closeAllConnections();
proxy.close();
console.log("livestore: pushed, pulled and followed");
