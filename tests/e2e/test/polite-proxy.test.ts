// `tail -f` behind a proxy that ends what is idle as properly as a server ends what is done: it goes on,
// misses nothing, and ends only when it is told to.

import { AppendRecord, S2 } from "@s2kit/client";
import { startEndingProxy } from "@s2kit/client/testing";
import { expect, it } from "vitest";
import { startCommand, temporaryDirectory } from "./harness/command.js";
import { startServer } from "./harness/server.js";

it("follows on when a proxy ends its idle stream, and exits when it is interrupted", async () => {
  await using server = await startServer();
  await using proxy = await startEndingProxy(server.url, { idleMillis: 300 });
  await using home = await temporaryDirectory();
  await using s2 = new S2({ accessToken: "any", endpoints: server.url });
  await s2.basins.create({ basin: "polite-basin" });
  const basin = s2.basin("polite-basin");
  await basin.streams.create({ stream: "s" });
  const append = (body: string): Promise<unknown> =>
    basin.stream("s").append([AppendRecord.string({ body })]);
  await append("before");
  const tail = startCommand(["tail", "-f", "s2://polite-basin/s"], home.path, {
    S2_ACCESS_TOKEN: "any",
    S2_ACCOUNT_ENDPOINT: proxy.url,
    S2_BASIN_ENDPOINT: proxy.url,
  });
  await tail.until(/before/);
  await expect.poll(() => proxy.endedCount).toBeGreaterThan(1);
  await append("after the first ends");
  await tail.until(/after the first ends/);
  const ended = proxy.endedCount;
  await expect.poll(() => proxy.endedCount).toBeGreaterThan(ended + 1);
  await append("after the next");
  await tail.until(/after the next/);
  expect(tail.child.exitCode).toBeNull();
  tail.child.kill("SIGINT");
  expect((await tail.ended).code).toBe(130);
  expect(tail.stdout()).toBe("before\nafter the first ends\nafter the next\n");
});
