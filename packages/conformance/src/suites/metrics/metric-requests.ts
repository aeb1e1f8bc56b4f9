// Questions about metrics: something to count at each level, and how it is asked for. Used by the
// suite in metrics.ts and its ranges.

import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

export type Level = "account" | "basin" | "stream";

export const DAY_SECS = 86_400;

export async function place(context: Context, level: Level): Promise<string> {
  const stream = await context.stream();
  await stream.bodies("counted");
  await stream.get("seq_num=0");
  if (level === "account") return "";
  return level === "basin" ? `/${stream.basin}` : `/${stream.basin}/${stream.name}`;
}

export function ask(
  context: Context,
  path: string,
  query: Record<string, number | string>,
): Promise<Answer> {
  const text = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  return context.call("GET", `/v1/metrics${path}?${text}`);
}

export const seconds = (context: Context): number => Math.floor(context.now() / 1000);
