// Read tickets: what they open without a header, and what they do not.
// Cases of the suite in event-source.ts. Spec: data-plane#read-tickets.

import { type Case, define } from "../../case.js";
import { equal, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { forbidden } from "../access/issue.js";
import { TICKET_ENDS } from "./ticket-ends.js";
import { ANCHOR, ask, EVENTS, NEEDS, read, ticketOf, WITH_AUTH } from "./tickets.js";

async function form(context: Context): Promise<void> {
  const stream = await context.stream();
  const lives = [
    [{ json: { expires_in_secs: 1 } }, 1],
    [{ json: { expires_in_secs: 600 } }, 600],
    [{ json: {} }, 600],
    [{ json: null }, 600],
    [{}, 600],
    [{ over: "h2" }, 600],
  ] as const;
  for (const [options, secs] of lives.slice(0, context.has("http2") ? 6 : 5)) {
    const { json } = status(await ask(context, stream, options), 201);
    equal(Object.keys(json).sort(), ["expires_at", "ticket"], "keys of the answer");
    matches(json.ticket, /^[\w.~-]{16,2000}$/, "a ticket needs no encoding in a query");
    const leftMs = Date.parse(json.expires_at) - context.now();
    ok(Math.abs(leftMs - secs * 1000) < 60_000, `a life of ${secs} s ends at ${json.expires_at}`);
  }
  for (const secs of [0, 601])
    refused(await ask(context, stream, { json: { expires_in_secs: secs } }), 422, "invalid");
  for (const secs of [-1, 1.5, "60", true])
    refused(await ask(context, stream, { json: { expires_in_secs: secs } }), 400, "bad_json");
  refused(await ask(context, stream, { json: [] }), 400, "bad_json");
}

async function opens(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("hello");
  const ticket = await ticketOf(context, stream);
  for (const over of context.has("http2")
    ? (["h1", "h2", "h1"] as const)
    : (["h1", "h1"] as const)) {
    const answer = status(await read(context, stream, ticket, "wait=0", { over }), 200);
    ok(answer.text.includes('"body":"hello"'), `the record in ${answer.text}`);
    equal(answer.headers["referrer-policy"], "no-referrer", "referrer-policy");
    ok((answer.headers["cache-control"] ?? "").includes("no-store"), "no-store");
  }
}

async function opensNothingElse(context: Context): Promise<void> {
  const stream = await context.stream();
  const other = await context.stream();
  await stream.bodies("a");
  const ticket = await ticketOf(context, stream);
  forbidden(await read(context, other, ticket), "another stream");
  const basin = context.shared.workspace.basinName();
  forbidden(await read(context, { basin, path: stream.path }, ticket), "another basin");
  const json = { records: [{}] };
  for (const [method, path, more] of [
    ["GET", `${stream.path}?seq_num=0&count=1`, { headers: {} }],
    ["GET", `${stream.path}?seq_num=0&count=1`, { headers: { accept: "application/protobuf" } }],
    ["GET", `${stream.path}?seq_num=0&count=1`, { headers: { "content-type": "s2s/proto" } }],
    ["GET", `${stream.path}/tail?`, { headers: EVENTS }],
    ["POST", `${stream.path}?`, { headers: EVENTS, json }],
    ["POST", `${stream.path.replace(/records$/, "tickets")}?`, { headers: EVENTS }],
    ["GET", "/v1/streams?", { headers: EVENTS }],
  ] as const) {
    const options = { token: null, basin: stream.basin, ...more };
    refused(await context.call(method, `${path}&ticket=${ticket}`, options), 401, "authn");
  }
  await stream.hasTail(1);
}

async function isNoToken(context: Context): Promise<void> {
  const stream = await context.stream();
  const ticket = await ticketOf(context, stream);
  const { basin, path } = stream;
  const asToken = await context.call("GET", `${path}?seq_num=0&wait=0`, {
    basin,
    token: ticket,
    headers: EVENTS,
  });
  refused(asToken, 401, "authn", "a ticket as a bearer token");
  const both = await read(context, stream, ticket, "wait=0", { token: "never-issued" });
  refused(both, 401, "authn", "a token that is wrong beside a ticket that is right");
}

async function forged(context: Context): Promise<void> {
  const stream = await context.stream();
  const ticket = await ticketOf(context, stream);
  const half = Math.floor(ticket.length / 2);
  const changed =
    ticket.slice(0, half) + (ticket[half] === "A" ? "B" : "A") + ticket.slice(half + 1);
  for (const wrong of ["", "x", changed, `${ticket}A${ticket}`, ticket.slice(0, -8)])
    refused(await read(context, stream, wrong), 401, "authn", `the ticket ${wrong}`);
  refused(await read(context, stream, ticket, `wait=0&ticket=${ticket}`), 401, "authn", "twice");
}

/** With tokens the one is let in and the other is not; without, nobody looks. */
async function withoutAuth(context: Context): Promise<void> {
  const stream = await context.stream();
  status(await read(context, stream, await ticketOf(context, stream)), 200);
  status(await read(context, stream, "whatever"), context.has("auth") ? 401 : 200);
}

export const READ_TICKETS: readonly Case[] = [
  define("ticket-form", ANCHOR, "a ticket lives 1 to 600 s, 600 by default", form, NEEDS),
  define(
    "ticket-opens",
    ANCHOR,
    "a ticket opens its stream, as often as wanted, without headers",
    opens,
    NEEDS,
  ),
  define(
    "ticket-opens-nothing-else",
    ANCHOR,
    "no other stream, basin, format or operation",
    opensNothingElse,
    WITH_AUTH,
  ),
  define(
    "ticket-is-no-token",
    ANCHOR,
    "a ticket is no token, and a token goes before it",
    isNoToken,
    WITH_AUTH,
  ),
  define("ticket-forged", ANCHOR, "what is no ticket opens nothing", forged, WITH_AUTH),
  define(
    "ticket-without-auth",
    ANCHOR,
    "where no token is asked for, a ticket is not looked at",
    withoutAuth,
    NEEDS,
  ),
  ...TICKET_ENDS,
];
