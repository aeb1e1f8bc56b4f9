// Submits of a producer as spans: from the wait for room to the acknowledgement, with the trace
// context in the record. Knows the producer by what it does; the packages do not know each other.
// Spec: sdk#opentelemetry.

import {
  type Context,
  context as contexts,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { S2Error } from "@s2kit/core";
import { type TraceableRecord, withTraceContext } from "./trace-context.js";

/** What takes records one by one, such as a producer. */
export interface Submitting<R, T extends Acknowledged> {
  submit(record: R): Promise<T>;
}

/** A record that was taken, such as the ticket of a producer. */
export interface Acknowledged {
  /** Resolves when it is durable. */
  ack(): Promise<{ seqNum(): number }>;
}

/** Where a span belongs, and what makes it. */
export interface SubmitOptions {
  /** Default: that of the global provider, named `@s2kit/client`. */
  readonly tracer?: Tracer | undefined;
  /** What its parent is; default: the active context. */
  readonly context?: Context | undefined;
}

/**
 * Submits a record in a span of its own, `s2 submit`, whose context is in the record's headers. The
 * span ends with the acknowledgement; whether anybody asks for that does not matter.
 *
 * @returns the ticket of the submit
 * @throws {S2Error} what the submit throws
 */
export async function tracedSubmit<R extends TraceableRecord, T extends Acknowledged>(
  producer: Submitting<R, T>,
  record: R,
  options: SubmitOptions = {},
): Promise<T> {
  const { tracer = trace.getTracer("@s2kit/client"), context = contexts.active() } = options;
  const span = tracer.startSpan("s2 submit", { kind: SpanKind.PRODUCER }, context);
  const failed = (caught: unknown): void => {
    const error = S2Error.from(caught);
    span.setAttribute("error.type", error.code);
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    span.end();
  };
  try {
    const traced = withTraceContext(record, trace.setSpan(context, span));
    const ticket = await producer.submit(traced);
    ticket.ack().then((ack) => {
      span.setAttribute("s2.seq_num", ack.seqNum());
      span.end();
    }, failed);
    return ticket;
  } catch (caught) {
    failed(caught);
    throw caught;
  }
}
