// One answer out of those of all shards, each of which is one of the whole API: pages of names in
// the order of all, without a gap and with an exact `has_more`; metrics that are added up or
// united. Pure.

import { compareUtf8 } from "@s2kit/core";
import type { Metric, MetricPoint } from "@s2kit/core/control";

/** A page of a list, as JSON. */
export interface JsonPage {
  readonly items: readonly { readonly name: string }[];
  readonly hasMore: boolean;
}

/**
 * @param pages - each of one shard, for the same range and the same limit: whoever has more has
 *   given as many as that
 */
export function joinedPage(pages: readonly JsonPage[], limit: number): JsonPage {
  const items = pages.flatMap((page) => page.items).sort((a, b) => compareUtf8(a.name, b.name));
  return {
    items: items.slice(0, limit),
    hasMore: items.length > limit || pages.some(({ hasMore }) => hasMore),
  };
}

/** Series of one name are added up point by point, labels united. */
export function joinedMetrics(parts: readonly (readonly Metric[])[]): readonly Metric[] {
  const joined = new Map<string, Metric>();
  for (const metric of parts.flat()) {
    const key = `${metric.kind} ${metric.name}`;
    const before = joined.get(key);
    joined.set(key, before === undefined ? metric : sumOf(before, metric));
  }
  return [...joined.values()];
}

function sumOf(a: Metric, b: Metric): Metric {
  switch (a.kind) {
    case "scalar":
      return b.kind === "scalar" ? { ...a, value: a.value + b.value } : a;
    case "accumulation":
      return b.kind === "accumulation" ? { ...a, values: addedUp(a.values, b.values) } : a;
    case "gauge":
      return b.kind === "gauge" ? { ...a, values: addedUp(a.values, b.values) } : a;
    case "label":
      return b.kind === "label" ? { ...a, values: united(a.values, b.values) } : a;
  }
}

function addedUp(...lists: readonly (readonly MetricPoint[])[]): readonly MetricPoint[] {
  const sums = new Map<number, number>();
  for (const [at, value] of lists.flat()) sums.set(at, (sums.get(at) ?? 0) + value);
  return [...sums].sort(([a], [b]) => a - b);
}

function united(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort(compareUtf8);
}
