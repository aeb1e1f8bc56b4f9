// What a command gets besides its arguments: where to read and write, the environment, the
// interrupt, and a client on demand. The client code is loaded only when a command asks for it.

import type { Readable } from "node:stream";
import type { S2 } from "@s2kit/client";
import type { Connection, ConnectionFlags, Place } from "./connection.js";
import type { Input } from "./input.js";
import type { Output } from "./output.js";
import { VERSION } from "./version.js";

export interface ContextComponents {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly out: Output;
  /** Aborts at the first Ctrl-C or SIGTERM; the second ends the process at once. */
  readonly interrupt: AbortSignal;
}

/** How a command may change what the client does. */
export interface ClientSettings {
  /** Retry appends only when nothing can have happened. Default: always, at least once. */
  readonly appendRetryPolicy?: "all" | "noSideEffects";
  readonly transport?: "auto" | "fetch" | "s2s" | "ws";
  /** One try of 5 s: for who asks whether something works. Default: three, of 30 s. */
  readonly isProbe?: boolean;
}

export class Context {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly out: Output;
  readonly interrupt: AbortSignal;
  readonly #input: Input;
  #connection: Connection | undefined;
  readonly #clients: S2[] = [];
  #trustsAny = false;

  constructor(components: ContextComponents, input: Input) {
    this.env = components.env;
    this.stdin = components.stdin;
    this.out = components.out;
    this.interrupt = components.interrupt;
    this.#input = input;
  }

  /** Endpoints, token and their sources. @throws {CliError} when it is only half configured */
  async connection(): Promise<Connection> {
    const { resolveConnection } = await import("./connection.js");
    if (this.#connection !== undefined) return this.#connection;
    this.#connection = await resolveConnection(this.env, this.#flags());
    if (this.#connection.isPlainToken) {
      this.out.warn("the access token is in the configuration file, in plain text");
      this.out.warn("move it to the secret store: s2kit auth access-token migrate");
    }
    return this.#connection;
  }

  /** For what needs no token. @throws {CliError} when the endpoints are only half configured */
  async place(): Promise<Place> {
    const { resolvePlace } = await import("./connection.js");
    return await resolvePlace(this.env, this.#flags());
  }

  /** From now on certificates of servers count or do not. */
  trustAsTold({ skipTlsVerification }: Place): void {
    if (skipTlsVerification && !this.#trustsAny) trustAnyCertificate(this.out);
    this.#trustsAny = skipTlsVerification;
  }

  /** A client for the configured endpoints; closed when the command ends. */
  async client(settings: ClientSettings = {}): Promise<S2> {
    const connection = await this.connection();
    this.trustAsTold(connection);
    const { S2 } = await import("@s2kit/client");
    const { isProbe = false } = settings;
    const client = new S2({
      accessToken: connection.token,
      endpoints: connection.endpoints,
      requestTimeoutMillis: isProbe ? 5000 : 30_000,
      retry: {
        maxAttempts: isProbe ? 1 : 3,
        appendRetryPolicy: settings.appendRetryPolicy ?? "all",
      },
      compression: connection.compression,
      transport: settings.transport ?? "auto",
      userAgent: `s2kit-cli/${VERSION}`,
    });
    this.#clients.push(client);
    return client;
  }

  /** The source of the token, for error hints; never the token. */
  get knownConnection(): Connection | undefined {
    return this.#connection;
  }

  #flags(): ConnectionFlags {
    return {
      endpoint: this.#input.get("endpoint"),
      basinEndpoint: this.#input.get("basin-endpoint"),
      token: this.#input.get("token"),
      context: this.#input.get("context"),
      insecure: this.#input.is("insecure"),
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#clients.splice(0).map((client) => client.close()));
  }
}

/** Node reads the variable at each new TLS connection. Our one line replaces its two at each. */
function trustAnyCertificate(out: Output): void {
  process.removeAllListeners("warning");
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  out.say(out.talk.paint("! TLS certificates are not verified", "yellow"));
}
