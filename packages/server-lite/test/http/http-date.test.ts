import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, it } from "vitest";
import { startServer } from "../support/test-server.js";

it("answers carry the date of the server's clock", async () => {
  const clock = createSimulatedClock(Date.UTC(2020, 1, 29, 12, 0, 0));
  const { server, url } = await startServer({}, { clock });
  const dateOf = async (): Promise<string | null> =>
    (await fetch(`${url}/health`)).headers.get("date");
  expect(await dateOf()).toBe("Sat, 29 Feb 2020 12:00:00 GMT");
  clock.jump(86_400_000);
  expect(await dateOf()).toBe("Sun, 01 Mar 2020 12:00:00 GMT");
  await server.close();
});
