// Server-sent events as lines: each event keeps its fields in the order and form in which they
// came, since the form is what cases check. Spec: data-plane#sse.

import { Mismatch } from "../expect.js";
import { type Exchange, textOf } from "./exchange.js";
import { Inbox } from "./inbox.js";
import { parsed, type Refusal } from "./session.js";
import { type Target, within } from "./target.js";

export interface SseEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- cases look into whatever came
  readonly json: any;
  readonly lines: readonly string[];
}

export interface EventStream {
  readonly refusal: Refusal | undefined;
  readonly headers: Readonly<Record<string, string>>;
  next(ms?: number): Promise<SseEvent | undefined>;
  /** The next event of this name. */
  expect(name: "batch" | "error" | "ping", ms?: number): Promise<SseEvent>;
  rest(ms?: number): Promise<SseEvent[]>;
  destroy(): void;
}

export async function eventsOver(target: Target, exchange: Exchange): Promise<EventStream> {
  const events = new Inbox<SseEvent>();
  let refusal: Refusal | undefined;
  if (exchange.status === 200) pump(exchange, events);
  else {
    const text = await within(target, textOf(exchange.source), "body of a refusal");
    refusal = { status: exchange.status, json: parsed(text) };
    events.end();
  }
  const next = (ms?: number): Promise<SseEvent | undefined> =>
    events.next(target, "event of a stream", ms);
  return {
    refusal,
    headers: exchange.headers,
    next,
    async expect(name, ms) {
      const event = await next(ms);
      if (event?.event !== name)
        throw new Mismatch(`expected event ${name}, got ${event?.lines.join(" | ") ?? "the end"}`);
      return event;
    },
    rest: (ms) => events.rest(target, "end of an event stream", ms),
    destroy: () => exchange.destroy(),
  };
}

function pump({ source }: Exchange, events: Inbox<SseEvent>): void {
  let held = "";
  source.setEncoding("utf8");
  source.on("data", (chunk: string) => {
    held += chunk;
    for (let end = held.indexOf("\n\n"); end >= 0; end = held.indexOf("\n\n")) {
      events.push(parseEvent(held.slice(0, end).split("\n")));
      held = held.slice(end + 2);
    }
  });
  source.on("end", () => {
    if (held.trim() !== "") events.fail(new Mismatch(`the stream ends within an event: ${held}`));
    events.end();
  });
  source.on("error", (error) => events.fail(error));
  source.on("close", () => events.end());
}

function parseEvent(lines: readonly string[]): SseEvent {
  const field = (name: string): string | undefined => {
    const found = lines.filter((line) => line.startsWith(`${name}:`));
    if (found.length > 1) throw new Mismatch(`${found.length} lines of ${name} in one event`);
    return found[0]?.slice(name.length + 1).replace(/^ /, "");
  };
  const data = field("data") ?? "";
  return { event: field("event"), id: field("id"), data, json: parsed(data), lines };
}
