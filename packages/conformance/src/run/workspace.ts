// What a run makes on the server and takes away again: basins under a prefix of its own, access
// tokens, the default location. Nothing else is touched. The basins that many cases share are made
// when first needed.

import { type Random, sleep } from "@s2kit/core";
import { Skip } from "../expect.js";
import type { Answer, Http } from "../probe/http.js";
import { authorization, type Target } from "../probe/target.js";

/** Configurations of the basins that cases share. */
const SHARED = {
  plain: {},
  automatic: { create_stream_on_append: true, create_stream_on_read: true },
  "aegis-256": { stream_cipher: "aegis-256" },
  "aes-256-gcm": { stream_cipher: "aes-256-gcm" },
} as const;

export type SharedBasin = keyof typeof SHARED;

/** How often, and how long after one another, it is looked for what came late, ms. */
const LATE_LOOKS = 5;
const LATE_LOOK_MS = 300;

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

export class Workspace {
  /** Begins every name that this run makes. */
  readonly prefix: string;
  readonly #target: Target;
  readonly #http: Http;
  readonly #basins = new Set<string>();
  readonly #tokens = new Set<string>();
  readonly #shared = new Map<SharedBasin, Promise<string>>();
  /** Cases that were left before they ended: what they had asked for may come to be later. */
  #leftCases = false;
  #serial = 0;
  #restore: string | undefined;

  constructor(target: Target, http: Http, random: Random, basinPrefix: string) {
    const chance = Array.from(
      { length: 8 },
      () => LETTERS[Math.floor(random.next() * LETTERS.length)],
    );
    this.prefix = `${basinPrefix}-${chance.join("")}`;
    this.#target = target;
    this.#http = http;
  }

  /** A name that is free, of at least so many bytes; what is made under it goes at the end. */
  basinName(bytes = 0): string {
    const name = `${this.prefix}-${(++this.#serial).toString().padStart(4, "0")}`.padEnd(
      bytes,
      "x",
    );
    this.#basins.add(name);
    return name;
  }

  tokenId(): string {
    const id = `${this.prefix}-t${++this.#serial}`;
    this.#tokens.add(id);
    return id;
  }

  /** A basin that cases share: they make streams of their own in it. */
  shared(kind: SharedBasin): Promise<string> {
    let made = this.#shared.get(kind);
    if (made === undefined) {
      made = this.#make(SHARED[kind]);
      this.#shared.set(kind, made);
    }
    return made;
  }

  async #make(config: object): Promise<string> {
    const basin = this.basinName();
    const answer = await this.ask("POST", "/v1/basins", { basin, config });
    if (answer.status === 403) throw new Skip("the token may not create-basin");
    if (answer.status !== 201)
      throw new Error(`creating a basin answered ${answer.status} ${answer.text}`);
    return basin;
  }

  /** Notes the default location before a case changes it. */
  restoreLocation(name: string): void {
    this.#restore ??= name;
  }

  ask(method: string, path: string, json?: unknown, basin?: string): Promise<Answer> {
    return this.#http.over1({
      method,
      path,
      headers: {
        ...authorization(this.#target.token),
        ...(basin === undefined ? {} : { "s2-basin": basin }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  }

  /** Notes that a case was left before it ended. */
  noteLeft(): void {
    this.#leftCases = true;
  }

  /**
   * Names of basins of this run that are there and not going away.
   *
   * @returns undefined when the server does not tell
   */
  async #present(): Promise<readonly string[] | undefined> {
    const answer = await this.ask("GET", `/v1/basins?prefix=${this.prefix}`).catch(() => undefined);
    const found: unknown = answer?.json?.basins;
    if (answer?.status !== 200 || !Array.isArray(found)) return undefined;
    return found
      .filter((basin) => basin?.state !== "deleting" && (basin?.deleted_at ?? null) === null)
      .map(({ name }) => String(name));
  }

  /** A request that nobody waits for any more may reach the server behind the removal. */
  async #removeLatecomers(remove: (path: string) => Promise<void>): Promise<void> {
    for (let looks = 0; looks < LATE_LOOKS; looks++) {
      await sleep(this.#target.clock, LATE_LOOK_MS);
      for (const name of (await this.#present()) ?? []) await remove(`/v1/basins/${name}`);
    }
  }

  /** Takes everything away, and begins anew; answers what could not be. */
  async clear(): Promise<readonly string[]> {
    const left: string[] = [];
    const remove = async (path: string): Promise<void> => {
      const answer = await this.ask("DELETE", path).catch(() => undefined);
      if (answer === undefined || (answer.status >= 300 && ![404, 501].includes(answer.status)))
        left.push(path);
    };
    if (this.#restore !== undefined) {
      const name = this.#restore;
      const answer = await this.ask("PUT", "/v1/locations/default", name).catch(() => undefined);
      if (answer?.status !== 200) left.push(`/v1/locations/default (was ${name})`);
    }
    for (const id of this.#tokens) await remove(`/v1/access-tokens/${encodeURIComponent(id)}`);
    const basins = [...this.#basins];
    for (let at = 0; at < basins.length; at += 16)
      await Promise.all(basins.slice(at, at + 16).map((name) => remove(`/v1/basins/${name}`)));
    if (this.#leftCases) await this.#removeLatecomers(remove);
    this.#leftCases = false;
    this.#restore = undefined;
    for (const done of [this.#tokens, this.#basins, this.#shared]) done.clear();
    return left;
  }
}
