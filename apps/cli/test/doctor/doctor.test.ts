// `doctor` against real servers, gateways and addresses where nothing is: what it finds, what it says
// to do next, its exit code, and that it never shows a token.

import { createServer as createHttpServer, request } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clockFinding } from "../../src/doctor/clock-difference.js";
import { proxyFinding } from "../../src/doctor/proxy-variables.js";
import { Cli, jsonLinesOf } from "../harness/cli.js";

const ROOT = "root-secret-token";

let server: Cli;
let cli: Cli;

beforeAll(async () => {
  server = await Cli.withServer({ auth: true, rootToken: ROOT });
  cli = Cli.withoutServer();
});

afterAll(async () => {
  await Promise.all([server.close(), cli.close()]);
});

interface Told {
  readonly code: number | null;
  readonly found: Readonly<Record<string, { state: string; text: string; next?: string }>>;
}

async function doctor(env: Record<string, string>, ...args: string[]): Promise<Told> {
  const { code, stdout, stderr } = await cli.run(["doctor", "--json", ...args], { env });
  for (const secret of [ROOT, "wrong-secret"]) expect(stdout + stderr).not.toContain(secret);
  const found = jsonLinesOf(stdout).map(({ check, ...rest }) => [check, rest]);
  return { code, found: Object.fromEntries(found) as Told["found"] };
}

const states = ({ found }: Told): Record<string, string> =>
  Object.fromEntries(Object.entries(found).map(([check, { state }]) => [check, state]));

