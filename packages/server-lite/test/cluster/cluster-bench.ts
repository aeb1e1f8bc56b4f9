// Several servers over one bucket behind real sockets, in this process; asked through any of them.

import { expect, vi } from "vitest";
import { shardOf } from "../../src/backend/catalog/placement.js";
import { createServer, type S2Server } from "../../src/index.js";
import type { ServerSettings } from "../../src/settings.js";
import { placed } from "../../src/storage/object/stewardship/placement.js";
import { type BucketDouble, KEYS, startDouble } from "../support/bucket-double/double.js";

export const BASIN = "basin-one";
export const SHARDS = 4;
export const ROOT = "root-token-of-the-tests";
export const SECRET = "a secret of nodes".replaceAll(" ", "-");

export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

export class ClusterBench {
  readonly nodes: Map<string, S2Server> = new Map();
  readonly told: string[] = [];
  readonly double: BucketDouble;
  private readonly settings: ServerSettings;

  static async start(settings: ServerSettings = {}): Promise<ClusterBench> {
    vi.stubEnv("AWS_ACCESS_KEY_ID", KEYS.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", KEYS.secretAccessKey);
    return new ClusterBench(await startDouble(), settings);
  }

  private constructor(double: BucketDouble, settings: ServerSettings) {
    this.double = double;
    this.settings = settings;
  }

  async node(name: string): Promise<S2Server> {
    const tell =
      (level: string) =>
      (fields: object, message: string): void =>
        void this.told.push(`${name} ${level} ${message} ${describe(fields)}`);
    const server = createServer(
      {
        rootToken: ROOT,
        ...this.settings,
        port: 0,
        storage: {
          kind: "bucket",
          bucket: "bucket",
          endpoint: this.double.url,
          // A busy machine must not look like one that is gone.
          leaseMs: 3000,
          shards: SHARDS,
          cluster: { nodeId: name, secret: SECRET },
        },
      },
      { logger: { info: tell("info"), warn: tell("warn"), error: tell("error") } },
    );
    this.nodes.set(name, server);
    await server.open();
    return server;
  }

  async ask(
    name: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const server = this.nodes.get(name) as S2Server;
    const response = await server.fetch(
      new Request(`http://127.0.0.1${path.startsWith("/health") ? "" : "/v1"}${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          "s2-basin": BASIN,
          authorization: `Bearer ${ROOT}`,
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      json: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : { text },
    };
  }

  /** Resolves when each shard is where it belongs. */
  async inOrder(): Promise<void> {
    const members = [...this.nodes.keys()].map((node) => ({ node, state: "up" as const }));
    await vi.waitFor(
      () => {
        for (let shard = 0; shard < SHARDS; shard++)
          expect(this.ownerOf(shard)).toBe(placed(shard, members));
      },
      { timeout: 30_000, interval: 20 },
    );
  }

  /** Who said last that it serves a shard. */
  ownerOf(shard: number): string | undefined {
    const last = this.told.findLast((line) =>
      line.includes(`a shard is served {"shard":${shard}}`),
    );
    return last?.split(" ")[0];
  }

  async close(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((server) => server.close()));
    await this.double.close();
    vi.unstubAllEnvs();
  }
}

function describe(fields: object): string {
  const { err, ...rest } = fields as { err?: Error };
  return `${JSON.stringify(rest)} ${err?.message ?? ""}`;
}

/** A name that no shard is placed at beside these. */
export function nameWithout(others: readonly string[]): string {
  for (let at = 0; ; at++) {
    const name = `d${at}`;
    const members = [...others, name].map((node) => ({ node, state: "up" as const }));
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
    if (shards.every((shard) => placed(shard, members) !== name)) return name;
  }
}

/** A name that belongs to a shard. */
export function nameIn(shard: number, from = 0): string {
  for (let at = from; ; at++) {
    const stream = `stream-${String(at).padStart(3, "0")}`;
    if (shardOf({ basin: BASIN, stream }, SHARDS) === shard) return stream;
  }
}
