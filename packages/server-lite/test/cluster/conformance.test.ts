// What any S2 server must do, asked of one that has no shard: all of it is passed on. Takes a minute, so
// only on demand: S2KIT_CLUSTER_CONFORMANCE=1, with the packages built.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ClusterBench, nameWithout, ROOT } from "./cluster-bench.js";

const COMMAND = fileURLToPath(new URL("../../../conformance/dist/main.js", import.meta.url));
const isWanted = process.env.S2KIT_CLUSTER_CONFORMANCE !== undefined;

it.runIf(isWanted)(
  "a server without a shard conforms (needs S2KIT_CLUSTER_CONFORMANCE)",
  async () => {
    const bench = await ClusterBench.start();
    try {
      const owners = ["a", "b"];
      await Promise.all(owners.map((name) => bench.node(name)));
      await bench.inOrder();
      const none = await bench.node(nameWithout(owners));
      const { url } = await none.listen();
      const child = spawn(process.execPath, [COMMAND, url, "--token", ROOT, "--quiet"]);
      let report = "";
      child.stdout.on("data", (chunk: Buffer) => {
        report += String(chunk);
      });
      child.stderr.on("data", (chunk: Buffer) => {
        report += String(chunk);
      });
      await once(child, "close");
      const failed = [...report.matchAll(/^FAILED (\S+)/gm)].map(([, name]) => name ?? "");
      expect(
        failed.filter((name) => !name.startsWith("otlp/")),
        report,
      ).toEqual([]);
    } finally {
      await bench.close();
    }
  },
  300_000,
);
