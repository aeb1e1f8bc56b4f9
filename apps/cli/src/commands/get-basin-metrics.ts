// `get-basin-metrics`: usage over time, as tables, charts or JSON.
// Spec: cli#metrics-commands.

import type { BasinMetricSet } from "@s2kit/core/control";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { metricsRange, showMetrics } from "../show/metrics-view.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const range = metricsRange(input, Date.now());
  const client = await context.client();
  const { values } = await client.metrics.basin({
    basin: input.need<string>("basin"),
    set: input.need<BasinMetricSet>("metric"),
    ...range,
  });
  await showMetrics(context.out, values, input.is("chart"));
}
