// A server of ours on a real port with one basin, contexts over clients of their own, and models that say what a test
// tells them to. Everything is closed after each test.

import { S2, type S2Basin, type S2Components } from "@s2kit/client";
import { createServer, type ServerSettings } from "@s2kit/server-lite";

export const BASIN = "resumable-basin";

const open: (() => Promise<unknown>)[] = [];
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export function closing<T extends AsyncDisposable>(thing: T): T {
  open.push(async () => thing[Symbol.asyncDispose]());
  return thing;
}

export async function startServer(settings: ServerSettings = {}): Promise<string> {
  const server = createServer({ port: 0, drainGraceMs: 200, ...settings });
  open.push(() => server.close());
  const { url } = await server.listen();
  await clientOf(url).basins.ensure({ basin: BASIN });
  return url;
}

export function clientOf(url: string, components: S2Components = {}): S2 {
  const retry = { minBaseDelayMillis: 1, maxBaseDelayMillis: 20, maxAttempts: 500 };
  const endpoints = { account: url, basin: url };
  return closing(new S2({ accessToken: "any", endpoints, retry }, components));
}

export const basinOf = (url: string, components?: S2Components): S2Basin =>
  clientOf(url, components).basin(BASIN);

/** A model that says each chunk when it is told to. */
export class Model {
  readonly stream: ReadableStream<string>;
  cancelled: unknown = undefined;
  asked = 0;
  #controller: ReadableStreamDefaultController<string> | undefined;

  constructor() {
    this.stream = new ReadableStream<string>({
      start: (controller) => void (this.#controller = controller),
      cancel: (reason) => void (this.cancelled = reason ?? true),
    });
  }

  /** What a context asks for. */
  make = (): ReadableStream<string> => {
    this.asked++;
    return this.stream;
  };

  say(...chunks: readonly string[]): void {
    for (const chunk of chunks) this.#controller?.enqueue(chunk);
  }

  end(): void {
    this.#controller?.close();
  }

  fail(error: unknown): void {
    this.#controller?.error(error);
  }
}

/** A model that says all of it at once. */
export function modelOf(...chunks: readonly string[]): Model {
  const model = new Model();
  model.say(...chunks);
  model.end();
  return model;
}

/** Reads until so many characters have come, and stays open. */
export async function take(
  reader: ReadableStreamDefaultReader<string>,
  units: number,
): Promise<string> {
  let text = "";
  while (text.length < units) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += value;
  }
  return text;
}

export async function whole(stream: ReadableStream<string> | null | undefined): Promise<string> {
  if (stream == null) throw new Error(`no stream: ${String(stream)}`);
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}
