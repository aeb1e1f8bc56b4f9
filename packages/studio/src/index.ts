// The Node face: the built page as answers to requests, for whoever has a port. Knows no server: a
// path below the mount goes in, status, headers and bytes come out. Files are read once and held
// compressed too, so that asking often costs nothing.

import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/**
 * What the page is told, at `config.json` beside it. No secrets: whoever reaches the page reads it.
 */
export interface StudioConfig {
  /** Origin of the server that it talks to; empty for the one that serves it. */
  readonly endpoint: string;
  /** Where streams are, when that is elsewhere; may hold `{basin}`. */
  readonly basinEndpoint?: string | undefined;
  /** Shown as that of the server; empty when another serves it. */
  readonly version: string;
  /** Whether the server asks for tokens; undefined when nobody knows. */
  readonly auth?: boolean | undefined;
  readonly storage?: { readonly kind: string; readonly directory?: string | undefined } | undefined;
  /** Whether sessions may travel by WebSocket; default true. */
  readonly hasWebSockets?: boolean | undefined;
}

/** An answer of the page, whole: its files are in memory. */
export interface StudioReply {
  readonly status: 200 | 308;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The page for people, as files to answer with; it opens no socket of its own. */
export interface Studio {
  /** Of this package, and of the release that it belongs to. */
  readonly version: string;
  /**
   * Answers a path.
   *
   * @param path - of the request, with the mount; without the query
   * @param mount - such as `/studio`
   * @param acceptEncoding - header of the request
   * @returns undefined when it is not of the page
   */
  answer(
    path: string,
    mount: string,
    config: () => StudioConfig,
    acceptEncoding: string | undefined,
  ): StudioReply | undefined;
}

interface SiteFile {
  readonly type: string;
  readonly plain: Uint8Array;
  readonly gzipped: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

const NO_BYTES = new Uint8Array(0);

/**
 * Reads the page from the package.
 *
 * @throws the error of the platform when the package is not whole
 */
export async function openStudio(): Promise<Studio> {
  const site = new URL("./site/", import.meta.url);
  const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const files = await readSite(fileURLToPath(site));
  return {
    version,
    answer(path, mount, config, acceptEncoding) {
      if (path === mount) return redirect(`${mount.slice(mount.lastIndexOf("/") + 1)}/`);
      if (!path.startsWith(`${mount}/`)) return undefined;
      const name = path.slice(mount.length + 1);
      const settings = config();
      const headers = securityHeaders(settings);
      if (name === "config.json") return configReply(settings, headers);
      const file = files.get(name === "" ? "index.html" : name);
      if (file === undefined) return undefined;
      return fileReply(file, name.startsWith("assets/"), headers, acceptEncoding);
    },
  };
}

/** Of a page that runs nothing but its own files and talks to nobody but its server. */
function securityHeaders(config: StudioConfig): Readonly<Record<string, string>> {
  const { endpoint, basinEndpoint = "" } = config;
  const places = [endpoint, basinEndpoint].filter((place) => place !== "").map(sourceOf);
  const peers = ["'self'", ...places.flatMap((at) => [at, at.replace(/^http/, "ws")])].join(" ");
  const policy = [
    "default-src 'self'",
    `connect-src ${peers}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}

/** An endpoint as a policy names it: any basin, no path. */
function sourceOf(endpoint: string): string {
  return endpoint.replace("{basin}", "*").replace(/^(https?:\/\/[^/]+).*$/, "$1");
}

function redirect(location: string): StudioReply {
  return { status: 308, headers: { location, "cache-control": "no-store" }, body: NO_BYTES };
}

function configReply(config: StudioConfig, headers: Readonly<Record<string, string>>): StudioReply {
  return {
    status: 200,
    headers: { ...headers, "content-type": "application/json", "cache-control": "no-store" },
    body: Buffer.from(JSON.stringify(config)),
  };
}

function fileReply(
  file: SiteFile,
  isHashed: boolean,
  headers: Readonly<Record<string, string>>,
  acceptEncoding = "",
): StudioReply {
  const isGzipped = /\bgzip\b/.test(acceptEncoding) && file.gzipped.length < file.plain.length;
  return {
    status: 200,
    headers: {
      ...headers,
      "content-type": file.type,
      // Its name changes with its content.
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "accept-encoding",
      ...(isGzipped ? { "content-encoding": "gzip" } : {}),
    },
    body: isGzipped ? file.gzipped : file.plain,
  };
}

async function readSite(directory: string): Promise<ReadonlyMap<string, SiteFile>> {
  const compress = promisify(gzip);
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      `${entry.parentPath.slice(directory.length)}/${entry.name}`.replace(/^\/+/, ""),
    );
  const files = await Promise.all(
    names.map(async (name): Promise<readonly [string, SiteFile]> => {
      const plain = await readFile(`${directory}/${name}`);
      const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
      return [name.replaceAll("\\", "/"), { type, plain, gzipped: await compress(plain) }];
    }),
  );
  return new Map(files);
}
