// A packed package: what is in it, and what a registry says of it.

import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

/** The part of a manifest that the suites look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Tarball {
  readonly manifest: Manifest;
  readonly bytes: Buffer;
  /** `sha512-…`, as lockfiles have it. */
  readonly integrity: string;
  /** Texts by path, without the folder that all tarballs begin with. */
  readonly files: ReadonlyMap<string, string>;
}

const BLOCK_BYTES = 512;

/** Reads a tarball as package managers write them: paths of at most 100 characters, files only. */
export function readTarball(bytes: Buffer): Tarball {
  const tar = gunzipSync(bytes);
  const files = new Map<string, string>();
  for (let at = 0; tar[at] !== undefined && tar[at] !== 0; ) {
    const name = fieldOf(tar, at, 100);
    const size = Number.parseInt(fieldOf(tar, at + 124, 12), 8);
    const body = at + BLOCK_BYTES;
    files.set(name.slice(name.indexOf("/") + 1), tar.toString("utf8", body, body + size));
    at = body + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  const manifest = JSON.parse(files.get("package.json") ?? "") as Manifest;
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  return { manifest, bytes, integrity, files };
}

function fieldOf(tar: Buffer, at: number, length: number): string {
  const text = tar.toString("latin1", at, at + length);
  const end = text.search(/[\0 ]/);
  return end < 0 ? text : text.slice(0, end);
}
