// The Prometheus page of a server: its figures, and those of the process. The library is loaded
// when somebody first asks: it takes longer to load than the rest of a start. Holds no names of
// basins, streams or tokens, since the page asks for no token itself. Spec: control-plane#routes.

import type { Metric, Registry } from "prom-client";
import type { Figure, Histogram } from "./figure.js";

export interface PrometheusPage {
  readonly contentType: string;
  /** The page as it is now. */
  render(): Promise<string>;
}

export function createPrometheusPage(figures: readonly Figure[]): PrometheusPage {
  let own: Promise<Registry> | undefined;
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    async render() {
      own ??= makeRegistry(figures);
      const pages = await Promise.all(
        [own, processRegistry()].map(async (each) => (await each).metrics()),
      );
      return pages.join("\n");
    },
  };
}

async function makeRegistry(figures: readonly Figure[]): Promise<Registry> {
  const { Registry } = await library();
  const registry = new Registry();
  for (const figure of figures) registry.registerMetric(metricOf(figure));
  return registry;
}

let shared: Promise<Registry> | undefined;

/**
 * CPU, memory, handles, garbage collection and event-loop delay: one for all servers in a process.
 */
function processRegistry(): Promise<Registry> {
  const make = async (): Promise<Registry> => {
    const { collectDefaultMetrics, Registry } = await library();
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    // Gauges with the name of a counter; what they sum up is there by kind.
    for (const kind of ["handles", "requests", "resources"])
      registry.removeSingleMetric(`nodejs_active_${kind}_total`);
    return registry;
  };
  shared ??= make();
  return shared;
}

async function library(): Promise<typeof import("prom-client")> {
  const loaded = await import("prom-client");
  return loaded.default;
}

/** A line of the page. */
interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number | undefined;
}

/** The part of a metric that a registry reads, fed from a figure. */
function metricOf(figure: Figure): Metric {
  const { name, help, type } = figure;
  const metric = {
    name,
    async get() {
      // A store that is being closed cannot be asked: the rest of the page is wanted all the more.
      const values = await samplesOf(figure).catch(() => []);
      return { name, help, type, aggregator: "sum", values };
    },
  };
  return metric as unknown as Metric;
}

async function samplesOf(figure: Figure): Promise<readonly Sample[]> {
  if (figure.type === "histogram") return bucketsOf(figure);
  if (figure.labels === undefined) return [{ labels: {}, value: await figure.read() }];
  const { labels } = figure;
  return Array.from(figure.read(), ([values, value]) => ({ labels: named(labels, values), value }));
}

function bucketsOf(histogram: Histogram): readonly Sample[] {
  const { name, labels: names = [] } = histogram;
  return [...histogram.read()].flatMap(([values, distribution]) => {
    const labels = named(names, values);
    const counts = distribution.cumulative();
    const bounds = [...distribution.bounds, "+Inf"];
    return [
      ...bounds.map((le, at) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le },
        value: counts[at],
      })),
      { metricName: `${name}_sum`, labels, value: distribution.sum },
      { metricName: `${name}_count`, labels, value: counts.at(-1) ?? 0 },
    ];
  });
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]));
}
