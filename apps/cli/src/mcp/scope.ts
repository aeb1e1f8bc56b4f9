// What the tools of `mcp` may touch: everything, or what the URIs of --only name: a basin, exactly
// one stream, or, with a `/` at the end, the streams below it. Checked before any call to the
// server; the token's own scope holds besides. Pure.

import { type BasinPrefixUri, parseBasinPrefixUri, type StreamUri } from "../values/uri.js";
import { InvalidParams } from "./json-rpc.js";

/** What one URI of --only allows. */
type Allowed =
  | { readonly kind: "streams-below"; readonly basin: string; readonly prefix: string }
  | { readonly kind: "stream"; readonly basin: string; readonly stream: string };

export class Scope {
  readonly #only: readonly Allowed[];

  /**
   * @param only - URIs as given; an empty list allows everything. @throws {CliError} exit code 2
   */
  constructor(only: readonly string[]) {
    this.#only = only.map((text) => allowedBy(parseBasinPrefixUri(text)));
  }

  allowsBasin(basin: string): boolean {
    return this.#only.length === 0 || this.#only.some((each) => each.basin === basin);
  }

  allowsStream(basin: string, stream: string): boolean {
    return this.#only.length === 0 || this.#only.some((each) => covers(each, basin, stream));
  }

  /** @throws {InvalidParams} naming what is allowed */
  requireStream({ basin, stream }: StreamUri): void {
    if (!this.allowsStream(basin, stream)) throw this.#refusal(`s2://${basin}/${stream}`);
  }

  /**
   * The prefixes to list below `prefix`; none of them contains another one's streams twice. What
   * they list may be more than what is allowed: ask for each stream.
   */
  prefixesIn(basin: string, prefix: string): readonly string[] {
    if (!this.allowsBasin(basin)) throw this.#refusal(`s2://${basin}`);
    if (this.#only.length === 0) return [prefix];
    const found = this.#only.flatMap((each): string[] => {
      if (each.basin !== basin) return [];
      const own = each.kind === "stream" ? each.stream : each.prefix;
      if (each.kind === "streams-below" && prefix.startsWith(own)) return [prefix];
      return own.startsWith(prefix) ? [own] : [];
    });
    return [...new Set(found)].filter(
      (each) => !found.some((other) => other !== each && each.startsWith(other)),
    );
  }

  #refusal(uri: string): InvalidParams {
    const allowed = this.#only.map(shownUri).join(", ");
    return new InvalidParams(`outside of what --only allows uri=${uri} allowed=${allowed}`);
  }
}

function allowedBy({ basin, prefix = "" }: BasinPrefixUri): Allowed {
  return prefix === "" || prefix.endsWith("/")
    ? { kind: "streams-below", basin, prefix }
    : { kind: "stream", basin, stream: prefix };
}

function covers(allowed: Allowed, basin: string, stream: string): boolean {
  if (allowed.basin !== basin) return false;
  return allowed.kind === "stream" ? allowed.stream === stream : stream.startsWith(allowed.prefix);
}

function shownUri(allowed: Allowed): string {
  return `s2://${allowed.basin}/${allowed.kind === "stream" ? allowed.stream : allowed.prefix}`;
}
