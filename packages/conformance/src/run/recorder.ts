// What was asked and answered in a run: the cells of the coverage table. Cases do not claim what
// they cover; every request and frame is noted here when it happens.

import { routeOf } from "../operations.js";

/** In which form records travelled: of the two JSON forms by the `s2-format` of the request. */
export type WireFormat = "json" | "json-base64" | "protobuf" | "s2s" | "sse";

/** One kind of answer that was seen: operation, form, carrier, and how it ended. */
export interface Cell {
  readonly operation: string;
  readonly format: WireFormat;
  /** How it travelled: `h1`, `h2`, `ws`. */
  readonly carrier: string;
  readonly status: number;
  /** The code of an error, or empty. */
  readonly code: string;
}

export class Recorder {
  readonly #cells = new Map<string, Cell>();

  note(method: string, path: string, cell: Omit<Cell, "operation">): void {
    const operation = routeOf(method, path)?.name ?? "no route";
    const whole = { operation, ...cell };
    this.#cells.set(Object.values(whole).join(" "), whole);
  }

  cells(): readonly Cell[] {
    return [...this.#cells.keys()].sort().flatMap((key) => this.#cells.get(key) ?? []);
  }
}

/** The format of a unary request: what it sends for appends, what it asks for else. */
export function formatOf(method: string, headers: Readonly<Record<string, string>>): WireFormat {
  const type = method === "POST" ? headers["content-type"] : headers.accept;
  if (/protobuf/.test(type ?? "")) return "protobuf";
  if (/text\/event-stream/.test(type ?? "")) return "sse";
  if (headers["content-type"] === "s2s/proto") return "s2s";
  return /^(base64|json-binsafe)$/.test(headers["s2-format"] ?? "") ? "json-base64" : "json";
}

export function codeOf(json: unknown): string {
  if (typeof json !== "object" || json === null || !("code" in json)) return "";
  return typeof json.code === "string" ? json.code : "";
}
