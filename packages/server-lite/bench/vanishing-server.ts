// The server of `vanishing-clients`, in a process of its own: one port in cleartext, one in TLS, and a
// door within the process. Answers over IPC what is open in it and what it weighs; ends with its parent.

import { createServer } from "../src/index.js";
import { openThings } from "../src/testing/ledger.js";
import { BASIN, QUIET, READS, STREAM, UPLOADS } from "../test/vanish/requests.js";
import type { Question, ServerFacts } from "./vanishing-protocol.js";

/** Short, so that those who fall silent are seen to end within the run. */
const TIMEOUTS = { headersTimeoutMs: 2000, bodyTimeoutMs: 3000, drainGraceMs: 200 };

const plain = createServer({ port: 0, ...TIMEOUTS });
const tls = createServer({ port: 0, ...TIMEOUTS, tls: { selfSigned: true } });
const ports = { plain: (await plain.listen()).port, tls: (await tls.listen()).port };
for (const server of [plain, tls])
  for (const path of [`/v1/basins/${BASIN}`, `/v1/streams/${STREAM}`, `/v1/streams/${QUIET}`])
    await server.fetch(
      new Request(`http://s2${path}`, { method: "PUT", headers: { "s2-basin": BASIN } }),
    );

/** Callers of the door within the process, each of whom leaves. */
async function callAndLeave(index: number): Promise<void> {
  const kinds = [...UPLOADS, ...READS];
  const { method, path, headers, body } = kinds[index % kinds.length] as (typeof kinds)[number];
  const caller = new AbortController();
  const unfinished = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue((body ?? new Uint8Array(1)).subarray(0, 5)),
  });
  const request = new Request(`http://s2${path}`, {
    method,
    headers: { "s2-basin": BASIN, ...headers },
    signal: caller.signal,
    ...(body === undefined ? {} : { body: unfinished, duplex: "half" }),
  } as RequestInit);
  const answer = plain.fetch(request).catch(() => undefined);
  await new Promise(setImmediate);
  if (index % 2 === 0) caller.abort(new Error("left"));
  else {
    const response = await Promise.race([
      answer,
      new Promise((resolve) => setTimeout(resolve, 20)),
    ]);
    if (response instanceof Response) await response.body?.cancel();
    caller.abort(new Error("left"));
  }
  await answer;
}

/** What was appended stays in this server's memory, and is no leak. */
async function trimAll(): Promise<void> {
  const header = ["", Buffer.from("trim").toString("base64")];
  const everything = Buffer.alloc(8);
  everything.writeBigUInt64BE(2n ** 62n);
  const body = JSON.stringify({
    records: [{ headers: [header], body: everything.toString("base64") }],
  });
  const headers = { "s2-basin": BASIN, "s2-format": "base64", "content-type": "application/json" };
  for (const server of [plain, tls]) {
    const url = `http://s2/v1/streams/${STREAM}/records`;
    const response = await server.fetch(new Request(url, { method: "POST", headers, body }));
    if (!response.ok) throw new Error(`trim was refused status=${response.status}`);
    await response.text();
  }
}

async function collect(): Promise<ServerFacts> {
  await trimAll();
  globalThis.gc?.();
  const open = Object.entries({ plain: openThings(plain), tls: openThings(tls) }).flatMap(
    ([server, things]) => Object.entries(things).map(([name, count]) => ({ server, name, count })),
  );
  const { rss, heapUsed, external } = process.memoryUsage();
  return { kind: "facts", open, rss, live: heapUsed + external };
}

process.on("message", (question: Question) => {
  if (question.kind === "facts") void collect().then((facts) => process.send?.(facts));
  else
    void Promise.all(Array.from({ length: question.count }, (_, at) => callAndLeave(at))).then(() =>
      process.send?.({ kind: "called" }),
    );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ kind: "ready", ports });
