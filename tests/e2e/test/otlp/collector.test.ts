// The collector of OpenTelemetry between the SDK and our server, with the exporter as the guide has it, while
// our server is killed and started again. Needs a collector with `otlp` receiver and `otlphttp` exporter: its
// path in S2KIT_OTELCOL. See docs/guides/otlp.md.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type RunningCommand, startCommand, temporaryDirectory } from "../harness/command.js";
import { linesOf, namesOf } from "./kept.js";
import { startTelemetry } from "./telemetry.js";

const { S2KIT_OTELCOL: collectorPath } = process.env;
const BASIN = "fleet-basin";

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The exporter of the guide, told where this server is. */
function exporterOf(url: string): string {
  const guide = readFileSync(new URL("../../../../docs/guides/otlp.md", import.meta.url), "utf8");
  const [, exporters = ""] = /(exporters:\n[^]*?)\nservice:/.exec(guide) ?? [];
  return exporters
    .replace("https://s2.example.com", url)
    .replace("Bearer ${env:S2_ACCESS_TOKEN}", "Bearer ignored");
}

function startCollector(directory: string, port: number, url: string): ChildProcess {
  const file = join(directory, "collector.yaml");
  writeFileSync(
    file,
    `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
${exporterOf(url)}
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [otlp], exporters: [otlphttp] }
    traces: { receivers: [otlp], exporters: [otlphttp] }
    metrics: { receivers: [otlp], exporters: [otlphttp] }
`,
  );
  return spawn(String(collectorPath), ["--config", `file:${file}`], { stdio: "ignore" });
}

async function startServer(directory: string, port: number): Promise<RunningCommand> {
  const server = startCommand(
    ["lite", "--port", String(port), "--local-root", join(directory, "data"), "--json"],
    directory,
  );
  await server.until(/^\{.*\}$/m);
  return server;
}

it.skipIf(collectorPath === undefined)(
  "a collector brings everything, through a kill of the server (needs S2KIT_OTELCOL)",
  { timeout: 120_000 },
  async () => {
    await using directory = await temporaryDirectory();
    const [port, receiver] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    let server = await startServer(directory.path, port);
    await fetch(`${url}/v1/basins/${BASIN}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ config: { create_stream_on_append: true } }),
    });
    const collector = startCollector(directory.path, receiver, url);
    const sent: Record<string, string[]> = { logs: [], traces: [] };
    const given = { url: `http://127.0.0.1:${receiver}`, basin: BASIN } as const;
    const all = (["logs", "traces"] as const).map((signal) =>
      startTelemetry({
        ...given,
        // A collector has its receiver at the root.
        path: `/v1/${signal}`,
        signal,
        encoding: "http/protobuf",
        stream: signal,
      }),
    );
    for (let batch = 0; batch < 30; batch++) {
      for (const [at, signal] of (["logs", "traces"] as const).entries()) {
        const name = `${signal}.${batch}`;
        all[at]?.emit(name);
        sent[signal]?.push(name);
        expect(await all[at]?.flush()).toEqual(["ok"]);
      }
      if (batch === 10) {
        server.child.kill("SIGKILL");
        await server.ended;
      }
      if (batch === 20) server = await startServer(directory.path, port);
    }
    for (const signal of ["logs", "traces"] as const)
      await expect
        .poll(async () => [...new Set(namesOf(await linesOf(url, BASIN, signal)))].sort(), {
          timeout: 60_000,
          interval: 1000,
        })
        .toEqual([...(sent[signal] ?? [])].sort());
    await Promise.all(all.map((each) => each.close()));
    collector.kill("SIGTERM");
    server.child.kill("SIGTERM");
    await server.ended;
  },
);
