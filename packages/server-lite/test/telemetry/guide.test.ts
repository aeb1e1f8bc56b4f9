import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { call, startServer } from "../support/test-server.js";

it("the guide names the families of the Prometheus page, all of them and no others", async () => {
  const { server, url } = await startServer();
  const page = (await call(url, "GET", "/metrics")).text;
  await server.close();
  const guide = await readFile(
    new URL("../../../../docs/guides/access-and-usage.md", import.meta.url),
    "utf8",
  );
  const shown = [...page.matchAll(/^# TYPE (s2\w+) (\w+)$/gm)].map(([, name, type]) => [
    name,
    type,
  ]);
  const written = [...guide.matchAll(/^\| `(s2\w+)` \| (\w+) \|/gm)].map(([, name, type]) => [
    name,
    type,
  ]);
  expect(shown.length).toBeGreaterThan(0);
  expect(written).toEqual(shown);
});
