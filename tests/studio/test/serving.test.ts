// How the server serves the page: at two paths, without a token, with a strict policy, never where whoever
// reaches the port may do anything, and with a hint where it cannot.

import { request } from "node:http";
import { createServer } from "@s2kit/server-lite";
import { openStudio } from "@s2kit/studio";
import { expect, it } from "vitest";
import { ROOT, startServer } from "./harness/server.js";

it.each(["/studio", "/dashboard"])("serves the page at %s", async (mount) => {
  const { url } = await startServer();
  const page = await fetch(`${url}${mount}`);
  expect([page.url, page.status]).toEqual([`${url}${mount}/`, 200]);
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const answer = await fetch(`${url}${mount}/${script}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/javascript");
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(answer.headers.get("content-encoding")).toBe("gzip");
});

it("runs nothing but its own files: no inline script, no frame, no guessed types", async () => {
  const { url } = await startServer();
  const { headers } = await fetch(`${url}/studio/`);
  const policy = headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
});

it("tells the page about an open server, and of one with tokens no place and no token", async () => {
  const open = await startServer();
  expect(await (await fetch(`${open.url}/studio/config.json`)).json()).toMatchObject({
    auth: false,
    storage: { kind: "memory" },
  });
  const guarded = await startServer({ rootToken: ROOT });
  const text = await (await fetch(`${guarded.url}/studio/config.json`)).text();
  expect(JSON.parse(text)).toMatchObject({ auth: true, storage: { kind: "memory" } });
  expect(text).not.toContain(ROOT);
});

it("serves nothing under a name that this server does not have", async () => {
  const { url } = await startServer();
  const { port } = new URL(url);
  const status = await new Promise((resolve) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/studio/config.json", headers: { host: "evil.example" } },
      (response) => resolve(response.resume().statusCode),
    );
    asked.end();
  });
  expect(status).toBe(403);
});

it("never reaches a file outside of the page", async () => {
  const studio = await openStudio();
  const config = () => ({ endpoint: "", version: "" });
  for (const path of [
    "/studio/../package.json",
    "/studio//etc/passwd",
    "/studio/assets/../../index.js",
  ])
    expect(studio.answer(path, "/studio", config, undefined)).toBeUndefined();
});

it("is off beyond loopback without tokens, on with them, and as it is told", async () => {
  const statusOf = async (settings: Parameters<typeof createServer>[0]): Promise<number> => {
    await using server = createServer(settings);
    return (await server.fetch(new Request("http://in.process/studio/"))).status;
  };
  expect(await statusOf({ host: "0.0.0.0", allowRemote: true })).toBe(404);
  expect(await statusOf({ host: "0.0.0.0", allowRemote: true, studio: true })).toBe(200);
  expect(await statusOf({ host: "0.0.0.0", rootToken: ROOT })).toBe(200);
  expect(await statusOf({ studio: false })).toBe(404);
  expect(await statusOf({})).toBe(200);
});

it("says how to turn it on where it is off", async () => {
  const { url } = await startServer({ studio: false });
  expect(await (await fetch(`${url}/studio`)).text()).toContain("--studio");
});

it("takes no other method", async () => {
  const { url } = await startServer();
  expect((await fetch(`${url}/studio/`, { method: "POST" })).status).toBe(405);
});
