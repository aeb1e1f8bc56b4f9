// The kept inputs: one file each below corpus/ENTRY, named by what it found or by the edge that it holds.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Entry } from "./entry.js";

export const CORPUS: string = fileURLToPath(new URL("../../corpus", import.meta.url));

export interface KeptInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The seeds of an entry, then its files, by name. */
export async function inputsOf(entry: Entry, corpus: string = CORPUS): Promise<KeptInput[]> {
  const seeds = Object.entries(await entry.seeds()).map(([name, bytes]) => ({
    name: `seed ${name}`,
    bytes,
  }));
  return [...seeds, ...filesOf(entry, corpus)];
}

export function filesOf(entry: Entry, corpus: string = CORPUS): KeptInput[] {
  const folder = join(corpus, entry.name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: Uint8Array.from(readFileSync(join(folder, name))) }));
}

/** @returns the path; a file of the same name gets a sibling, unless it is the same */
export function keep(
  entry: Entry,
  word: string,
  bytes: Uint8Array,
  corpus: string = CORPUS,
): string {
  const folder = join(corpus, entry.name);
  mkdirSync(folder, { recursive: true });
  const plain = join(folder, `${word === "" ? "unnamed" : word}.bin`);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  const path = existsSync(plain) ? plain.replace(/\.bin$/, `-${hash}.bin`) : plain;
  writeFileSync(path, bytes);
  return path;
}
