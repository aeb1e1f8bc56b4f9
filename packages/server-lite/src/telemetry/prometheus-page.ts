// The Prometheus page of a server: its distributions and gauges, and those of the process. The
// library is loaded when somebody first asks: it takes longer to load than the rest of a start.
// Holds no names of basins, streams or tokens, since the page asks for no token itself.
// Spec: control-plane#routes.

import type { Metric, Registry } from "prom-client";
import type { Distribution } from "./distribution.js";

export interface NamedDistribution {
  readonly name: string;
  readonly help: string;
  readonly distribution: Distribution;
}

interface PlainGauge {
  readonly name: string;
  readonly help: string;
  readonly label?: undefined;
  read(): number;
}

/** One value for each value of a label. */
interface LabelledGauge {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  read(): ReadonlyMap<string, number>;
}

export type NamedGauge = PlainGauge | LabelledGauge;

export interface PrometheusPage {
  readonly contentType: string;
  /** The page as it is now. */
  render(): Promise<string>;
}

export function createPrometheusPage(
  distributions: readonly NamedDistribution[],
  gauges: readonly NamedGauge[],
): PrometheusPage {
  let own: Promise<Registry> | undefined;
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    async render() {
      own ??= makeRegistry(distributions, gauges);
      const pages = await Promise.all(
        [own, processRegistry()].map(async (each) => (await each).metrics()),
      );
      return pages.join("\n");
    },
  };
}

async function makeRegistry(
  distributions: readonly NamedDistribution[],
  gauges: readonly NamedGauge[],
): Promise<Registry> {
  const { Gauge, Registry } = await library();
  const registry = new Registry();
  for (const each of distributions) registry.registerMetric(histogramOf(each));
  for (const gauge of gauges)
    new Gauge({
      name: gauge.name,
      help: gauge.help,
      registers: [registry],
      ...(gauge.label === undefined ? {} : { labelNames: [gauge.label] }),
      collect() {
        if (gauge.label === undefined) this.set(gauge.read());
        else for (const [value, count] of gauge.read()) this.set({ [gauge.label]: value }, count);
      },
    });
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
    return registry;
  };
  shared ??= make();
  return shared;
}

async function library(): Promise<typeof import("prom-client")> {
  const loaded = await import("prom-client");
  return loaded.default;
}

/** The part of a metric that a registry reads, fed from a distribution. */
function histogramOf({ name, help, distribution }: NamedDistribution): Metric {
  const metric = {
    name,
    get() {
      const counts = distribution.cumulative();
      const bounds = [...distribution.bounds, "+Inf"];
      const count = counts.at(-1) ?? 0;
      const values = [
        ...bounds.map((le, at) => ({
          metricName: `${name}_bucket`,
          labels: { le },
          value: counts[at],
        })),
        { metricName: `${name}_sum`, labels: {}, value: distribution.sum },
        { metricName: `${name}_count`, labels: {}, value: count },
      ];
      return Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values });
    },
  };
  return metric as unknown as Metric;
}
