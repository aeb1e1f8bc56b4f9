// A server of ours on a real port, documents of people with clients of their own, and what lies in their stream.
// Everything is closed after each test.

import { type ReadRecord, S2, type S2Basin, type S2Options } from "@s2kit/client";
import { createServer, type ServerSettings } from "@s2kit/server-lite";
import { Doc } from "yjs";
import {
  createYjsProvider,
  type YjsProvider,
  type YjsProviderComponents,
} from "../../src/index.js";

export const BASIN = "yjs-documents";
export const STREAM = "notes/one";

const open: (() => unknown)[] = [];
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export function closing<T extends AsyncDisposable>(thing: T): T {
  open.push(() => thing[Symbol.asyncDispose]());
  return thing;
}

export async function startServer(settings: ServerSettings = {}): Promise<string> {
  const server = createServer({ port: 0, drainGraceMs: 200, ...settings });
  open.push(() => server.close());
  const { url } = await server.listen();
  const { client } = basinOf(url, { accessToken: settings.rootToken ?? "any" });
  await client.basins.ensure({ basin: BASIN });
  return url;
}

export function basinOf(
  url: string,
  settings: Partial<S2Options> = {},
): { client: S2; basin: S2Basin } {
  const retry = { minBaseDelayMillis: 1, maxBaseDelayMillis: 20, maxAttempts: 3 };
  const endpoints = { account: url, basin: url };
  const client = closing(new S2({ accessToken: "any", endpoints, retry, ...settings }));
  return { client, basin: client.basin(BASIN) };
}

export interface Person {
  readonly doc: Doc;
  readonly provider: YjsProvider;
  readonly errors: unknown[];
  /** What is in the document. */
  text(): string;
  write(text: string, at?: number): void;
}

export function personAt(
  url: string,
  components: Partial<YjsProviderComponents> = {},
  doc: Doc = new Doc(),
): Person {
  const errors: unknown[] = [];
  const provider = createYjsProvider(doc, {
    basin: basinOf(url).basin,
    stream: STREAM,
    awareness: null,
    onError: (error) => errors.push(error),
    ...components,
  });
  open.push(() => provider.destroy());
  const text = doc.getText("text");
  return {
    doc,
    provider,
    errors,
    text: () => text.toJSON(),
    write: (words, at = text.length) => text.insert(at, words),
  };
}

/** Whoever comes now and reads all there is. */
export async function latecomer(url: string): Promise<Person> {
  const person = personAt(url);
  await synced(person);
  return person;
}

export async function synced({ provider }: Person): Promise<void> {
  if (!provider.isSynced)
    await new Promise<void>((resolve) => provider.on("sync", (is) => is && resolve()));
}

export async function saved({ provider }: Person): Promise<void> {
  if (!provider.isSaved)
    await new Promise<void>((resolve) => provider.on("saved", (is) => is && resolve()));
}

/** What is kept of a stream. */
export async function recordsOf(url: string, stream = STREAM): Promise<ReadRecord<"bytes">[]> {
  const session = await basinOf(url).basin.stream(stream).readToTail({}, { as: "bytes" });
  const records: ReadRecord<"bytes">[] = [];
  for await (const record of session) records.push(record);
  return records;
}
