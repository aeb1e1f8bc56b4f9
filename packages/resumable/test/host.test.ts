// Ours beside the package whose context it is: the types fit, and the same program sees the same.

import type { ResumableStreamContext as HostContext } from "resumable-stream";
import { describe, expect, it } from "vitest";
import { createResumableStreamContext } from "../src/context/index.js";
import { vercelContext } from "./harness/vercel.js";
import { basinOf, Model, modelOf, startServer, take, whole } from "./harness/world.js";

const ours = async (): Promise<HostContext> =>
  createResumableStreamContext({ basin: basinOf(await startServer()), waitUntil: null });
const theirs = (): Promise<HostContext> => Promise.resolve(vercelContext());

describe.each([
  ["ours", ours],
  ["resumable-stream", theirs],
])("the context of %s", (_, open) => {
  it("knows nothing of what was never begun", async () => {
    const context = await open();
    expect(await context.hasExistingStream("s")).toBeNull();
    expect(await context.resumeExistingStream("s")).toBeUndefined();
  });

  it("gives everything to who begins, and to who resumes from where he is", async () => {
    const context = await open();
    const model = new Model();
    const begun = await context.createNewResumableStream("s", model.make);
    const reader = begun?.getReader() ?? expect.fail("no stream");
    model.say("Hello, ");
    expect(await take(reader, 7)).toBe("Hello, ");
    expect(await context.hasExistingStream("s")).toBe(true);
    const resumed = await Promise.all(
      [undefined, 0, 3, 7].map((skip) => context.resumeExistingStream("s", skip)),
    );
    const again = await context.resumableStream("s", () => expect.fail("asked again"), 5);
    const texts = Promise.all([...resumed, again].map(whole));
    model.say("world");
    model.end();
    expect(await texts).toEqual(["Hello, world", "Hello, world", "lo, world", "world", ", world"]);
    expect(await take(reader, 99)).toBe("world");
  });

  it("says that it is over", async () => {
    const context = await open();
    expect(await whole(await context.resumableStream("s", modelOf("a", "b").make))).toBe("ab");
    await expect.poll(() => context.hasExistingStream("s")).toBe("DONE");
    expect(await context.resumeExistingStream("s")).toBeNull();
    expect(await context.resumableStream("s", () => expect.fail("asked again"))).toBeNull();
  });
});
