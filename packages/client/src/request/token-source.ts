// The access token of a client: fixed, or fetched again when a server refuses the current one.
// Concurrent requests share one fetch. Spec: sdk#what-may-be-retried, sdk#surface.

import { S2Error } from "@s2kit/core";
import type { AccessTokenProvider } from "../input/options.js";
import { Redacted, reveal } from "../input/redacted.js";

export class TokenSource {
  readonly #provider: AccessTokenProvider | undefined;
  #current: Redacted | undefined;
  #fetching: Promise<Redacted> | undefined;
  /** The token that a server refused, until there is a fresh one. */
  #refused: string | undefined;

  constructor(accessToken: string | AccessTokenProvider) {
    this.#provider = typeof accessToken === "function" ? accessToken : undefined;
    this.#current = typeof accessToken === "function" ? undefined : tokenOf(accessToken);
  }

  /** The token to send next. @throws {S2Error} `authn` when the provider fails */
  async get(): Promise<Redacted> {
    if (this.#current !== undefined) return this.#current;
    return (this.#fetching ??= this.#fetch());
  }

  /** The token if it is at hand; saves a turn of the loop. */
  peek(): Redacted | undefined {
    return this.#current;
  }

  /**
   * Notes that a server refused a token.
   *
   * @returns true when a fresh one can be had: the request may be tried again at no charge
   */
  reject(token: Redacted): boolean {
    if (this.#provider === undefined) return false;
    if (token === this.#current) {
      this.#current = undefined;
      this.#refused = reveal(token);
      this.#fetching = this.#fetch();
    }
    return true;
  }

  /** Waits no longer for a provider that hangs: who asks next has it called again. */
  giveUp(): void {
    this.#fetching = undefined;
  }

  #fetch(): Promise<Redacted> {
    const fetching = this.#ask().finally(() => {
      if (this.#fetching === fetching) this.#fetching = undefined;
    });
    // Whoever asks next sees the failure; nobody may ask.
    fetching.catch(() => undefined);
    return fetching;
  }

  async #ask(): Promise<Redacted> {
    try {
      const fresh = tokenOf((await this.#provider?.(this.#refused)) ?? "");
      if (reveal(fresh) === this.#refused)
        throw new S2Error({ code: "authn", message: "provider returned the refused access token" });
      this.#refused = undefined;
      // One that was given up comes too late to replace a newer token.
      return (this.#current ??= fresh);
    } catch (caught) {
      if (caught instanceof S2Error) throw caught;
      throw new S2Error({ code: "authn", message: "access token provider failed", cause: caught });
    }
  }
}

function tokenOf(text: string): Redacted {
  const token = typeof text === "string" ? text.trim() : "";
  if (token === "" || !/^[\x21-\x7e]+$/.test(token))
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: "access token must be a non-empty text without spaces option=accessToken",
    });
  return new Redacted(token);
}
