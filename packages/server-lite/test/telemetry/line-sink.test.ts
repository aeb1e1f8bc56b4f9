// Log lines that cannot be written: dropped, counted, told of later, and never a reason to stop.

import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLineSink } from "../../src/telemetry/line-sink.js";

const notice = (lines: number): string => `${lines} dropped\n`;

/** Takes what it is told to take; `undefined` leaves a write open. */
function streamThat(outcome: () => Error | null | undefined): Writable & { text: string } {
  const stream = new Writable({
    autoDestroy: false,
    decodeStrings: false,
    write(chunk: string, _, done) {
      const result = outcome();
      if (result === null) stream.text += chunk;
      if (result !== undefined) done(result);
    },
  }) as Writable & { text: string };
  return Object.assign(stream, { text: "" });
}

describe("a sink of log lines", () => {
  it("counts what could not be written, and nothing else", () => {
    const written = streamThat(() => null);
    const sink = createLineSink(written, notice);
    sink.write("a\n");
    sink.write("b\n");
    expect([written.text, sink.droppedLines]).toEqual(["a\nb\n", 0]);
  });

  it("survives a stream that is gone", () => {
    const stream = streamThat(() => null);
    const sink = createLineSink(stream, notice);
    stream.destroy(new Error("EPIPE"));
    for (let line = 0; line < 3; line++) sink.write("lost\n");
    expect([stream.text, sink.droppedLines]).toEqual(["", 3]);
  });

  it("holds no more than its bound for a reader that does not read, and says so later", async () => {
    let isStuck = true;
    let open: (() => void) | undefined;
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _, done) {
        text += chunk;
        if (isStuck) open = done;
        else done();
      },
    });
    let text = "";
    const sink = createLineSink(stream, notice);
    const line = `${"x".repeat(1023)}\n`;
    for (let turn = 0; turn < 5000; turn++) sink.write(line);
    expect(stream.writableLength).toBeLessThanOrEqual(1024 * 1024 + line.length);
    const dropped = sink.droppedLines;
    expect(dropped).toBeGreaterThan(3000);
    isStuck = false;
    open?.();
    await expect.poll(() => stream.writableLength).toBe(0);
    sink.write("after\n");
    await expect.poll(() => text).toContain(`${dropped} dropped\nafter\n`);
    expect(sink.droppedLines).toBe(dropped);
  });
});

describe.skipIf(process.platform !== "linux")("the logger of JSON lines (needs Linux)", () => {
  it("does not end its process when standard output is full", () => {
    const folder = import.meta.dirname;
    const code = `
      const { createLogger } = await import(${JSON.stringify(`${folder}/../../src/telemetry/logger.ts`)});
      const logger = await createLogger();
      for (let line = 0; line < 5; line++) logger.info({ line }, "lost");
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.stderr.write(String(logger.droppedLines));`;
    const loader = `${folder}/../storage/programs/source-loader.mjs`;
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", loader, "--input-type=module", "-e", code],
      { stdio: ["ignore", full, "pipe"], encoding: "utf8", timeout: 20_000 },
    );
    closeSync(full);
    expect([status, stderr]).toEqual([0, "5"]);
  });
});
