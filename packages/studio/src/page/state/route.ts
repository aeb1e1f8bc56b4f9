// Where the page is, kept in the part of the address behind `#`: a reload or a sent link shows the
// same. Names are one encoded segment each; places are plain values.

import { signal } from "@preact/signals";

export const STREAM_TABS = ["records", "append", "control", "metrics", "settings"] as const;
export type StreamTab = (typeof STREAM_TABS)[number];

export type Place =
  | { readonly screen: "overview" }
  | { readonly screen: "basins" }
  | {
      readonly screen: "basin";
      readonly basin: string;
      readonly tab: "metrics" | "settings" | "streams";
    }
  | {
      readonly screen: "stream";
      readonly basin: string;
      readonly stream: string;
      readonly tab: StreamTab;
    }
  | { readonly screen: "metrics" }
  | { readonly screen: "tokens" }
  | { readonly screen: "unknown"; readonly path: string };

export interface Route {
  readonly place: Place;
  readonly query: URLSearchParams;
}

export function parseHash(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const parts = path.split("/").map(decoded);
  return {
    place: placeOf(parts) ?? { screen: "unknown", path },
    query: new URLSearchParams(query),
  };
}

export function hrefOf(
  place: Place,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== "") params.set(key, value);
  const text = params.toString();
  return `#/${pathOf(place)}${text === "" ? "" : `?${text}`}`;
}

export const route = signal<Route>(parseHash(location.hash));

export function go(place: Place, query: Readonly<Record<string, string | undefined>> = {}): void {
  location.hash = hrefOf(place, query);
}

/** Changes the query without an entry in the history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  // The address may be ahead of what was heard of it.
  const { place, query } = parseHash(location.hash);
  const href = hrefOf(place, { ...Object.fromEntries(query), ...changes });
  if (href === location.hash) return;
  history.replaceState(null, "", href);
  route.value = parseHash(href);
}

/** To what the place is in: a folder, the basin, the list of basins. */
export function goUp(): void {
  const { place, query } = route.peek();
  const prefix = query.get("prefix") ?? "";
  if (prefix !== "") setQuery({ prefix: folderAbove(prefix) });
  else if (place.screen === "stream" && !isHalfWritten(place.tab))
    go({ screen: "basin", basin: place.basin, tab: "streams" });
  else if (place.screen === "basin" && !isHalfWritten(place.tab)) go({ screen: "basins" });
}

/** Where a key that is pressed by mistake would take what was typed. */
function isHalfWritten(tab: string): boolean {
  return tab === "append" || tab === "control" || tab === "settings";
}

function folderAbove(prefix: string): string {
  return prefix.slice(0, prefix.slice(0, -1).lastIndexOf("/") + 1);
}

addEventListener("hashchange", () => {
  route.value = parseHash(location.hash);
});

function placeOf([head = "", basin, kind, stream, tab]: readonly string[]): Place | undefined {
  if (head === "") return { screen: "overview" };
  if (head === "metrics" || head === "tokens") return { screen: head };
  if (head !== "basins") return undefined;
  if (basin === undefined || basin === "") return { screen: "basins" };
  if (kind === undefined || kind === "") return { screen: "basin", basin, tab: "streams" };
  if (kind === "metrics" || kind === "settings") return { screen: "basin", basin, tab: kind };
  if (kind !== "streams" || stream === undefined || stream === "") return undefined;
  const known = STREAM_TABS.find((name) => name === tab);
  return { screen: "stream", basin, stream, tab: known ?? "records" };
}

function pathOf(place: Place): string {
  switch (place.screen) {
    case "overview":
      return "";
    case "basin":
      return `basins/${encodeURIComponent(place.basin)}${place.tab === "streams" ? "" : `/${place.tab}`}`;
    case "stream": {
      const tab = place.tab === "records" ? "" : `/${place.tab}`;
      return `basins/${encodeURIComponent(place.basin)}/streams/${encodeURIComponent(place.stream)}${tab}`;
    }
    case "unknown":
      return place.path;
    case "basins":
    case "metrics":
    case "tokens":
      return place.screen;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
