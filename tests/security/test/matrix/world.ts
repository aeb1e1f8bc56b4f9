// One server with a simulated clock, the root token that makes everything, and small worlds in it: a basin
// with a stream of one record and a token to revoke. What a world looks like is one value, to be compared.

import { type Clock } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { type Ask, type Carrier, Carriers, type Outcome } from "./carriers.js";
import type { Target } from "./rows.js";
import { childOf, type Grant } from "./rule.js";
import { type Shape, STREAM_PREFIX, type WorldNames } from "./shapes.js";

const ROOT = "root-token-of-the-matrix";

export interface Holder {
  readonly token: string;
  readonly tokenId: string;
  readonly grant: Grant;
}

export interface World extends WorldNames {
  readonly id: string;
}

export class Ground {
  readonly clock: SimulatedClock;
  readonly carriers: Carriers;
  readonly #server: S2Server;
  #worlds = 100;

  private constructor(server: S2Server, url: string, clock: SimulatedClock) {
    this.#server = server;
    this.clock = clock;
    this.carriers = new Carriers(url);
  }

  static async open(): Promise<Ground> {
    const clock = createSimulatedClock(Date.UTC(2026, 10, 28));
    const server = createServer(
      { port: 0, rootToken: ROOT, drainGraceMs: 100 },
      { clock: clock as Clock },
    );
    const { url } = await server.listen();
    return new Ground(server, url, clock);
  }

  async close(): Promise<void> {
    this.carriers.close();
    await this.#server.close();
  }

  ask(carrier: Carrier, asked: Ask, token: string | undefined): Promise<Outcome> {
    return this.carriers.ask(carrier, withToken(asked, token));
  }

  async root(method: string, path: string, json?: unknown, basin?: string): Promise<Outcome> {
    const headers: Record<string, string> = {};
    if (basin !== undefined) headers["s2-basin"] = basin;
    if (json !== undefined) headers["content-type"] = "application/json";
    const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
    return this.ask("h2", { method, path, headers, body }, ROOT);
  }

  nextNames(): World {
    const id = `w${this.#worlds++}`;
    return {
      id,
      basin: `${id}-basin-of-matrix`,
      stream: `${STREAM_PREFIX}${id}`,
      tokenId: `${id}-victim`,
    };
  }

  async build(world: World): Promise<void> {
    const stream = encodeURIComponent(world.stream);
    await this.must("PUT", `/v1/basins/${world.basin}`);
    await this.must("PUT", `/v1/streams/${stream}`, {}, world.basin);
    const records = [{ body: "first" }];
    await this.must("POST", `/v1/streams/${stream}/records`, { records }, world.basin);
    const scope = { ops: ["read"] };
    await this.must("POST", "/v1/access-tokens", { id: world.tokenId, scope });
  }

  /** Issues the tokens of a shape, its parents first; `life` in ms. */
  async issue(shape: Shape, id: string, life?: number): Promise<Holder> {
    const issuer =
      shape.parent === undefined ? undefined : await this.issue(shape.parent, `${id}-parent`);
    const json = {
      id,
      scope: shape.scope,
      auto_prefix_streams: shape.isAutomatic === true,
      ...(life === undefined ? {} : { expires_at: this.#timeIn(life) }),
    };
    const path = "/v1/access-tokens";
    const headers = { "content-type": "application/json" };
    const body = Buffer.from(JSON.stringify(json));
    const answer = await this.ask(
      "h2",
      { method: "POST", path, headers, body },
      issuer?.token ?? ROOT,
    );
    if (answer.status !== 201) throw new Error(`${shape.name}: ${answer.status} ${answer.text}`);
    const { access_token: token } = JSON.parse(answer.text) as { readonly access_token: string };
    const from: Grant = issuer?.grant ?? { scope: {}, prefix: "" };
    return { token, tokenId: id, grant: childOf(from, shape.scope, shape.isAutomatic === true) };
  }

  async revoke(id: string): Promise<void> {
    await this.must("DELETE", `/v1/access-tokens/${id}`);
  }

  /** Everything that a request could have changed in a world, as one value. */
  async stateOf(world: World): Promise<unknown> {
    const { basin, id } = world;
    const stream = `/v1/streams/${encodeURIComponent(world.stream)}`;
    const asked: readonly (readonly [string, string?])[] = [
      [`/v1/basins?prefix=${id}`],
      [`/v1/access-tokens?prefix=${id}`],
      ["/v1/locations/default"],
      [`/v1/basins/${basin}`],
      ["/v1/streams", basin],
      [stream, basin],
      [`${stream}/records?seq_num=0&clamp=true`, basin],
    ];
    const answers = await Promise.all(
      asked.map(([path, of]) => this.root("GET", path, undefined, of)),
    );
    return answers.map(({ status, text }) => [status, text]);
  }

  async must(method: string, path: string, json?: unknown, basin?: string): Promise<void> {
    const { status, text } = await this.root(method, path, json, basin);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  }

  #timeIn(ms: number): string {
    return new Date(this.clock.now() + ms).toISOString();
  }
}

export function withToken(asked: Ask, token: string | undefined): Ask {
  if (token === undefined) return asked;
  return { ...asked, headers: { ...asked.headers, authorization: `Bearer ${token}` } };
}

/** The world in the words of a token's holder. */
export function targetOf(world: World, grant: Grant, suffix: string): Target {
  const { prefix } = grant;
  const { basin, tokenId } = world;
  const stream = world.stream.startsWith(prefix) ? world.stream.slice(prefix.length) : world.stream;
  return {
    basin,
    stream,
    tokenId,
    newBasin: `${basin}-${suffix}`,
    newStream: `${stream}-${suffix}`,
    newTokenId: `${tokenId}-${suffix}`,
  };
}
