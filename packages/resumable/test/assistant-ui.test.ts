// The store of assistant-ui's resumable streams under the host's own context and responses, beside the store that the host
// has in memory.

import { AssistantStream, DataStreamDecoder } from "assistant-stream";
import {
  createInMemoryResumableStreamStore,
  createResumableAssistantStreamResponse,
  createResumableStreamContext,
  createResumeAssistantStreamResponse,
  type ResumableStreamStore,
} from "assistant-stream/resumable";
import { describe, expect, it } from "vitest";
import { createResumableStore, type ResumableStore } from "../src/assistant-ui/index.js";
import { forgetful } from "./harness/forgetful.js";
import { serveSite } from "./harness/site.js";
import { basinOf, startServer } from "./harness/world.js";

const LEASE_MS = 600;
const never = new AbortController().signal;

const storeOf = (url: string, more: object = {}): ResumableStore =>
  createResumableStore({ basin: basinOf(url), leaseDurationMs: LEASE_MS, ...more });

const ours = async (): Promise<ResumableStreamStore> => storeOf(await startServer());
const theirs = (): Promise<ResumableStreamStore> =>
  Promise.resolve(createInMemoryResumableStreamStore());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function textOf(store: ResumableStreamStore, streamId: string, cursor = ""): Promise<string> {
  let text = "";
  for await (const { chunk } of store.read(streamId, cursor, never))
    text += new TextDecoder().decode(chunk);
  return text;
}

async function leaseOf(
  store: ResumableStreamStore,
  streamId: string,
): Promise<{ readonly token: string }> {
  const acquired = (await store.acquireLease?.(streamId)) ?? expect.fail("no leases");
  return acquired.role === "producer" ? acquired.lease : expect.fail("somebody produces");
}

describe.each([
  ["ours", ours],
  ["assistant-stream", theirs],
])("the store of %s", (_, open) => {
  it("has one producer of an id, and readers at any place", async () => {
    const store = await open();
    expect(await store.status("s")).toBe("missing");
    const roles = await Promise.all(Array.from({ length: 5 }, () => store.acquire("s")));
    expect(roles.toSorted()).toEqual([...Array<string>(4).fill("consumer"), "producer"]);
    expect(await store.status("s")).toBe("streaming");
    await store.append("s", bytes("one "));
    const reader = store.read("s", "", never)[Symbol.asyncIterator]();
    const first = await reader.next();
    const cursor = first.done === true ? "" : first.value.cursor;
    const rest = textOf(store, "s", cursor);
    await store.append("s", bytes("two"));
    expect(await store.finalize("s", "done")).not.toBe(false);
    expect(await rest).toBe("two");
    expect(await textOf(store, "s")).toBe("one two");
    expect(await store.status("s")).toBe("done");
    expect(await store.acquire("s")).toBe("consumer");
    expect(await store.finalize("s", "done")).toBe(false);
    await expect(store.append("s", bytes("late"))).rejects.toMatchObject({ code: "finalized" });
  });

  it("ends with an error for who reads", async () => {
    const store = await open();
    const lease = await leaseOf(store, "s");
    await store.append("s", bytes("half"), lease);
    await store.finalize("s", "error", "key sk-secret is out of quota", lease);
    expect(await store.status("s")).toBe("error");
    await expect(textOf(store, "s")).rejects.toThrow();
  });

  it("removes what is deleted, ends its readers, and begins it anew for a new lease", async () => {
    const store = await open();
    const old = await leaseOf(store, "s");
    await store.append("s", bytes("old"), old);
    const reader = store.read("s", "", never)[Symbol.asyncIterator]();
    await reader.next();
    await store.delete("s");
    expect((await reader.next()).done).toBe(true);
    expect(await store.status("s")).toBe("missing");
    await store.delete("s");
    await store.delete("unknown");
    const lease = await leaseOf(store, "s");
    await expect(store.append("s", bytes("lost"), old)).rejects.toMatchObject({ code: "missing" });
    expect(await store.finalize("s", "done", undefined, old)).toBe(false);
    await store.append("s", bytes("new"), lease);
    await store.finalize("s", "done", undefined, lease);
    expect(await textOf(store, "s")).toBe("new");
  });

  it("ends a read that is aborted, without an error", async () => {
    const store = await open();
    await store.acquire("s");
    const aborting = new AbortController();
    const reader = store.read("s", "", aborting.signal)[Symbol.asyncIterator]();
    const next = reader.next();
    setTimeout(() => aborting.abort(), 50);
    expect((await next).done).toBe(true);
    expect(
      (await store.read("s", "", AbortSignal.abort())[Symbol.asyncIterator]().next()).done,
    ).toBe(true);
  });

  it("refuses ids that are none, and streams that are not there", async () => {
    const store = await open();
    await expect(store.acquire("no spaces")).rejects.toMatchObject({
      name: "ResumableStreamError",
      code: "invalid-id",
    });
    await expect(store.append("s", bytes("x"))).rejects.toThrow(/not found/i);
    await expect(store.finalize("s", "done")).rejects.toThrow(/not found/i);
    await expect(textOf(store, "s")).rejects.toThrow(/not found/i);
  });
});

