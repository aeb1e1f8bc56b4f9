// A server of ours on a real port, in this process, for as long as a test needs it.

import { createServer, type ServerSettings } from "@s2kit/server-lite";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

export async function startServer(settings: ServerSettings = {}): Promise<TestServer> {
  const server = createServer({ port: 0, ...settings });
  const { url } = await server.listen();
  return { url, [Symbol.asyncDispose]: () => server.close() };
}
