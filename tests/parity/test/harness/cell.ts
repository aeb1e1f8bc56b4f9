// One cell of the table: a command, a server, and what may differ there. A row gets a shell: a home
// of its own, pointed at the server of the cell.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { DIFFERENCES, type DifferenceName } from "./differences.js";
import { mayRunHere, runHere } from "./in-process.js";
import { type Ended, type Running, type StartOptions, start } from "./process.js";
import { type CellOfTable, HAS_OFFICIAL, programOf, type Vendor } from "./programs.js";

const USED = new Set<DifferenceName>();

/** The differences that no case asked for so far. */
export function unusedDifferences(): readonly string[] {
  return Object.keys(DIFFERENCES).filter((name) => !USED.has(name as DifferenceName));
}

type Stated<Name extends DifferenceName> =
  | (typeof DIFFERENCES)[Name]["official"]
  | (typeof DIFFERENCES)[Name]["ours"];

export class Cell {
  readonly cli: Vendor;
  readonly server: Vendor;
  readonly url: string;

  constructor(place: CellOfTable, url: string) {
    this.cli = place.cli;
    this.server = place.server;
    this.url = url;
  }

  /** What this cell must do where the vendors differ on purpose. */
  expected<Name extends DifferenceName>(name: Name): Stated<Name> {
    USED.add(name);
    const { of, official, ours } = DIFFERENCES[name];
    return (of === "cli" ? this.cli : this.server) === "ours" ? ours : official;
  }

  shell(): Shell {
    return new Shell(this);
  }
}

export interface RunOptions extends Omit<StartOptions, "env"> {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export class Shell implements Disposable {
  readonly cell: Cell;
  readonly home: string;

  constructor(cell: Cell) {
    this.cell = cell;
    this.home = mkdtempSync(join(tmpdir(), "s2kit-parity-"));
  }

  path(name: string): string {
    return join(this.home, name);
  }

  #environment(env: RunOptions["env"] = {}): Record<string, string> {
    const all: Record<string, string | undefined> = {
      PATH: process.env.PATH,
      // Where the gate keeps compiled code: each file of the command is parsed once.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: this.home,
      XDG_CONFIG_HOME: undefined,
      APPDATA: this.home,
      NO_COLOR: "1",
      S2_NO_UPDATE_CHECK: "1",
      S2_ACCOUNT_ENDPOINT: this.cell.url,
      S2_BASIN_ENDPOINT: this.cell.url,
      S2_ACCESS_TOKEN: "ignored",
      ...env,
    };
    const given = Object.entries(all).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return Object.fromEntries(given);
  }

  start(args: readonly string[], options: RunOptions = {}): Running {
    const { env, ...rest } = options;
    return start([...programOf(this.cell.cli), ...args], { env: this.#environment(env), ...rest });
  }

  /** To its end. Ours needs no process for that where nothing is compared with the official one. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { env, input = "" } = options;
    if (HAS_OFFICIAL || !mayRunHere(args, options)) return this.start(args, options).ended;
    return runHere(args, this.#environment(env), input);
  }

  /** Ctrl-C, until it ends. Ours needs one signal only, also while stdin is open. */
  async interrupt(running: Running): Promise<Ended> {
    let hasEnded = false;
    const ended = running.ended.finally(() => {
      hasEnded = true;
    });
    running.child.kill("SIGINT");
    if (this.cell.expected("number of Ctrl-C") === "one") return ended;
    while (!hasEnded) {
      await Promise.race([ended, sleep(500)]);
      running.child.stdin?.end();
      if (!hasEnded) running.child.kill("SIGINT");
    }
    return ended;
  }

  /** Runs, expects success. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const end = await this.run(args, options);
    expect(end.code, `${args.join(" ")}\n${end.stdout}\n${end.stderr}`).toBe(0);
    return end;
  }

  /** Runs, expects this exit code, something said on stderr, and nothing on stdout. */
  async fails(
    args: readonly string[],
    code: number,
    says: RegExp | string,
    options: RunOptions = {},
  ): Promise<Ended> {
    const end = await this.run(args, options);
    expect([args, end.code, end.stdout], end.stderr).toEqual([args, code, ""]);
    expect(unwrapped(end.stderr)).toMatch(says);
    return end;
  }

  /** Repeats a command until its output is as wanted: deletion and trimming are asynchronous. */
  async eventually(args: readonly string[], isDone: (end: Ended) => boolean): Promise<Ended> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const end = await this.run(args);
      if (isDone(end)) return end;
      if (Date.now() > deadline)
        throw new Error(`${args.join(" ")} did not change: ${JSON.stringify(end)}`);
      await sleep(100);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Error reports of the official command are wrapped to 80 columns behind a bar, also within words. */
function unwrapped(text: string): string {
  return `${text}\n${text.replace(/-\n\s*[│╰─▶]*\s*/g, "-").replace(/\n\s*[│╰─▶]*\s*/g, " ")}`;
}
