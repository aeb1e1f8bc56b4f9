// Read tickets and the tokens that they come from: what a ticket may not be more than, and when it
// ends. Cases of the suite in event-source.ts. Spec: data-plane#read-tickets.

import { type Case, define } from "../../case.js";
import { equal, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { forbidden, issue } from "../access/issue.js";
import { ANCHOR, ask, read, ticketOf, WITH_AUTH, WITH_TOKENS } from "./tickets.js";

async function ofItsToken(context: Context): Promise<void> {
  const stream = await context.stream();
  const scope = { basins: { exact: stream.basin }, streams: { exact: stream.name } };
  const { token: appender } = await issue(context, { ...scope, ops: ["append", "check-tail"] });
  forbidden(await ask(context, stream, { token: appender }), "a ticket without read");
  const { token } = await issue(context, { ...scope, ops: ["read"] });
  forbidden(await ask(context, await context.stream(), { token }), "a ticket for another stream");
  const ticket = await ticketOf(context, stream, { token });
  status(await read(context, stream, ticket), 200);
}

async function automaticPrefix(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const prefix = `${context.name()}/`;
  const whole = await context.call("PUT", `/v1/streams/${encodeURIComponent(`${prefix}s`)}`, {
    basin,
  });
  status(whole, 201);
  const { token } = await issue(
    context,
    { basins: { exact: basin }, streams: { prefix }, ops: ["read"] },
    { auto_prefix_streams: true },
  );
  const answer = await context.call("POST", "/v1/streams/s/tickets", { basin, token });
  const { ticket } = status(answer, 201).json;
  status(await read(context, { basin, path: "/v1/streams/s/records" }, ticket), 200);
  const path = `/v1/streams/${encodeURIComponent(`${prefix}s`)}/records`;
  forbidden(await read(context, { basin, path }, ticket), "by its whole name");
}

async function revoked(context: Context): Promise<void> {
  const stream = await context.stream();
  const scope = { basins: { exact: stream.basin }, streams: { exact: stream.name }, ops: ["read"] };
  const { id, token } = await issue(context, scope);
  const ticket = await ticketOf(context, stream, { token });
  const following = read(context, stream, ticket, "wait=30");
  await context.sleep(300);
  status(await context.call("DELETE", `/v1/access-tokens/${id}`), 204);
  refused(await read(context, stream, ticket), 401, "authn");
  const { text } = status(await following, 200);
  matches(text, /event: error\ndata: .*"code":"authn"/, "the end of what it opened");
  // Another token under the same name is another token.
  const json = { id, scope };
  status(await context.call("POST", "/v1/access-tokens", { json }), 201);
  refused(await read(context, stream, ticket), 401, "authn");
}

async function expires(context: Context): Promise<void> {
  const stream = await context.stream();
  const ticket = await ticketOf(context, stream, { json: { expires_in_secs: 2 } });
  const started = context.shared.clock.monotonic();
  const { text } = status(await read(context, stream, ticket, "wait=30"), 200);
  const took = context.shared.clock.monotonic() - started;
  matches(text, /event: error\ndata: .*"code":"authn"/, "the end of what it opened");
  ok(took < 4000, `a ticket of 2 s was over after ${Math.round(took)} ms`);
  refused(await read(context, stream, ticket), 401, "authn");
}

async function withItsToken(context: Context): Promise<void> {
  const stream = await context.stream();
  const expiresAt = new Date(Math.ceil(context.now() / 1000) * 1000 + 30_000).toISOString();
  const { token } = await issue(
    context,
    { basins: { exact: stream.basin }, streams: { exact: stream.name }, ops: ["read"] },
    { expires_at: expiresAt },
  );
  const { json } = status(await ask(context, stream, { token }), 201);
  equal(Date.parse(json.expires_at), Date.parse(expiresAt), "expires_at, bounded by the token's");
}

export const TICKET_ENDS: readonly Case[] = [
  define(
    "ticket-of-its-token",
    `${ANCHOR} c#what-is-checked`,
    "a ticket needs read of its stream",
    ofItsToken,
    WITH_TOKENS,
  ),
  define(
    "ticket-prefix",
    `${ANCHOR} c#automatic-prefixes`,
    "a ticket calls the stream what its token does",
    automaticPrefix,
    WITH_TOKENS,
  ),
  define(
    "ticket-revoked",
    `${ANCHOR} c#issue`,
    "a ticket ends with its token, at once",
    revoked,
    WITH_TOKENS,
  ),
  define("ticket-expires", ANCHOR, "a ticket, and what it opened, ends at its time", expires, {
    ...WITH_AUTH,
    isSlow: true,
  }),
  define(
    "ticket-within-token",
    ANCHOR,
    "a ticket ends no later than its token",
    withItsToken,
    WITH_TOKENS,
  ),
];
