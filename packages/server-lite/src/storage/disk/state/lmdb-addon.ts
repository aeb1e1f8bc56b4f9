// Finds and loads the native part of LMDB: the build puts it where the library asks another package
// for it (tsup.config.ts). That package wants an install script, which package managers refuse to
// run; the binaries lie prebuilt in one package a platform, and choosing one needs no script. Only
// in built files: sources run on the library as it is.

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { storageError } from "../../durability.js";

/** What decides which binary fits. */
export interface AddonTarget {
  /** Of the runtime; undefined for those that have only the stable one, Node-API. */
  readonly abi: string | undefined;
  /** Undefined where there is only one C library. */
  readonly libc: "glibc" | "musl" | undefined;
}

/**
 * The file that fits best: one made for this ABI reads values by shorter ways than one for
 * Node-API.
 *
 * @param files - names in the package of a platform, such as `node.abi127.glibc.node`
 */
export function chooseAddon(files: readonly string[], target: AddonTarget): string | undefined {
  const { abi, libc } = target;
  const fits = files.filter((file) => {
    const tags = file.split(".");
    if (tags.at(-1) !== "node") return false;
    const wanted = tags.find((tag) => tag === "glibc" || tag === "musl");
    return wanted === undefined || libc === undefined || wanted === libc;
  });
  const has = (file: string, tag: string): boolean => file.split(".").includes(tag);
  return (
    fits.find((file) => abi !== undefined && has(file, `abi${abi}`)) ??
    fits.find((file) => has(file, "napi"))
  );
}

/**
 * Called by the library when it is first loaded.
 *
 * @throws {S2Error} `storage` when the platform has no binary, or it was not installed
 */
export function loadLmdbAddon(): unknown {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@lmdb/lmdb-${platform}`;
  const require = createRequire(import.meta.url);
  let directory: string;
  try {
    directory = dirname(require.resolve(name));
  } catch (cause) {
    throw storageError(
      `a server on disk needs the package ${name}, an optional dependency: install with optional dependencies, or keep the streams in memory if there is none for this platform platform=${platform}`,
      cause,
    );
  }
  const file = chooseAddon(readdirSync(directory), runtimeTarget());
  if (file === undefined)
    throw storageError(
      `no binary of LMDB fits this runtime: keep the streams in memory directory=${directory}`,
    );
  return require(join(directory, file));
}

function runtimeTarget(): AddonTarget {
  const { versions } = process;
  // Bun and Deno name an ABI and do not have it.
  const isNode = versions["bun"] === undefined && versions["deno"] === undefined;
  return { abi: isNode ? versions.modules : undefined, libc: libcOf() };
}

function libcOf(): AddonTarget["libc"] {
  if (process.platform !== "linux") return undefined;
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const before = report.excludeNetwork;
  // Else it asks for the names of all connected addresses.
  report.excludeNetwork = true;
  const { header } = report.getReport() as { readonly header?: Record<string, unknown> };
  report.excludeNetwork = before;
  if (header === undefined) return "glibc";
  return "glibcVersionRuntime" in header ? "glibc" : "musl";
}
