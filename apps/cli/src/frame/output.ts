// What a command writes: stdout carries data, stderr talks to people. Data writes
// answer a promise when the reader is slow, so a fast stream cannot fill memory. Broken pipes are
// handled in main. Spec: cli#streams-and-exit-codes, cli#terminals.

import type { Writable } from "node:stream";
import { createStyle, type Paint, type Style, type StyleSettings } from "./style.js";

export interface TerminalStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface OutputSettings extends StyleSettings {
  readonly quiet: boolean;
  readonly json: boolean;
}

/** What becomes of a command when nobody reads its output any more. */
export type WhenUnread =
  /** It ends at its next write. */
  | "ends"
  /** It only shows things: it ends although it may have nothing to write for hours. */
  | "endsAtOnce"
  /** It changes something, and goes on. */
  | "goesOn"
  /** It serves others, and goes on whatever becomes of its output, also on a full disk. */
  | "serves";

export class Output {
  whenUnread: WhenUnread = "ends";
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** For what goes to stdout. */
  readonly data: Style;
  /** For what goes to stderr. */
  readonly talk: Style;

  constructor(stdout: TerminalStream, stderr: TerminalStream, settings: OutputSettings) {
    this.isJson = settings.json;
    this.isQuiet = settings.quiet;
    this.stdout = stdout;
    this.stderr = stderr;
    this.data = createStyle(stdout.isTTY === true, settings);
    this.talk = createStyle(stderr.isTTY === true, settings);
  }

  /** Writes data as it is; wait for the promise when there is one. */
  write(bytes: string | Uint8Array): Promise<void> | undefined {
    return writeTo(this.stdout, bytes);
  }

  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** One value as one line of JSON. */
  async json(value: unknown): Promise<void> {
    await this.write(`${JSON.stringify(value)}\n`);
  }

  /** A line to the person; `--quiet` keeps it back. */
  say(text = ""): void {
    if (!this.isQuiet) this.stderr.write(`${text}\n`);
  }

  /** `✓ …` */
  ok(text: string): void {
    this.say(`${this.talk.paint(this.talk.glyph.ok, "green", "bold")} ${text}`);
  }

  /** `! …`; shown even when quiet, since something is not as asked. */
  warn(text: string): void {
    this.stderr.write(`${this.talk.paint("!", "yellow", "bold")} ${text}\n`);
  }

  /** `■ [ABORTED]`, as the field's tools say it. */
  aborted(): void {
    this.say(this.talk.paint(`${this.talk.glyph.aborted} [ABORTED]`, "red", "bold"));
  }

  dim(text: string): void {
    this.say(this.talk.paint(text, "dim"));
  }

  paintData(text: string, ...paints: readonly Paint[]): string {
    return this.data.paint(text, ...paints);
  }

  /** Columns of stdout; undefined when it is no terminal, where nothing is fitted or cut. */
  get dataColumns(): number | undefined {
    return this.stdout.isTTY === true ? this.stdout.columns || undefined : undefined;
  }

  /** Columns of stderr; undefined when it is no terminal or does not tell (some say 0). */
  get talkColumns(): number | undefined {
    return this.stderr.isTTY === true ? this.stderr.columns || undefined : undefined;
  }
}

/** Writes and answers a promise only if the stream asks to wait. */
export function writeTo(stream: Writable, bytes: string | Uint8Array): Promise<void> | undefined {
  if (stream.write(bytes) || stream.destroyed) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      stream.off("error", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
    stream.once("error", done);
  });
}
