// The client itself, without the runtime: assembles settings, components and transports once. The
// faces give it the runtime of Node or of the web. Spec: sdk#surface.

import { parseBasinName } from "@s2kit/core";
import type { S2AccessTokens } from "./account/access-tokens.js";
import type { S2Basins } from "./account/basins.js";
import type { S2Locations } from "./account/locations.js";
import type { AccountManagers } from "./account/managers.js";
import type { S2Metrics } from "./account/metrics.js";
import { S2Basin } from "./basin.js";
import {
  resolveComponents,
  resolveSettings,
  type S2Components,
  type S2Options,
} from "./input/options.js";
import { ClientContext } from "./request/client-context.js";
import { RequestFactory } from "./request/request-factory.js";
import { TokenSource } from "./request/token-source.js";
import { UnaryClient } from "./request/unary.js";
import type { Runtime } from "./runtime.js";
import { createFetchTransport } from "./transport/fetch.js";

/** What the client is in every runtime. */
export abstract class S2Base implements AsyncDisposable {
  /** Management of the basins of the account. */
  readonly basins: S2Basins;
  /** Management of the access tokens of the account. */
  readonly accessTokens: S2AccessTokens;
  /** Where basins may live. */
  readonly locations: S2Locations;
  /** Usage over time. */
  readonly metrics: S2Metrics;
  readonly #context: ClientContext;
  readonly #managers: AccountManagers;
  readonly #runtime: Runtime;

  protected constructor(runtime: Runtime, options: S2Options, components: S2Components) {
    const settings = resolveSettings(options, runtime.userAgent);
    const resolved = resolveComponents(components);
    const requests = new RequestFactory(settings, new TokenSource(options.accessToken));
    const plain = components.carrier ?? createFetchTransport({ fetch: components.fetch });
    const codec = runtime.codec(settings);
    this.#context = new ClientContext({
      settings,
      components: resolved,
      requests,
      unary: new UnaryClient(plain, requests, settings, resolved, codec),
      codec,
      plain,
      runtime,
      fixed: components.carrier,
    });
    this.#runtime = runtime;
    this.#managers = runtime.accountManagers(this.#context);
    const { basins, accessTokens, locations, metrics } = this.#managers;
    this.basins = basins;
    this.accessTokens = accessTokens;
    this.locations = locations;
    this.metrics = metrics;
  }

  /** A handle of a basin, whether it exists or not. @throws {S2Error} `INVALID_ARGUMENT` */
  basin(name: string): S2Basin {
    const basin = parseBasinName(name);
    return new S2Basin(this.#context, this.#runtime, basin, this.#managers.streamsOf(basin));
  }

  /** Ends all sessions and closes all connections. Idempotent. */
  close(): Promise<void> {
    return this.#context.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
