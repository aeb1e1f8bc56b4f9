// A server of ours on a real port, and clients of it that are closed after each test: then nothing may
// be open in the server.

import { storageOfSuite } from "@s2kit/bucket/suite";
import { S2, type S2Components, type S2Options } from "@s2kit/client";
import { createHandlerTransport } from "@s2kit/client/in-process";
import { createServer, type S2Server, type ServerSettings } from "@s2kit/server-lite";
import { openThings } from "@s2kit/server-lite/testing";
import { expect, vi } from "vitest";

export const BASIN = "test-basin";

const open: AsyncDisposable[] = [];

export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
}

export function closing<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

export interface TestServer {
  readonly server: S2Server;
  readonly url: string;
}

/** With one basin that creates streams as they are used. */
export async function startServer(settings: ServerSettings = {}): Promise<TestServer> {
  const server = createServer({
    port: 0,
    drainGraceMs: 200,
    ...storageOfSuite(),
    ...settings,
  });
  closing({
    async [Symbol.asyncDispose]() {
      await server.close();
      await vi.waitFor(() => expect(openThings(server), "left open").toEqual({}));
    },
  });
  const { url } = await server.listen();
  const { rootToken } = settings;
  const s2 = connect(url, rootToken === undefined ? {} : { accessToken: rootToken });
  await s2.basins.create({
    basin: BASIN,
    config: { createStreamOnAppend: true, createStreamOnRead: true },
  });
  return { server, url };
}

export function connect(
  url: string,
  options: Partial<S2Options> = {},
  components?: S2Components,
): S2 {
  return closing(
    new S2(
      {
        accessToken: "test-token",
        endpoints: { account: url, basin: url },
        ...options,
        retry: { minBaseDelayMillis: 1, maxBaseDelayMillis: 5, ...options.retry },
      },
      components,
    ),
  );
}

/** Without a port. */
export function connectInProcess(server: S2Server): S2 {
  const url = "http://in.process";
  const carrier = createHandlerTransport((request) => server.fetch(request));
  return closing(
    new S2({ accessToken: "test-token", endpoints: { account: url, basin: url } }, { carrier }),
  );
}
