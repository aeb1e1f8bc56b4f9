// A page that reads what is generated elsewhere: asks for its events, and asks again from where it
// is whenever the connection ends, until the server says that nothing is left. A connection that
// ends proves nothing; only that answer does. Knows no host, and no more of a browser than fetch.

import { type Clock, sleep, systemClock } from "@s2kit/core";
import { eventsOf } from "./events-of.js";
import { MessageFailedError, SubscribeError } from "./failures.js";

/** What is read, and how. */
export interface SubscribeOptions {
  /** Of the route that answers with `replay`. */
  readonly url: string | URL;
  /** Where to go on: the id of an event, or `from` of a 202. Default the beginning of what runs. */
  readonly from?: number | undefined;
  /** Ends it, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Default the platform's. */
  readonly fetch?: typeof fetch | undefined;
  /** Sent with each request. */
  readonly headers?: HeadersInit | undefined;
  /** Default that of fetch: the cookies of the page's own site. */
  readonly credentials?: RequestCredentials | undefined;
  /**
   * Waits before the tries that follow an end without an event in between, ms; the last one is
   * repeated. Default 0, 250, 500, 1000, 2000, 5000.
   */
  readonly reconnectBackoffMs?: readonly number[] | undefined;
  /** Told of each event's id: what to hand to `from` after a reload. */
  readonly onPlace?: ((from: number) => void) | undefined;
  /** Time, for tests. */
  readonly clock?: Clock | undefined;
}

const BACKOFF_MS: readonly number[] = [0, 250, 500, 1000, 2000, 5000];
/** A server that asks for more is asked again before. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * The events, each once; none when nothing runs.
 *
 * @param parse - of the data of an event that was named so
 * @throws {SubscribeError} for an answer that another try does not change; what `parse` throws
 */
export async function* subscribeEvents<Event>(
  options: SubscribeOptions,
  parse: (data: string, type: string) => Event,
): AsyncGenerator<Event, void, undefined> {
  const { signal, reconnectBackoffMs = BACKOFF_MS, clock = systemClock } = options;
  let { from } = options;
  for (let tries = 0; !isAborted(signal); ) {
    let waitMs = 0;
    try {
      const response = await ask(options, from);
      if (response.status === 204) return;
      waitMs = retryAfterMs(response);
      if (response.ok)
        for await (const { place, type, data } of eventsOf(response)) {
          const event = parse(data, type);
          tries = 0;
          from = place ?? from;
          if (place !== undefined) options.onPlace?.(place);
          yield event;
        }
    } catch (error) {
      if (isAborted(signal)) return;
      // Whatever else fails is the network, which another try may find mended.
      if (error instanceof SubscribeError || error instanceof MessageFailedError) throw error;
    }
    const backoffMs = reconnectBackoffMs[Math.min(tries++, reconnectBackoffMs.length - 1)] ?? 0;
    await sleep(clock, Math.max(backoffMs, waitMs), signal);
  }
}

/** @throws {SubscribeError} for what is none: left out, nobody would see that it is missing */
export function parsedJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new SubscribeError(200);
  }
}

/** @throws {SubscribeError} */
async function ask(options: SubscribeOptions, from: number | undefined): Promise<Response> {
  const { headers, credentials, signal, fetch: fetchOf = fetch } = options;
  const url = String(options.url);
  const asked = from === undefined ? url : `${url}${url.includes("?") ? "&" : "?"}from=${from}`;
  const response = await fetchOf(asked, {
    cache: "no-store",
    ...(headers === undefined ? {} : { headers }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(signal === undefined ? {} : { signal }),
  });
  const { status } = response;
  const type = response.headers.get("content-type") ?? "";
  if (status === 204 || (response.ok && type.startsWith("text/event-stream"))) return response;
  await response.body?.cancel();
  if (status < 500 && status !== 408 && status !== 429) throw new SubscribeError(status);
  return response;
}

/** It may change at every wait, which the compiler does not see. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function retryAfterMs({ ok, headers }: Response): number {
  const secs = Number(headers.get("retry-after") ?? 0);
  return ok || !(secs > 0) ? 0 : Math.min(secs * 1000, MAX_RETRY_AFTER_MS);
}
