// A server of ours on a real port, in this process, for as long as a test needs it. Nothing may be
// open in it when it is closed.

import { storageOfSuite } from "@s2kit/bucket/suite";
import { createServer, type ServerSettings } from "@s2kit/server-lite";
import { openThings } from "@s2kit/server-lite/testing";
import { expect, vi } from "vitest";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

export async function startServer(settings: ServerSettings = {}): Promise<TestServer> {
  const server = createServer({ port: 0, ...storageOfSuite(), ...settings });
  const { url } = await server.listen();
  return {
    url,
    async [Symbol.asyncDispose]() {
      await server.close();
      await vi.waitFor(() => expect(openThings(server), "left open").toEqual({}));
    },
  };
}
