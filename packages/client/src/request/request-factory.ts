// Builds URLs and headers of requests: the one place that knows the endpoint, the token, the basin
// header and the user agent. Spec: sdk#endpoints, sdk#request-headers.

import {
  type BasinName,
  buildPath,
  HEADER_BASIN,
  type PathParams,
  ROUTES,
  type RouteName,
} from "@s2kit/core";
import type { Settings } from "../input/options.js";
import { type Redacted, reveal } from "../input/redacted.js";
import type { TokenSource } from "./token-source.js";

/** Paths of the route table begin with this; endpoints bring their own. */
const ROUTE_BASE = "/v1";

/** What a request is about. */
export interface Target {
  readonly route: RouteName;
  readonly params?: PathParams | undefined;
  /** Of the request; for account routes undefined. */
  readonly basin?: BasinName | undefined;
  /** Without the question mark. */
  readonly query?: string | undefined;
}

export class RequestFactory {
  readonly #settings: Settings;
  readonly #tokens: TokenSource;

  constructor(settings: Settings, tokens: TokenSource) {
    this.#settings = settings;
    this.#tokens = tokens;
  }

  url(target: Target): string {
    const { endpoints } = this.#settings;
    const base =
      target.basin === undefined ? endpoints.accountUrl() : endpoints.basinUrl(target.basin);
    const path = buildPath(target.route, target.params).slice(ROUTE_BASE.length);
    const query = target.query === undefined || target.query === "" ? "" : `?${target.query}`;
    return `${base}${path}${query}`;
  }

  method(target: Target): string {
    return ROUTES[target.route].method;
  }

  /** @throws {S2Error} `authn` when no token can be had */
  async headers(
    target: Target,
    extra: Readonly<Record<string, string | undefined>>,
  ): Promise<{ readonly headers: Record<string, string>; readonly token: Redacted }> {
    const token = this.#tokens.peek() ?? (await this.#tokens.get());
    const headers: Record<string, string> = { ...this.#settings.headers };
    for (const [name, value] of Object.entries(extra))
      if (value !== undefined) headers[name] = value;
    headers.authorization = `Bearer ${reveal(token)}`;
    if (target.basin !== undefined && this.#settings.endpoints.isBasinExplicit)
      headers[HEADER_BASIN] = target.basin;
    if (this.#settings.userAgent !== undefined) headers["user-agent"] = this.#settings.userAgent;
    return { headers, token };
  }

  /** The provider took too long: the next who needs a token asks it again. */
  giveUpToken(): void {
    this.#tokens.giveUp();
  }

  /** True when a refused token can be replaced by a fresh one. */
  reject(token: Redacted | undefined): boolean {
    return token !== undefined && this.#tokens.reject(token);
  }
}
