// What the server has and what the token may do, found out by asking before the first case. A
// capability that is missing skips cases with a reason; one that the caller demands is a failure of
// its cases.

import { CAPABILITIES, type Capability } from "../capability.js";
import type { Answer, Http } from "../probe/http.js";
import { openHttp2 } from "../probe/http.js";
import { authorization, type Target, within } from "../probe/target.js";
import { dialWebSocket } from "../probe/websocket.js";
import type { Workspace } from "./workspace.js";

/** What the server has (true) or has not (false); what is left out is found out by asking it. */
export type CapabilitySettings = Partial<Record<Capability, boolean>>;

/** The server cannot be checked at all: not reached, or the token is not accepted. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

export async function checkReach(target: Target, http: Http): Promise<void> {
  const ask = { method: "GET", path: "/v1/basins?limit=1", headers: authorization(target.token) };
  let answer: Answer;
  try {
    answer = await http.over1(ask);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError(`cannot reach ${target.origin}: ${why}`, { cause });
  }
  if (answer.status === 401)
    throw new SetupError(
      target.token === undefined
        ? "the server asks for an access token: give one with --token"
        : "the server does not accept the access token",
    );
}

/**
 * @param told - what no request can find out, and the caller said
 */
export async function findCapabilities(
  target: Target,
  http: Http,
  workspace: Workspace,
  settings: CapabilitySettings,
  told: ReadonlySet<Capability>,
): Promise<ReadonlySet<Capability>> {
  const probes: Record<Capability, () => Promise<boolean> | boolean> = {
    tls: () => target.isTls,
    "clear-text": () => !target.isTls,
    http2: () => speaksHttp2(target),
    websocket: () => speaksWebSocket(target, workspace),
    "basin-zone": () => told.has("basin-zone"),
    draining: () => told.has("draining"),
    "rate-limits": () => told.has("rate-limits"),
    auth: async () =>
      (await http.over1({ method: "GET", path: "/v1/basins", headers: {} })).status === 401,
    "access-tokens": () => isServed(workspace, "/v1/access-tokens?limit=1"),
    locations: () => isServed(workspace, "/v1/locations"),
    metrics: () => isServed(workspace, "/v1/metrics?set=active-basins&start=0&end=1"),
    "path-basins": async () => {
      const basin = await workspace.shared("plain");
      return isServed(workspace, `/v1/basins/${basin}/streams?limit=1`);
    },
    "event-source": async () => {
      const basin = await workspace.shared("plain");
      const { status } = await workspace.ask("POST", "/v1/streams/none/tickets", undefined, basin);
      return ![404, 405, 501].includes(status);
    },
    otlp: async () => {
      const basin = await workspace.shared("plain");
      const { status } = await workspace.ask("POST", "/otlp/v1/traces", {}, basin);
      return ![404, 405, 501].includes(status);
    },
    encryption: async () => {
      const basin = await workspace.shared("aegis-256").catch(() => undefined);
      return basin !== undefined;
    },
    "browser-guard": async () => {
      const headers = { ...authorization(target.token), origin: "https://page.example" };
      return (await http.over1({ method: "GET", path: "/v1/basins", headers })).status === 403;
    },
  };
  const found = await Promise.all(
    CAPABILITIES.map(async (name) => {
      const told = settings[name];
      if (told !== undefined) return told ? [name] : [];
      return (await Promise.resolve(probes[name]()).catch(() => false)) ? [name] : [];
    }),
  );
  return new Set(found.flat());
}

/** Anything but "there is no such thing here". */
async function isServed(workspace: Workspace, path: string): Promise<boolean> {
  const { status } = await workspace.ask("GET", path);
  return ![404, 405, 501].includes(status);
}

async function speaksHttp2(target: Target): Promise<boolean> {
  const session = openHttp2(target);
  try {
    const answered = new Promise<boolean>((resolve) => {
      session.on("error", () => resolve(false));
      const stream = session.request({
        ":path": "/v1/basins?limit=1",
        ...authorization(target.token),
      });
      stream.on("error", () => resolve(false));
      stream.on("response", (head) => resolve(Number(head[":status"]) > 0));
      stream.resume();
    });
    return await within(target, answered, "HTTP/2", 5000);
  } finally {
    session.destroy();
  }
}

