// Pages of browsers: who may call a server that asks for no token, what preflights say.
// Only raw requests here: no browser runs. Spec: control-plane#browsers.

import { define, type Suite } from "../../case.js";
import { equal, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

async function strangers(context: Context): Promise<void> {
  for (const origin of ["https://page.example", "http://192.0.2.7", "null"])
    refused(
      await context.call("GET", "/v1/basins?limit=1", { headers: { origin } }),
      403,
      "permission_denied",
      origin,
    );
  const stream = await context.stream();
  const headers = { origin: "https://page.example" };
  refused(await stream.post({ records: [{ body: "x" }] }, { headers }), 403, "permission_denied");
  await stream.hasTail(0);
}

async function thisMachine(context: Context): Promise<void> {
  for (const origin of ["http://localhost:3000", "http://127.0.0.1:5173"]) {
    const answer = status(
      await context.call("GET", "/v1/basins?limit=1", { headers: { origin } }),
      200,
    );
    equal(answer.headers["access-control-allow-origin"], origin, "access-control-allow-origin");
    equal(answer.headers["access-control-allow-credentials"], undefined, "credentials");
    const exposed = answer.headers["access-control-expose-headers"] ?? "";
    for (const name of ["s2-provision-result", "retry-after-ms"])
      matches(exposed.toLowerCase(), new RegExp(name), "exposed headers");
  }
}

async function foreignHosts(context: Context): Promise<void> {
  refused(
    await context.call("GET", "/v1/basins?limit=1", { headers: { host: "rebound.example" } }),
    403,
    "permission_denied",
  );
}

async function preflight(context: Context): Promise<void> {
  const answer = await context.call("OPTIONS", "/v1/streams/s/records", {
    token: null,
    headers: {
      origin: "http://localhost:3000",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,s2-basin",
    },
  });
  ok(answer.status === 200 || answer.status === 204, `preflight answers ${answer.status}`);
  const methods = answer.headers["access-control-allow-methods"] ?? "";
  matches(methods, /POST/, "allowed methods");
  const headers = (answer.headers["access-control-allow-headers"] ?? "").toLowerCase();
  for (const name of ["authorization", "content-type", "s2-basin"])
    ok(headers === "*" || headers.includes(name), `allowed headers ${headers} lack ${name}`);
  equal(answer.headers["access-control-allow-credentials"], undefined, "credentials");
}

export const BROWSERS: Suite = {
  name: "browsers",
  title: "Pages of browsers",
  cases: [
    define(
      "strangers",
      "c#browsers",
      "pages of other sites are 403 where no token is asked",
      strangers,
      { needs: ["browser-guard"] },
    ),
    define(
      "this-machine",
      "c#browsers",
      "pages of this machine may call; credentials never",
      thisMachine,
      { needs: ["browser-guard"] },
    ),
    define(
      "foreign-hosts",
      "c#browsers",
      "a host name that strangers can own is 403",
      foreignHosts,
      { needs: ["browser-guard", "clear-text"] },
    ),
    define(
      "preflight",
      "c#browsers c#routes",
      "preflights allow the method and headers they ask for, and need no token",
      preflight,
    ),
  ],
};
