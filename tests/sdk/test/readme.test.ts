// The snippets of the READMEs run against a real server, and the READMEs show exactly what runs.

import { globSync, readFileSync } from "node:fs";
import type { Meter, Tracer } from "@opentelemetry/api";
import { createServer } from "@s2kit/server-lite";
import { describe, expect, it, vi } from "vitest";
import * as client from "../snippets/client.js";
import { handled, watched } from "../snippets/opentelemetry.js";
import * as producer from "../snippets/producer.js";
import { closing, connect, startServer } from "./harness/server.js";

const ROOT = `${import.meta.dirname}/../../..`;

/** Regions of the snippet files, without their indentation. */
function regions(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of globSync("snippets/*.ts", { cwd: `${import.meta.dirname}/..` })) {
    const text = readFileSync(`${import.meta.dirname}/../${file}`, "utf8");
    for (const [, name = "", body = ""] of text.matchAll(
      /\/\/ #region ([\w-]+)\n([\s\S]*?) *\/\/ #endregion/g,
    )) {
      const indent = /^ */.exec(body)?.[0] ?? "";
      found.set(name, body.replaceAll(new RegExp(`^${indent}`, "gm"), "").trimEnd());
    }
  }
  return found;
}

describe("the READMEs", () => {
  it.each(["client", "producer"])("of %s show snippets that run", (name) => {
    const readme = readFileSync(`${ROOT}/packages/${name}/README.md`, "utf8");
    const known = regions();
    const blocks = [...readme.matchAll(/<!-- snippet: ([\w-]+) -->\n```ts\n([\s\S]*?)\n```/g)];
    for (const [, snippet = "", shown] of blocks)
      expect([snippet, shown]).toEqual([snippet, known.get(snippet)]);
    expect(blocks.length).toBe([...readme.matchAll(/```ts/g)].length);
    expect(blocks.length).toBeGreaterThan(2);
  });
});

describe("the snippets", () => {
  it("of the client run", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const server = closing(createServer({ port: 0, drainGraceMs: 200 }));
    const { url } = await server.listen();
    await client.quickstart(url);
    expect(log.mock.calls.flat()).toEqual(["durable at 0", 0, "hello"]);
    const s2 = connect(url);
    await s2.basins.reconfigure({ basin: "my-first-basin", createStreamOnAppend: true });
    await client.sessions(s2);
    expect(log.mock.calls.flat()).toContain("second");
    expect(await client.conditions(s2)).toBe("the next record is 1");
    const events = await fetch(`${await client.ticket(s2)}&count=1`, {
      headers: { accept: "text/event-stream" },
    });
    expect(await events.text()).toContain('"body":"hello"');
    expect(await client.nodeStreams(s2)).toEqual(["one", "two"]);
    expect(await client.inProcess()).toBe(1);
    log.mockRestore();
  });

  it("of the producer run", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { url } = await startServer();
    const s2 = connect(url);
    await s2.basins.create({ basin: "my-first-basin", config: { createStreamOnAppend: true } });
    expect(await producer.produce(s2)).toBe(0);
    await producer.pipe(s2, new Blob(["a line"]).stream().pipeThrough(new TextDecoderStream()));
    expect(
      (
        await s2
          .basin("my-first-basin")
          .stream("piped")
          .read({ start: { from: { seqNum: 0 } } })
      ).records[0]?.body,
    ).toBe("a line");
    expect(await producer.messages(s2)).toEqual([{ id: 1, items: ["tea", "cup"] }]);
    log.mockRestore();
  });

  it("of OpenTelemetry record spans and metrics, and never a secret", async () => {
    const { url } = await startServer();
    const seen: unknown[] = [];
    const span = { recordException: () => undefined, end: () => undefined };
    const tracer = {
      startSpan: (...args: unknown[]) => {
        seen.push(args.slice(0, 2));
        return span;
      },
    };
    const instrument = {
      record: (...args: unknown[]) => seen.push(args),
      add: (...args: unknown[]) => seen.push(args),
    };
    const meter = { createHistogram: () => instrument, createCounter: () => instrument };
    await using s2 = watched(url, tracer as unknown as Tracer, meter as unknown as Meter);
    const stream = s2.basin("test-basin").stream("s");
    await handled(stream, tracer as unknown as Tracer);
    const session = await stream.appendSession();
    await (await session.submit({ records: [{ headers: [], body: new Uint8Array(1) }] })).ack();
    await session.close();
    expect(JSON.stringify(seen)).toMatch(/s2 check-tail/);
    expect(JSON.stringify(seen)).toMatch(/"s2.stream":"s"/);
    expect(JSON.stringify(seen)).toMatch(/handle order/);
    expect(JSON.stringify(seen)).not.toContain("top-secret");
  });
});
