// The server under test, built and unchanged, in a process of its own.

import { createServer, type StorageSettings } from "@s2kit/server-lite";
import { type Usage, usageNow } from "../usage.ts";

export interface S2ServerSettings {
  readonly storage: StorageSettings;
}

export interface S2ServerRole {
  /** Origin of the server, like `http://127.0.0.1:43121`. */
  url(): Promise<string>;
  usage(): Promise<Usage>;
  /** The same after a full garbage collection. */
  settledUsage(): Promise<Usage>;
  /** Samples resident memory every 100 ms for so long. */
  watchMemory(ms: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

export async function open({ storage }: S2ServerSettings): Promise<S2ServerRole> {
  const server = createServer({ port: 0, storage, drainGraceMs: 100 });
  const { url } = await server.listen();
  return {
    url: async () => url,
    usage: async () => usageNow(),
    async settledUsage() {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
      globalThis.gc?.();
      return usageNow();
    },
    watchMemory(ms) {
      const samples: number[] = [];
      return new Promise((resolve) => {
        const timer = setInterval(() => {
          samples.push(process.memoryUsage.rss());
          if (samples.length * 100 < ms) return;
          clearInterval(timer);
          resolve(samples);
        }, 100);
      });
    },
    close: () => server.close(),
  };
}
