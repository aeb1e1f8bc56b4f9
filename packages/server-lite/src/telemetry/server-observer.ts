// Who watches a server from within its process: told about requests and appends as they end.
// Without one nothing is prepared. Spec: control-plane#routes.

import type { RouteName } from "@s2kit/core";
import type { AppendObserver } from "../backend/append/append-intake.js";
import type { RequestFacts } from "./request-log.js";
import { routeOf } from "./request-telemetry.js";

/** A request that was answered: never a secret, a query or a body. */
export interface ObservedRequest extends Omit<RequestFacts, "route"> {
  /** Of the route table; undefined for what is none, and for what was refused before. */
  readonly route: RouteName | undefined;
  /** W3C trace context of whoever asked, as it came, unchecked. */
  readonly traceparent: string | undefined;
  /** What vendors add to it. */
  readonly tracestate: string | undefined;
}

/** Watches a server. Called synchronously: must be cheap, and what it throws is dropped. */
export interface ServerObserver {
  /** A request is answered; a session has its status. */
  readonly requestAnswered?: ((request: ObservedRequest) => void) | undefined;
  /** An append got its room in flight, after so many ms. */
  readonly appendAdmitted?:
    | ((waitedMs: number, records: number, meteredBytes: number) => void)
    | undefined;
  /** An append is durable, so many ms after it was scanned. */
  readonly appendAcked?: ((tookMs: number) => void) | undefined;
}

/** A request, as far as an observer is told of its head. */
export interface HasHeaders {
  header(name: string): string | undefined;
}

/** Tells an observer of a request; nobody when there is none. */
export function requestTeller(
  observer: ServerObserver | undefined,
): ((facts: RequestFacts, request: HasHeaders) => void) | undefined {
  const told = observer?.requestAnswered;
  if (told === undefined) return undefined;
  return (facts, request) =>
    quietly(() =>
      told({
        ...facts,
        route: routeOf(facts.route),
        traceparent: request.header("traceparent"),
        tracestate: request.header("tracestate"),
      }),
    );
}

/** Appends are told to both; to the first alone when nobody else listens. */
export function appendTeller(
  first: AppendObserver,
  observer: ServerObserver | undefined,
): AppendObserver {
  const { appendAdmitted, appendAcked } = observer ?? {};
  if (appendAdmitted === undefined && appendAcked === undefined) return first;
  return {
    admitted(waitedMs, records, meteredBytes) {
      first.admitted(waitedMs, records, meteredBytes);
      quietly(() => appendAdmitted?.(waitedMs, records, meteredBytes));
    },
    acked(tookMs) {
      first.acked(tookMs);
      quietly(() => appendAcked?.(tookMs));
    },
  };
}

/** Watching must not change what happens. */
function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // The observer is not ours, and a request has nothing to do with it.
  }
}
