// The context of the package `resumable-stream` itself, over its publisher and subscriber in this process: what ours is held
// against.

import {
  createResumableStreamContext,
  type Publisher,
  type ResumableStreamContext,
  type Subscriber,
} from "resumable-stream/generic";

export function vercelContext(): ResumableStreamContext {
  const listeners = new Map<string, (message: string) => void>();
  const values = new Map<string, string>();
  const subscriber: Subscriber = {
    connect: () => Promise.resolve(),
    subscribe: (channel, callback) => {
      listeners.set(channel, callback);
      return Promise.resolve(1);
    },
    unsubscribe: (channel) => Promise.resolve(listeners.delete(channel)),
  };
  const publisher: Publisher = {
    connect: () => Promise.resolve(),
    publish: (channel, message) => {
      const listener = listeners.get(channel);
      queueMicrotask(() => listener?.(message));
      return Promise.resolve(listener === undefined ? 0 : 1);
    },
    set: (key, value) => {
      values.set(key, value);
      return Promise.resolve("OK");
    },
    get: (key) => Promise.resolve(values.get(key) ?? null),
    incr: (key) => {
      const value = Number(values.get(key) ?? 0) + 1;
      if (Number.isNaN(value))
        return Promise.reject(new Error("ERR value is not an integer or out of range"));
      values.set(key, String(value));
      return Promise.resolve(value);
    },
  };
  return createResumableStreamContext({ waitUntil: null, subscriber, publisher });
}