describe("the store of ours", () => {
  it("keeps bytes as they are, of any size, over acknowledgements that are lost", async () => {
    const url = await startServer();
    const { fetch: half, lost } = forgetful();
    const store = storeOf(url, { basin: basinOf(url, { fetch: half }) });
    const lease = await leaseOf(store, "s");
    const chunks = [
      Uint8Array.from({ length: 256 }, (_, i) => i),
      new Uint8Array(0),
      Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 31) % 251),
    ];
    for (const chunk of chunks) await store.append("s", chunk, lease);
    expect(await store.finalize("s", "done", undefined, lease)).toBe(true);
    const seen: Uint8Array[] = [];
    for await (const { chunk } of storeOf(url).read("s", "", never)) seen.push(chunk);
    expect(Buffer.concat(seen).equals(Buffer.concat(chunks))).toBe(true);
    expect(lost.length).toBeGreaterThan(2);
  });

  it("takes a lease up that another process has given", async () => {
    const url = await startServer();
    const lease = await leaseOf(storeOf(url), "s");
    const other = storeOf(url);
    await other.append("s", bytes("from elsewhere"), lease);
    expect(await other.finalize("s", "done", undefined, lease)).toBe(true);
    expect(await textOf(other, "s")).toBe("from elsewhere");
    await expect(other.append("s", bytes("x"), { token: "session-none" })).rejects.toMatchObject({
      code: "finalized",
    });
  });

  it("ends what its producer has left, and keeps the words of a failure to itself", async () => {
    const url = await startServer();
    await leaseOf(storeOf(url), "failed");
    await storeOf(url).finalize("failed", "error", "key sk-secret is out of quota");
    const dead = basinOf(url).stream("dead");
    await basinOf(url).streams.create({ stream: "dead" });
    await dead.fence("session-of-the-dead", { matchSeqNum: 0 });
    for (const streamId of ["failed", "dead"])
      await expect(textOf(storeOf(url), streamId)).rejects.toThrow("ended with an error");
    const { records } = await basinOf(url)
      .stream("failed")
      .read({ start: { from: { seqNum: 0 } } });
    expect(JSON.stringify(records)).not.toContain("secret");
    expect(await storeOf(url).status("dead")).toBe("error");
  });

  it("keeps a producer alive that is silent, until it is stopped from elsewhere", async () => {
    const url = await startServer();
    const store = storeOf(url);
    const lease = await leaseOf(store, "s");
    await store.append("s", bytes("before "), lease);
    const read = textOf(storeOf(url), "s");
    await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
    await store.append("s", bytes("after"), lease);
    expect(await storeOf(url).stop("s")).toBe(true);
    expect(await read).toBe("before after");
    await expect(store.append("s", bytes("late"), lease)).rejects.toMatchObject({
      code: "finalized",
    });
    expect(await store.finalize("s", "error", "stopped", lease)).toBe(false);
  });

  it("lets streams last as long as who acquires them says", async () => {
    const url = await startServer();
    await storeOf(url).acquire("s", { ttlMs: 90_500 });
    const { retentionPolicy } = await basinOf(url).streams.getConfig({ stream: "s" });
    expect(retentionPolicy).toEqual({ ageSecs: 91 });
  });

  it("refuses cursors that are none", async () => {
    const store = storeOf(await startServer());
    await store.acquire("s");
    for (const cursor of ["x", "-1", "1.5", "99999999999999999"])
      await expect(textOf(store, "s", cursor)).rejects.toMatchObject({ code: "invalid-cursor" });
  });
});

describe("a message of assistant-ui", () => {
  it("is resumed by the host's responses, its model asked once", async () => {
    const context = createResumableStreamContext({ store: storeOf(await startServer()) });
    let asked = 0;
    let goOn = (): void => undefined;
    const whenTold = new Promise<void>((resolve) => (goOn = resolve));
    const { url } = await serveSite((request) =>
      request.method === "GET"
        ? createResumeAssistantStreamResponse({ context, streamId: "m" })
        : createResumableAssistantStreamResponse({
            context,
            streamId: "m",
            async callback(controller) {
              asked++;
              controller.appendText("in the middle of a ");
              await whenTold;
              controller.appendText("word");
            },
          }),
    );
    expect((await fetch(url)).status).toBe(404);
    const left = await fetch(url, { method: "POST" });
    await left.body?.getReader().read();
    const readers = [fetch(url), fetch(url, { method: "POST" })];
    goOn();
    for (const reader of readers) {
      const response = await reader;
      let text = "";
      const stream = AssistantStream.fromResponse(response, new DataStreamDecoder());
      for await (const chunk of stream) if (chunk.type === "text-delta") text += chunk.textDelta;
      expect(text).toBe("in the middle of a word");
    }
    expect(asked).toBe(1);
  });
});
