// What a server says that it holds: the lines of its Prometheus page.

import { HELD_KINDS, type HeldKind } from "../../../src/memory/held-kinds.js";
import { call } from "../../support/call.js";

export interface Held {
  readonly kinds: Readonly<Record<HeldKind, number>>;
  readonly sum: number;
  readonly max: number;
  readonly gaveWay: number;
}

export async function heldBy(url: string): Promise<Held> {
  const { status, text } = await call(url, "GET", "/metrics");
  const valueOf = (line: string): number => {
    const start = text.indexOf(`\n${line} `);
    if (start < 0)
      throw new Error(`the page has no ${line} status=${status} ${text.slice(0, 200)}`);
    return Number(text.slice(start + line.length + 2, text.indexOf("\n", start + 1)));
  };
  const kinds = Object.fromEntries(
    HELD_KINDS.map((kind) => [kind, valueOf(`s2kit_memory_held_bytes{kind="${kind}"}`)]),
  ) as Record<HeldKind, number>;
  return {
    kinds,
    sum: Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0),
    max: valueOf("s2kit_memory_held_max_bytes"),
    gaveWay: valueOf("s2kit_memory_gave_way_total"),
  };
}
