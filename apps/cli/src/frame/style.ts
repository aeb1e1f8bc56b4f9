// Colours and glyphs, decided per stream: no escape code ever reaches something that is not a
// terminal unless it is asked for. Pure, apart from Node's own table of codes.
// Spec: cli#terminals.

import { styleText } from "node:util";

export type Paint = "red" | "green" | "yellow" | "blue" | "cyan" | "magenta" | "bold" | "dim";

export interface Style {
  readonly hasColor: boolean;
  paint(text: string, ...paints: readonly Paint[]): string;
  readonly glyph: Glyphs;
}

export interface Glyphs {
  readonly ok: string;
  readonly failed: string;
  readonly aborted: string;
  readonly batch: string;
  readonly nothing: string;
  readonly arrow: string;
  readonly bars: readonly string[];
}

const UNICODE: Glyphs = {
  ok: "✓",
  failed: "✗",
  aborted: "■",
  batch: "⦿",
  nothing: "∅",
  arrow: "→",
  bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

const ASCII: Glyphs = {
  ok: "ok",
  failed: "x",
  aborted: "#",
  batch: "*",
  nothing: "(none)",
  arrow: "->",
  bars: ["_", ".", ":", "-", "=", "+", "*", "#"],
};

export interface StyleSettings {
  readonly color: "auto" | "always" | "never";
  readonly ascii: boolean;
  readonly env: NodeJS.ProcessEnv;
}

export function createStyle(isTerminal: boolean, settings: StyleSettings): Style {
  const hasColor = decideColor(isTerminal, settings);
  return {
    hasColor,
    paint: (text, ...paints) =>
      hasColor && text !== "" ? styleText([...paints], text, { validateStream: false }) : text,
    glyph: settings.ascii || isAsciiLocale(settings.env) ? ASCII : UNICODE,
  };
}

/** The flag wins, then NO_COLOR, then what forces colour, then the terminal. */
function decideColor(isTerminal: boolean, { color, env }: StyleSettings): boolean {
  if (color !== "auto") return color === "always";
  if (isSet(env.NO_COLOR)) return false;
  if (isForced(env.FORCE_COLOR) || isForced(env.CLICOLOR_FORCE)) return true;
  return isTerminal && env.CLICOLOR !== "0" && env.TERM !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function isForced(value: string | undefined): boolean {
  return isSet(value) && value !== "0" && value !== "false";
}

/**
 * Whether the locale says ASCII: only an explicit C or POSIX does, as containers often set none at
 * all.
 */
function isAsciiLocale(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL ?? env.LC_CTYPE ?? env.LANG;
  return locale === "C" || locale === "POSIX";
}
