// An exchange whose body was read before it came to its owner: the owner reads it again, from
// memory.

import type { BodySink, Exchange } from "../exchange/exchange.js";

/** @param body - decoded */
export function givenBody(exchange: Exchange, body: Uint8Array): Exchange {
  return new Proxy(exchange, {
    get(target, name) {
      if (name === "consume")
        return (sink: BodySink): void => {
          if (body.length > 0) sink.chunk(body);
          sink.end();
        };
      if (name === "header")
        return (header: string): string | undefined =>
          header === "content-encoding" ? undefined : target.header(header);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