async function speaksWebSocket(target: Target, workspace: Workspace): Promise<boolean> {
  const basin = await workspace.shared("plain");
  const token =
    target.token === undefined
      ? []
      : [`s2.bearer.${Buffer.from(target.token).toString("base64url")}`];
  const carrier = await dialWebSocket(target, {
    path: `/v1/streams/none/records?basin=${basin}&mode=read`,
    protocols: ["s2s.v1", ...token],
  });
  carrier.destroy();
  return carrier.upgradeStatus === 101;
}

/** What the token may not do: harmless requests, for what is not there or in a basin of the run. */
export async function findDenied(workspace: Workspace): Promise<ReadonlySet<string>> {
  const basin = workspace.basinName();
  if (isDenied(await workspace.ask("POST", "/v1/basins", { basin })))
    return new Set(["create-basin"]);
  const asks = [...accountAsks(workspace), ...streamAsks(basin)];
  const denied: string[] = [];
  // One after the other: the stream of the later ones is made by an earlier one.
  for (const [operation, method, path, json, place] of asks)
    if (isDenied(await workspace.ask(method, path, json, place))) denied.push(operation);
  return new Set(denied);
}

type Probe = readonly [
  operation: string,
  method: string,
  path: string,
  json?: unknown,
  basin?: string,
];

function accountAsks(workspace: Workspace): readonly Probe[] {
  const none = workspace.basinName();
  return [
    ["list-basins", "GET", "/v1/basins?limit=1"],
    ["get-basin-config", "GET", `/v1/basins/${none}`],
    ["reconfigure-basin", "PATCH", `/v1/basins/${none}`, {}],
    ["delete-basin", "DELETE", `/v1/basins/${none}`],
    ["list-access-tokens", "GET", "/v1/access-tokens?limit=1"],
    [
      "issue-access-token",
      "POST",
      "/v1/access-tokens",
      { id: `${workspace.prefix}-none`, scope: {} },
    ],
    ["revoke-access-token", "DELETE", `/v1/access-tokens/${workspace.prefix}-none`],
    ["list-locations", "GET", "/v1/locations"],
    ["get-default-location", "GET", "/v1/locations/default"],
    ["set-default-location", "PUT", "/v1/locations/default", "no-such-location"],
    ["account-metrics", "GET", "/v1/metrics?set=active-basins&start=0&end=1"],
    ["basin-metrics", "GET", `/v1/metrics/${none}?set=storage&start=0&end=1`],
    ["stream-metrics", "GET", `/v1/metrics/${none}/none?set=storage&start=0&end=1`],
  ];
}

function streamAsks(basin: string): readonly Probe[] {
  const records = "/v1/streams/s/records";
  const command = (name: string, body: string): object => ({
    records: [{ headers: [["", name]], body }],
  });
  return [
    ["list-streams", "GET", "/v1/streams?limit=1", undefined, basin],
    ["create-stream", "POST", "/v1/streams", { stream: "s" }, basin],
    ["get-stream-config", "GET", "/v1/streams/s", undefined, basin],
    ["reconfigure-stream", "PATCH", "/v1/streams/s", {}, basin],
    ["check-tail", "GET", `${records}/tail`, undefined, basin],
    ["read", "GET", `${records}?seq_num=0`, undefined, basin],
    ["append", "POST", records, { records: [{}] }, basin],
    ["fence", "POST", records, command("fence", ""), basin],
    ["trim", "POST", records, command("trim", "\0\0\0\0\0\0\0\0"), basin],
    ["delete-stream", "DELETE", "/v1/streams/none", undefined, basin],
  ];
}

function isDenied({ status, json }: Answer): boolean {
  return status === 403 && json?.code === "permission_denied";
}
