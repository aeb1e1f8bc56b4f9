// Ciphers, two keys, and a stream that takes one: what the cases about encryption begin with.
// Called by the cases beside it.

import type { Context } from "../../run/context.js";

export const KEY: string = Buffer.alloc(32, 7).toString("base64");

export const OTHER: string = Buffer.alloc(32, 8).toString("base64");

export const CIPHERS = ["aegis-256", "aes-256-gcm"] as const;

export type Cipher = (typeof CIPHERS)[number];

export const keyed = (key: string): { headers: Record<string, string> } => ({
  headers: { "s2-encryption-key": key },
});

export async function secret(context: Context, cipher: Cipher): ReturnType<Context["stream"]> {
  return context.stream({}, await context.sharedBasin(cipher));
}
