// Which server this page talks to and as who. The token is in memory, in sessionStorage when the
// person asks for that, and never anywhere else: not in the URL, not in localStorage.

import { signal } from "@preact/signals";
import { connectWorker, refusal } from "./bridge.js";

/** `config.json` beside the page. */
export interface StudioConfig {
  /** Absolute, or empty for the origin of the page. */
  readonly endpoint: string;
  /** Where streams are, when that is elsewhere. */
  readonly basinEndpoint?: string;
  readonly version: string;
  /** Whether the server asks for tokens; undefined when nobody knows. */
  readonly auth?: boolean;
  readonly storage?: { readonly kind: string; readonly directory?: string };
  /** Sessions may travel by WebSocket. */
  readonly hasWebSockets?: boolean;
}

const STORED = "s2kit-studio-token";

export const config = signal<StudioConfig>({ endpoint: "", version: "" });
export const token = signal(sessionStorage.getItem(STORED) ?? "");
/** Counts up when the page speaks as somebody else: screens load again. */
export const identity = signal(0);

export async function loadConfig(): Promise<void> {
  const response = await fetch("config.json");
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  config.value = (await response.json()) as StudioConfig;
  reconnect();
}

export function endpoint(): string {
  return config.value.endpoint === "" ? location.origin : config.value.endpoint;
}

/** What everything that is copied begins with. */
export function common(): { readonly endpoint: string; readonly hasToken: boolean } {
  return { endpoint: endpoint(), hasToken: config.value.auth !== false };
}

export function useToken(value: string, isKept: boolean): void {
  token.value = value;
  if (isKept && value !== "") sessionStorage.setItem(STORED, value);
  else sessionStorage.removeItem(STORED);
  refusal.value = undefined;
  reconnect();
  identity.value++;
}

export function isTokenKept(): boolean {
  return sessionStorage.getItem(STORED) !== null;
}

function reconnect(): void {
  const url = endpoint();
  connectWorker({
    account: url,
    basin: config.value.basinEndpoint ?? url,
    token: token.value,
    transport: config.value.hasWebSockets === false ? "fetch" : "ws",
  });
}
