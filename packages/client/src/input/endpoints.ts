// Endpoint templates: where account and basin requests go. A template may hold `{basin}` in its
// host or path. URL parsers refuse braces, so a stand-in label takes their place while parsing.
// Spec: sdk#endpoints.

import { type BasinName, kindOf, requireKnownOptions, S2Error } from "@s2kit/core";

const DEFAULT_ACCOUNT = "https://a.s2.dev/v1";
const DEFAULT_BASIN = "https://{basin}.b.s2.dev/v1";
const BASIN_MARK = "{basin}";
/** A legal host label that no real endpoint uses. */
const STAND_IN = "s2kit-basin-stand-in";

/** A parsed template. */
interface Template {
  readonly scheme: "http" | "https";
  /** Host and port; the basin mark is the stand-in. */
  readonly host: string;
  /** Without a trailing slash; may hold the basin mark. */
  readonly path: string;
}

/** Addresses of the account and of its basins: a host, a host with port, or a URL. */
export interface EndpointTemplates {
  /** Default `https://a.s2.dev/v1`. */
  readonly account?: string | undefined;
  /** Default `https://{basin}.b.s2.dev/v1`. */
  readonly basin?: string | undefined;
}

/**
 * The two addresses of a service. Missing scheme means https, or http for this machine
 * (`localhost`, `127.0.0.0/8`, `[::1]`); a missing path means `/v1`.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` for a template outside the grammar
 */
export class S2Endpoints {
  readonly #accountTemplate: Template;
  readonly #basinTemplate: Template;
  /** True when the basin endpoint was given: basin requests then carry the `s2-basin` header. */
  readonly isBasinExplicit: boolean;

  constructor(templates: EndpointTemplates = {}) {
    requireKnownOptions(templates, ["account", "basin"], "S2Options.endpoints");
    this.#accountTemplate = parseTemplate(templates.account ?? DEFAULT_ACCOUNT, "account");
    this.#basinTemplate = parseTemplate(templates.basin ?? DEFAULT_BASIN, "basin");
    this.isBasinExplicit = templates.basin !== undefined;
  }

  /**
   * One address for account and basins alike, as a self-hosted server has.
   *
   * @example `new S2({ accessToken, endpoints: S2Endpoints.forEndpoint("http://localhost:8080") })`
   */
  static forEndpoint(url: string): S2Endpoints {
    return new S2Endpoints({ account: url, basin: url });
  }

  /** Base URL of account requests, without a trailing slash. */
  accountUrl(): string {
    const { scheme, host, path } = this.#accountTemplate;
    return `${scheme}://${host}${path}`;
  }

  /** Base URL of requests about one basin, without a trailing slash. */
  basinUrl(basin: BasinName): string {
    const { scheme, host, path } = this.#basinTemplate;
    const filledPath = path.replaceAll(BASIN_MARK, encodeURIComponent(basin));
    return `${scheme}://${host.replaceAll(STAND_IN, basin)}${filledPath}`;
  }
}

function parseTemplate(text: string, kind: "account" | "basin"): Template {
  if (typeof text !== "string") throw broken(`endpoint must be text given=${kindOf(text)}`, kind);
  const trimmed = text.trim();
  if (trimmed === "") throw broken("endpoint must not be empty", kind);
  if (/[?#]/.test(trimmed)) throw broken("endpoint must not have a query or fragment", kind);
  const [, scheme, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(trimmed) ?? [];
  const slash = rest.indexOf("/");
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? "/v1" : rest.slice(slash).replace(/\/+$/, "");
  if (authority.includes("@")) throw broken("endpoint must not hold user information", kind);
  if (kind === "account" && trimmed.includes(BASIN_MARK))
    throw broken("account endpoint must not hold {basin}", kind);
  const host = parseHost(authority, kind);
  if (/[{}]/.test(path.replaceAll(BASIN_MARK, "")))
    throw broken("endpoint may hold {basin} as its only variable", kind);
  return { scheme: schemeOf(scheme, host, kind), host, path: normalPath(path, kind) };
}

function parseHost(authority: string, kind: string): string {
  const filled = authority.replaceAll(BASIN_MARK, STAND_IN);
  if (filled === "" || /[{}\s\\]/.test(filled)) throw broken("endpoint has no valid host", kind);
  try {
    // The scheme only decides which port is dropped as the default one: none is for this pair.
    const { hostname } = new URL(`https://${filled}`);
    const port = /:(\d*)$/.exec(filled.replace(/^\[[^\]]*\]/, ""))?.[1];
    if (port === undefined) return hostname;
    if (port === "" || Number(port) > 65_535) throw broken("endpoint has no valid port", kind);
    return `${hostname}:${Number(port)}`;
  } catch (cause) {
    if (cause instanceof S2Error) throw cause;
    throw broken("endpoint has no valid host", kind, cause);
  }
}

function schemeOf(scheme: string | undefined, host: string, kind: string): "http" | "https" {
  switch (scheme?.toLowerCase()) {
    case "http":
      return "http";
    case "https":
      return "https";
    case undefined:
      return isThisMachine(host) ? "http" : "https";
    default:
      throw broken("endpoint scheme must be http or https", kind);
  }
}

/** Escapes what a URL path may not hold, but keeps the basin mark readable. */
function normalPath(path: string, kind: string): string {
  try {
    const url = new URL(`http://host${path.replaceAll(BASIN_MARK, STAND_IN)}`);
    return url.pathname.replace(/\/+$/, "").replaceAll(STAND_IN, BASIN_MARK);
  } catch (cause) {
    throw broken("endpoint has no valid path", kind, cause);
  }
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host);
}

function broken(rule: string, kind: string, cause?: unknown): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message: `${rule} endpoint=${kind}`, cause });
}
