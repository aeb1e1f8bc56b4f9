// Start of a server with memory storage, as tests do it, in fresh processes.

import { type Benchmark } from "../bench.ts";
import { type Figure, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { StartServerRole } from "../roles/start-server.ts";

export const start: Benchmark = {
  name: "start",
  title: "Server in a test: memory storage, createServer and listen",
  async run({ rounds }) {
    const loads: number[] = [];
    const listens: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await using role = await startRole<StartServerRole>("start-server", {});
      const { loadMs, listenMs } = await role.call.run(undefined);
      loads.push(loadMs);
      listens.push(listenMs);
    }
    const figures: Figure[] = [
      {
        name: "create and listen",
        unit: "ms",
        value: median(listens),
        goal: { of: "value", relation: "<=", bound: 50 },
        note: `loading the package ${median(loads).toFixed(0)} ms`,
      },
    ];
    return figures;
  },
};
