// Hosts that name a basin, for a server that has a zone for them: the run must be told the zone.
// Who may use which host at all is the matter of browsers.ts.
// Spec: control-plane#hosts-and-basins.

import { type Case, define, type Suite } from "../../case.js";
import { equal, refused, status } from "../../expect.js";
import type { HttpVersion } from "../../probe/exchange.js";
import type { Context } from "../../run/context.js";

const HEADING = "c#hosts-and-basins";

function hostOf(context: Context, basin: string): Readonly<Record<string, string>> {
  return { host: `${basin}.${context.shared.basinZone ?? ""}` };
}

async function named(context: Context, over: HttpVersion): Promise<void> {
  const basin = await context.sharedBasin();
  const headers = hostOf(context, basin);
  const stream = context.name();
  const created = await context.call("POST", "/v1/streams", { headers, over, json: { stream } });
  status(created, 201);
  const path = `/v1/streams/${stream}/records`;
  const json = { records: [{ body: "by host" }] };
  status(await context.call("POST", path, { headers, over, json }), 200);
  // The same stream by the header.
  const read = status(await context.call("GET", `${path}?seq_num=0`, { basin, over }), 200);
  equal(read.json.records[0]?.body, "by host", "the record");
}

async function upperCase(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const { host = "" } = hostOf(context, basin);
  const headers = { host: host.toUpperCase() };
  status(await context.call("GET", "/v1/streams?limit=1", { headers }), 200);
}

async function headerWins(context: Context): Promise<void> {
  const [named, meant] = [await context.basin(), await context.basin()];
  const stream = context.name();
  const headers = hostOf(context, named);
  status(
    await context.call("POST", "/v1/streams", { basin: meant, headers, json: { stream } }),
    201,
  );
  status(await context.call("GET", `/v1/streams/${stream}`, { basin: meant }), 200);
  refused(
    await context.call("GET", `/v1/streams/${stream}`, { basin: named }),
    404,
    "stream_not_found",
  );
}

async function zoneAlone(context: Context): Promise<void> {
  const headers = { host: context.shared.basinZone ?? "" };
  refused(await context.call("GET", "/v1/streams", { headers }), 400, "bad_header");
}

async function deeper(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const headers = hostOf(context, `more.${basin}`);
  const answer = await context.call("GET", "/v1/streams", { headers });
  equal(answer.status >= 400 && answer.status < 500, true, `refused, got ${answer.status}`);
}

async function accountRoutes(context: Context): Promise<void> {
  const headers = hostOf(context, await context.sharedBasin());
  status(await context.call("GET", "/v1/basins?limit=1", { headers }), 200);
}

const needs = ["basin-zone"] as const;

const CASES: readonly Case[] = [
  define("basin-h1", HEADING, "the host names the basin", (c) => named(c, "h1"), { needs }),
  define("basin-h2", HEADING, "the authority names the basin", (c) => named(c, "h2"), {
    needs: [...needs, "http2"],
  }),
  define("upper-case", HEADING, "hosts are the same in any case", upperCase, { needs }),
  define("header-wins", HEADING, "s2-basin goes before the host", headerWins, { needs }),
  define("zone-alone", HEADING, "the zone alone names no basin", zoneAlone, { needs }),
  define("deeper", HEADING, "a name below that of a basin names no basin", deeper, { needs }),
  define("account-routes", HEADING, "routes of the account take any host", accountRoutes, {
    needs,
  }),
];

export const HOSTS: Suite = { name: "hosts", title: "Hosts of basins", cases: CASES };
