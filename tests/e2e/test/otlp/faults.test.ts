// Exporters while their server is killed, stopped and started again, and while it limits them: whatever an
// exporter was told is kept is there, and with the patience that the protocol gives nothing is lost.

import { createServer as createTcpServer } from "node:net";
import { createServer } from "@s2kit/server-lite";
import { expect, it } from "vitest";
import { type RunningCommand, startCommand, temporaryDirectory } from "../harness/command.js";
import { linesOf, namesOf } from "./kept.js";
import { type Outcome, startTelemetry, type Telemetry } from "./telemetry.js";

const BASIN = "telemetry-basin";

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function makeBasin(url: string): Promise<void> {
  const { status } = await fetch(`${url}/v1/basins/${BASIN}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ config: { create_stream_on_append: true } }),
  });
  expect(status).toBeLessThan(300);
}

/** Exports one batch after another, in both encodings, until it is told to stop. */
async function exportOn(
  telemetry: Telemetry,
  prefix: string,
  isOver: () => boolean,
): Promise<{ readonly sent: string[]; readonly kept: string[]; readonly outcomes: Outcome[] }> {
  const sent: string[] = [];
  const kept: string[] = [];
  const outcomes: Outcome[] = [];
  for (let batch = 0; !isOver(); batch++) {
    const names = Array.from({ length: 10 }, (_, index) => `${prefix}.${batch}.${index}`);
    for (const name of names) telemetry.emit(name);
    sent.push(...names);
    const [outcome = "none"] = await telemetry.flush();
    outcomes.push(outcome);
    if (outcome === "ok") kept.push(...names);
  }
  return { sent, kept, outcomes };
}

it("lose nothing when the server is killed, and when it is stopped", {
  timeout: 90_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = async (): Promise<RunningCommand> => {
    const server = startCommand(
      ["lite", "--port", String(port), "--local-root", directory.path, "--json"],
      directory.path,
    );
    await server.until(/^\{.*\}$/m);
    return server;
  };
  let server = await start();
  await makeBasin(url);
  const given = { url, basin: BASIN, timeoutMillis: 25_000 } as const;
  const logs = startTelemetry({ ...given, signal: "logs", encoding: "http/protobuf", stream: "l" });
  const traces = startTelemetry({ ...given, signal: "traces", encoding: "http/json", stream: "t" });
  let isOver = false;
  const running = [
    exportOn(logs, "log", () => isOver),
    exportOn(traces, "span", () => isOver),
  ] as const;
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    server.child.kill(signal);
    await server.ended;
    server = await start();
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  isOver = true;
  const ends = await Promise.all(running);
  for (const [at, stream] of ["l", "t"].entries()) {
    const { sent, kept, outcomes } = ends[at] as (typeof ends)[number];
    const found = new Set(namesOf(await linesOf(url, BASIN, stream)));
    expect(kept.filter((name) => !found.has(name))).toEqual([]);
    expect(outcomes.filter((outcome) => outcome !== "ok")).toEqual([]);
    expect(sent.filter((name) => !found.has(name))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(3);
  }
  await Promise.all([logs.close(), traces.close()]);
  server.child.kill("SIGTERM");
  await server.ended;
});

it("wait for as long as a server that limits them says", async () => {
  const server = createServer({ port: 0, limits: { perStream: { appendBatchesPerSec: 1 } } });
  const { url } = await server.listen();
  await makeBasin(url);
  const telemetry = startTelemetry({
    url,
    basin: BASIN,
    signal: "logs",
    encoding: "http/protobuf",
    stream: "l",
  });
  const { sent, outcomes } = await exportOn(telemetry, "log", countdown(3));
  expect(outcomes).toEqual(["ok", "ok", "ok"]);
  // Refused requests left nothing behind: each item is there once.
  expect(namesOf(await linesOf(url, BASIN, "l"))).toEqual(sent);
  await telemetry.close();
  await server.close();
});

function countdown(rounds: number): () => boolean {
  let left = rounds;
  return () => left-- === 0;
}
