// What the tools of `mcp` may touch: everything, or what lies below the URIs of --only. Checked before
// any call to the server; the token's own scope holds besides. Pure.

import type { BasinPrefixUri, StreamUri } from "../uri.js";
import { InvalidParams } from "./json-rpc.js";

export class Scope {
  readonly #only: readonly BasinPrefixUri[];

  /** @param only - an empty list allows everything */
  constructor(only: readonly BasinPrefixUri[]) {
    this.#only = only;
  }

  allowsBasin(basin: string): boolean {
    return this.#only.length === 0 || this.#only.some((each) => each.basin === basin);
  }

  /** @throws {InvalidParams} naming what is allowed */
  requireStream({ basin, stream }: StreamUri): void {
    const isAllowed =
      this.#only.length === 0 ||
      this.#only.some((each) => each.basin === basin && stream.startsWith(each.prefix ?? ""));
    if (!isAllowed) throw this.#refusal(`s2://${basin}/${stream}`);
  }

  /** The prefixes to list below `prefix`; none of them contains another one's streams twice. */
  prefixesIn(basin: string, prefix: string): readonly string[] {
    if (!this.allowsBasin(basin)) throw this.#refusal(`s2://${basin}`);
    if (this.#only.length === 0) return [prefix];
    const found = this.#only.flatMap((each): string[] => {
      const own = each.prefix ?? "";
      if (each.basin !== basin) return [];
      if (prefix.startsWith(own)) return [prefix];
      return own.startsWith(prefix) ? [own] : [];
    });
    return [...new Set(found)].filter(
      (each) => !found.some((other) => other !== each && each.startsWith(other)),
    );
  }

  #refusal(uri: string): InvalidParams {
    const allowed = this.#only.map((each) => `s2://${each.basin}/${each.prefix ?? ""}`).join(", ");
    return new InvalidParams(`outside of what --only allows uri=${uri} allowed=${allowed}`);
  }
}
