// A bug behind a session: its client gets a terminal `other` without inner words, the log gets the
// whole truth, and the server goes on.

import { expect, test } from "vitest";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import { inputFrame, openS2s } from "../support/s2s-client.js";
import { call, startServer } from "../support/test-server.js";

const basin = "unexpected-basin";

test.each(["commit", "read"] as const)(
  "a bug in storage.%s ends the session and is logged",
  async (method) => {
    const storage = createMemoryStorage();
    const logged: unknown[] = [];
    const ignore = (): void => undefined;
    const logger = {
      info: ignore,
      warn: ignore,
      error: (fields: object) => void logged.push(fields),
    };
    const { server, url } = await startServer({}, { storage, logger });
    await call(url, "PUT", `/v1/basins/${basin}`);
    await call(url, "PUT", "/v1/streams/s", { basin });
    const path = "/v1/streams/s/records";
    await call(url, "POST", path, { basin, json: { records: [{ body: "x" }] } });

    const sound = storage[method];
    storage[method] = () => {
      throw new TypeError("inner words");
    };
    const isAppend = method === "commit";
    const session = await openS2s(url, "h2", {
      method: isAppend ? "POST" : "GET",
      path: isAppend ? path : `${path}?seq_num=0`,
      basin,
    });
    if (isAppend) session.send(inputFrame(["y"]));
    expect(await session.rest()).toEqual([
      { kind: "terminal", status: 500, json: { code: "other", message: "internal server error" } },
    ]);
    expect(logged).toMatchObject([{ err: { message: "inner words" } }]);

    Object.assign(storage, { [method]: sound });
    expect((await call(url, "GET", `${path}?seq_num=0`, { basin })).json.records).toHaveLength(1);
    await server.close();
  },
);
