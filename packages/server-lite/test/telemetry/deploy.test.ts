// What is in `deploy/` for operators, held to a running server: every metric that an alert or a
// picture asks for is on its page, and every alert has its paragraph.

import { readFile } from "node:fs/promises";
import { systemClock } from "@s2kit/core";
import { expect, it } from "vitest";
import { certificateOf } from "../../src/http/certificate.js";
import { createServer } from "../../src/index.js";
import { storageOf } from "../support/test-server.js";

const ROOT = new URL("../../../../", import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, ROOT), "utf8");

const METRIC = /\b(?:s2kit|s2|process|nodejs)_[a-z0-9_]+/g;

/** Names that a page answers: of a histogram, also its parts. */
async function answered(): Promise<ReadonlySet<string>> {
  const { cert, key } = certificateOf({ selfSigned: true }, "localhost", systemClock);
  await using server = createServer({ port: 0, storage: storageOf("disk"), tls: { cert, key } });
  const page = await (await server.fetch(new Request("http://localhost/metrics"))).text();
  const names = [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = "", type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

it("alerts and dashboard ask for metrics that there are", async () => {
  const known = await answered();
  const rules = (await read("deploy/prometheus/s2kit.rules.yml"))
    .split("\n")
    .filter((line) => !/summary:|runbook:|^ *#/.test(line))
    .join("\n");
  const { panels } = JSON.parse(await read("deploy/grafana/s2kit.json")) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
  for (const text of [rules, asked]) {
    const names = new Set(text.match(METRIC));
    expect(names.size).toBeGreaterThan(10);
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
  }
  // And the other way round: what is counted here is looked at somewhere.
  const looked = new Set(`${rules}\n${asked}`.match(METRIC));
  const unseen = [...known].filter(
    (name) => name.startsWith("s2") && !/_(sum|count)$/.test(name) && !looked.has(name),
  );
  // Sizes of batches are seen as sums.
  expect(
    unseen.filter((name) => !/^(s2_append_batch|s2kit_log_write)_\w+_bucket$/.test(name)),
  ).toEqual([]);
});

it("every alert has its paragraph in the guide, and leads to it", async () => {
  const rules = await read("deploy/prometheus/s2kit.rules.yml");
  const guide = await read("docs/guides/operations.md");
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);
  const headings = [...guide.matchAll(/^## (S2kit\w+)$/gm)].map(([, name = ""]) => name);
  expect(alerts.length).toBeGreaterThan(10);
  expect(headings).toEqual(alerts);
  const runbooks = [...rules.matchAll(/operations\.md#(\w+)/g)].map(([, anchor]) => anchor);
  expect(runbooks).toEqual(alerts.map((name) => name.toLowerCase()));
});