/** HTTP/1.1 alone, as many gateways speak it; answers with another date. */
async function gateway(
  date?: Date,
  answer?: { readonly status: number; readonly body: string },
): Promise<AsyncDisposable & { readonly url: string }> {
  const { port } = new URL(server.url ?? "");
  const http = createHttpServer((incoming, outgoing) => {
    if (answer !== undefined && incoming.url === "/health") {
      outgoing.writeHead(answer.status).end(answer.body);
      return;
    }
    const { method, url, headers } = incoming;
    incoming.pipe(
      request({ host: "127.0.0.1", port, method, path: url, headers }, (answered) => {
        const told = date === undefined ? {} : { date: date.toUTCString() };
        outgoing.writeHead(answered.statusCode ?? 500, { ...answered.headers, ...told });
        answered.pipe(outgoing);
      }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

it("finds everything well, in lines and in JSON, on a stream or without one", async () => {
  const env = { S2_ENDPOINT: server.url ?? "", S2_ACCESS_TOKEN: ROOT };
  const told = await doctor(env);
  expect(told.code).toBe(0);
  expect(states(told)).toEqual({
    proxy: "ok",
    address: "ok",
    connection: "ok",
    health: "ok",
    clock: "ok",
    token: "ok",
    "http/2": "ok",
    websocket: "ok",
    fetch: "ok",
  });
  expect(told.found.connection?.text).toBe("HTTP/2 and HTTP/1.1, without TLS");
  expect(told.found.token?.text).toBe(
    "taken: environment S2_ACCESS_TOKEN; may list basins, may list tokens",
  );
  await cli.okRun(["create-basin", "doctor-basin"], { env });
  await cli.okRun(["create-stream", "s2://doctor-basin/x"], { env });
  const lines = await cli.okRun(["doctor", "s2://doctor-basin/x"], { env });
  expect(lines.stdout).toMatch(/^✓ proxy .*\n✓ address .*\n✓ connection (.*\n){3}✓ token .*\n/);
  const plain = await cli.okRun(["doctor", "--ascii"], { env });
  expect(plain.stdout).toMatch(/^ok proxy /);
  // Looking has left nothing behind.
  expect((await cli.okRun(["ls"], { env })).stdout).toMatch(/^doctor-basin .*\n$/);
});

it("says that a token is refused or missing, and what it may not list", async () => {
  const S2_ENDPOINT = server.url ?? "";
  const wrong = await doctor({ S2_ENDPOINT, S2_ACCESS_TOKEN: "wrong-secret" });
  expect([wrong.code, wrong.found.token]).toEqual([
    1,
    {
      state: "fail",
      text: "refused: environment S2_ACCESS_TOKEN",
      next: expect.stringContaining("replace it with S2_ACCESS_TOKEN") as string,
    },
  ]);
  // The server answers there too: a refusal comes by the way that is tried.
  expect(wrong.found.websocket?.state).toBe("ok");
  const none = await doctor({ S2_ENDPOINT });
  expect([none.code, none.found.token?.text]).toEqual([
    1,
    "none was given, and this server asks for one",
  ]);
  const root = { S2_ENDPOINT, S2_ACCESS_TOKEN: ROOT };
  const scope = ["--basins-prefix", "", "--ops", "read"];
  const issued = await cli.okRun(["issue-access-token", "reader", ...scope], { env: root });
  const reader = await doctor({ S2_ENDPOINT, S2_ACCESS_TOKEN: issued.stdout.trim() });
  expect([reader.code, reader.found.token?.text]).toEqual([
    0,
    "taken: environment S2_ACCESS_TOKEN; may not list basins, may not list tokens",
  ]);
  const away = await doctor({
    S2_ENDPOINT: S2_ENDPOINT.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
  });
  expect([away.code, away.found.token]).toEqual([
    1,
    { state: "fail", text: "missing access token", next: expect.stringContaining("set S2_ACC") },
  ]);
  expect(away.found.fetch).toBeUndefined();
});

it("says how far an address is reached", async () => {
  const nobody = await doctor({ S2_ENDPOINT: "http://127.0.0.1:1" });
  expect([nobody.code, states(nobody)]).toEqual([
    1,
    { proxy: "ok", address: "ok", connection: "fail" },
  ]);
  expect(nobody.found.connection?.text).toContain("nothing listens there");
  expect(nobody.found.connection?.next).toContain("s2kit lite");
  const unknown = await doctor({ S2_ENDPOINT: "http://nowhere.invalid", S2_ACCESS_TOKEN: ROOT });
  expect([unknown.code, unknown.found.address]).toEqual([
    1,
    {
      state: "fail",
      text: expect.stringMatching(/nowhere\.invalid: the name service does/) as string,
      next: expect.stringContaining("check the name") as string,
    },
  ]);
  const tls = (server.url ?? "").replace("http:", "https:");
  const clear = await doctor({ S2_ENDPOINT: tls });
  expect([clear.code, clear.found.connection?.next]).toEqual([
    1,
    expect.stringContaining("does not speak TLS"),
  ]);
  const half = await doctor({ S2_ACCOUNT_ENDPOINT: "http://127.0.0.1:1" });
  expect([half.code, half.found.config?.text]).toEqual([
    1,
    expect.stringContaining("only one of the two endpoints"),
  ]);
  const other = await doctor({
    S2_ACCOUNT_ENDPOINT: server.url ?? "",
    S2_BASIN_ENDPOINT: "http://127.0.0.1:1",
    S2_ACCESS_TOKEN: ROOT,
  });
  expect([other.code, other.found["basin connection"]?.state, other.found.token?.state]).toEqual([
    1,
    "fail",
    "ok",
  ]);
});

it("says which transports a gateway of HTTP/1.1 carries, and whose clock is wrong", async () => {
  await using old = await gateway(new Date(Date.now() - 60_000));
  const begun = performance.now();
  const told = await doctor({ S2_ENDPOINT: old.url, S2_ACCESS_TOKEN: ROOT });
  expect(told.code).toBe(0);
  expect(states(told)).toMatchObject({
    clock: "warn",
    "http/2": "warn",
    websocket: "warn",
    fetch: "ok",
  });
  // It leaves an upgrade unanswered, which is not waited for as long as a call may take.
  expect(told.found.websocket?.text).toBe("no answer to the upgrade, although calls are answered");
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(told.found.connection?.text).toContain("HTTP/1.1 only");
  expect(told.found.clock?.text).toMatch(/^this machine is (59|6\d) s ahead of the server$/);
});

it("says that a server is not well, and that some have no /health", async () => {
  await using ill = await gateway(undefined, { status: 503, body: "draining\nmore" });
  const told = await doctor({ S2_ENDPOINT: ill.url, S2_ACCESS_TOKEN: ROOT });
  expect([told.code, told.found.health?.text]).toEqual([1, "/health says 503: draining"]);
  await using without = await gateway(undefined, { status: 404, body: "" });
  const other = await doctor({ S2_ENDPOINT: without.url, S2_ACCESS_TOKEN: ROOT });
  expect([other.code, other.found.health?.state]).toEqual([0, "ok"]);
});

it("ends although what is there says nothing at all", async () => {
  const silent = createTcpServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const sockets: { destroy(): void }[] = [];
  silent.on("connection", (socket) => sockets.push(socket));
  const told = await doctor({ S2_ENDPOINT: `http://127.0.0.1:${port}` });
  expect([told.code, told.found.health?.state]).toEqual([1, "fail"]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

it("believes a certificate only with reason", async () => {
  const secure = await Cli.withServer({ tls: { selfSigned: true } });
  const env = { S2_ENDPOINT: secure.url ?? "" };
  const strict = await doctor(env);
  expect([strict.code, strict.found.connection]).toEqual([
    1,
    {
      state: "fail",
      text: expect.stringContaining("self-signed") as string,
      next: expect.stringContaining("--insecure") as string,
    },
  ]);
  const loose = await doctor(env, "--insecure");
  expect([loose.code, loose.found.connection]).toEqual([
    0,
    {
      state: "warn",
      text: expect.stringMatching(/^TLS 1\.3, HTTP\/2 and .*not verified$/) as string,
      next: expect.any(String) as string,
    },
  ]);
  expect(states(loose)).toMatchObject({ health: "ok", token: "ok", "http/2": "ok", fetch: "ok" });
  // Without a token the rest is looked at all the same, and certificates still do not count.
  const S2_ENDPOINT = `https://[::ffff:127.0.0.1]:${new URL(env.S2_ENDPOINT).port}`;
  const tokenless = await doctor({ S2_ENDPOINT }, "--insecure");
  expect(states(tokenless)).toMatchObject({ connection: "warn", health: "ok", token: "fail" });
  expect(tokenless.found.token?.text).toBe("missing access token");
  await secure.close();
});

it.each([
  [{}, "ok", "no variable"],
  [{ HTTPS_PROXY: "http://user:pass@proxy:3128" }, "warn", "HTTPS_PROXY=proxy:3128 is not used"],
  [{ https_proxy: "proxy:3128", NODE_USE_ENV_PROXY: "1" }, "warn", "carries calls"],
  [{ HTTP_PROXY: "http://p:1", NODE_USE_ENV_PROXY: "1" }, "warn", "HTTP_PROXY=p:1 carries"],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: ".s2.dev" }, "ok", "not for this address"],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "b.s2.dev,a.s2.dev:443" }, "ok", "(NO_PROXY)"],
  [{ HTTPS_PROXY: "http://p:1", no_proxy: "a.s2.dev:8443" }, "warn", "is not used"],
  [{ ALL_PROXY: "socks5://p:1" }, "warn", "ALL_PROXY=p:1 is not used"],
  [{ HTTPS_PROXY: "::" }, "warn", "(not a URL)"],
])("tells what becomes of the proxy variables %j", (env, state, text) => {
  const finding = proxyFinding(env, new URL("https://a.s2.dev/v1"));
  expect([finding.state, finding.text]).toEqual([state, expect.stringContaining(text)]);
  expect(JSON.stringify(finding)).not.toContain("pass");
});

it("tells a clock that is off by more than 5 s, and none that is only rounded", () => {
  const at = Date.parse("2026-01-01T00:00:10.900Z");
  const finding = (date: string | null): string =>
    clockFinding({ sentAt: at, answeredAt: at + 200, date }).state;
  expect(finding("Thu, 01 Jan 2026 00:00:10 GMT")).toBe("ok");
  expect(finding("Thu, 01 Jan 2026 00:00:15 GMT")).toBe("ok");
  expect(finding("Thu, 01 Jan 2026 00:00:17 GMT")).toBe("warn");
  expect(finding("Thu, 01 Jan 2026 00:00:04 GMT")).toBe("warn");
  expect(finding(null)).toBe("ok");
  expect(finding("soon")).toBe("ok");
});
