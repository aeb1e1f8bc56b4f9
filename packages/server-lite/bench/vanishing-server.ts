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

function collect(): ServerFacts {
  globalThis.gc?.();
  const open = Object.entries({ plain: openThings(plain), tls: openThings(tls) }).flatMap(
    ([server, things]) => Object.entries(things).map(([name, count]) => ({ server, name, count })),
  );
  const { rss, heapUsed, external } = process.memoryUsage();
  return { kind: "facts", open, rss, live: heapUsed + external };
}

process.on("message", (question: Question) => {
  if (question.kind === "facts") process.send?.(collect());
  else
    void Promise.all(Array.from({ length: question.count }, (_, at) => callAndLeave(at))).then(() =>
      process.send?.({ kind: "called" }),
    );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ kind: "ready", ports });
