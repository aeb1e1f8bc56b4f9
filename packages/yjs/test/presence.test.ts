// Who is there: seen by all, gone when it leaves, and nothing that grows.

import { expect, it } from "vitest";
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import { Doc } from "yjs";
import type { YjsProvider } from "../src/index.js";
import { basinOf, personAt, recordsOf, STREAM, startServer } from "./harness/world.js";

const NAMES = `${STREAM}/awareness`;

function namesSeenBy({ awareness }: YjsProvider): string[] {
  const states = [...(awareness?.getStates().values() ?? [])] as { name?: string }[];
  return states.flatMap(({ name }) => (name === undefined ? [] : [name])).sort();
}

it("is seen by who is there and who comes, and is gone when it leaves", async () => {
  const url = await startServer();
  const [ann, ben] = [1, 2].map(() => personAt(url, { awareness: undefined }).provider) as [
    YjsProvider,
    YjsProvider,
  ];
  ann.awareness?.setLocalStateField("name", "Ann");
  ben.awareness?.setLocalStateField("name", "Ben");
  for (const each of [ann, ben]) await expect.poll(() => namesSeenBy(each)).toEqual(["Ann", "Ben"]);
  const { provider: late } = personAt(url, { awareness: undefined });
  await expect.poll(() => namesSeenBy(late)).toEqual(["Ann", "Ben"]);
  await expect.poll(() => ann.status).toBe("connected");
  await ann.close();
  for (const each of [ben, late]) await expect.poll(() => namesSeenBy(each)).toEqual(["Ben"]);
});

it("does not grow with what is told, and passes over what is none", async () => {
  const url = await startServer();
  const { provider, errors } = personAt(url, { awareness: undefined });
  await expect.poll(async () => (await recordsOf(url, NAMES).catch(() => [])).length).toBe(1);
  const chatty = new Awareness(new Doc());
  chatty.setLocalStateField("name", "Chatty");
  const body = encodeAwarenessUpdate(chatty, [chatty.clientID]);
  chatty.destroy();
  const stream = basinOf(url).basin.stream(NAMES);
  const { AppendRecord } = await import("@s2kit/client");
  for (let i = 0; i < 3; i++)
    await stream.append(Array.from({ length: 300 }, () => AppendRecord.bytes({ body })));
  await stream.append([AppendRecord.bytes({ body: new Uint8Array([1, 2, 3, 255]) })]);
  await expect.poll(() => errors.length).toBe(1);
  expect(namesSeenBy(provider)).toEqual(["Chatty"]);
  provider.awareness?.setLocalStateField("name", "Ann");
  await expect.poll(async () => (await recordsOf(url, NAMES)).length).toBeLessThan(140);
});
