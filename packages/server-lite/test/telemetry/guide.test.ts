import { readFile } from "node:fs/promises";
import { systemClock } from "@s2kit/core";
import { expect, it } from "vitest";
import { certificateOf } from "../../src/http/certificate.js";
import { createServer } from "../../src/index.js";
import { storageOf } from "../support/test-server.js";

it("the guide names the families of the Prometheus page with their labels, all of them and no others", async () => {
  // All that adds families: a directory, and a certificate of the operator's own.
  const { cert, key } = certificateOf({ selfSigned: true }, "localhost", systemClock);
  await using server = createServer({ port: 0, storage: storageOf("disk"), tls: { cert, key } });
  const ask = (path: string): Promise<Response> =>
    server.fetch(new Request(`http://localhost${path}`));
  // So that there is a line to see labels in.
  await ask("/health");
  await (await ask("/v1/streams/none/records")).text();
  const page = await (await ask("/metrics")).text();
  const guide = await readFile(
    new URL("../../../../docs/guides/metrics.md", import.meta.url),
    "utf8",
  );
  const shown = [...page.matchAll(/^# TYPE (s2\w+) (\w+)$/gm)].map(([, name, type]) => [
    name,
    type,
  ]);
  const rows = [...guide.matchAll(/^\| `(s2\w+)` \| (\w+) \| (.*?) ?\|/gm)];
  expect(shown.length).toBeGreaterThan(0);
  expect(rows.map(([, name, type]) => [name, type])).toEqual(shown);
  for (const [, name = "", , written = ""] of rows) {
    const line = new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, "m").exec(page)?.[1] ?? "";
    const labels = [...line.matchAll(/(\w+)="/g)].map(([, label]) => label);
    // Nothing is open, so nothing is told apart.
    if (name === "s2kit_sessions_by_kind") continue;
    expect([name, labels.filter((label) => label !== "le")]).toEqual([
      name,
      [...written.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ]);
  }
});

it("names follow the rules of Prometheus", async () => {
  await using server = createServer({ port: 0, storage: storageOf("disk") });
  const page = await (await server.fetch(new Request("http://localhost/metrics"))).text();
  const families = [...page.matchAll(/^# HELP (s2\w+) (.+)\n# TYPE \w+ (\w+)$/gm)];
  expect(families.length).toBeGreaterThan(30);
  for (const [, name = "", help, type] of families) {
    expect(help).toMatch(/^[A-Z0-9].*[^.]$/);
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(name).not.toMatch(/_(ms|millis|kb|mb|percent|count|sum|bucket)(_|$)/);
  }
});
