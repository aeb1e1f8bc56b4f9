// Lists and their pages: order, prefixes, cursors, limits.
// Each case fills a basin of its own. Spec: control-plane#lists.

import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

interface Page {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

async function page(context: Context, basin: string, query: Record<string, string>): Promise<Page> {
  const answer = await context.call("GET", `/v1/streams?${new URLSearchParams(query).toString()}`, {
    basin,
  });
  const { streams, has_more: hasMore } = status(answer, 200).json;
  return { names: streams.map(({ name }: { name: string }) => name), hasMore };
}

async function filled(context: Context, names: readonly string[]): Promise<string> {
  const basin = await context.basin();
  for (const stream of names)
    status(await context.call("POST", "/v1/streams", { basin, json: { stream } }), 201);
  return basin;
}

async function orderOfBytes(context: Context): Promise<void> {
  // UTF-16 would put the crab (a surrogate pair) before the fullwidth letter.
  const names = ["b", "a", "a/b", "a!b", "B", "ä", "\uff21", "🦀", "a0"];
  const basin = await filled(context, names);
  const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  equal((await page(context, basin, {})).names, sorted, "order");
}

async function pages(context: Context): Promise<void> {
  const names = ["a1", "a2", "a3", "b1", "b2"];
  const basin = await filled(context, names);
  const ask = (query: Record<string, string>): Promise<Page> => page(context, basin, query);
  equal(await ask({ limit: "2" }), { names: ["a1", "a2"], hasMore: true }, "first page");
  equal(
    await ask({ limit: "2", start_after: "a2" }),
    { names: ["a3", "b1"], hasMore: true },
    "second page",
  );
  equal(
    await ask({ limit: "2", start_after: "b1" }),
    { names: ["b2"], hasMore: false },
    "last page",
  );
  equal(await ask({ limit: "5" }), { names, hasMore: false }, "a page that is exactly full");
  equal(
    await ask({ prefix: "a", limit: "3" }),
    { names: ["a1", "a2", "a3"], hasMore: false },
    "has_more counts matches of the prefix only",
  );
  equal(
    await ask({ prefix: "a", start_after: "a1" }),
    { names: ["a2", "a3"], hasMore: false },
    "strictly after",
  );
  equal(
    await ask({ start_after: "a15" }),
    { names: ["a2", "a3", "b1", "b2"], hasMore: false },
    "a cursor that is no name",
  );
  equal(
    await ask({ prefix: "b", start_after: "a" }),
    { names: ["b1", "b2"], hasMore: false },
    "a cursor below the prefix",
  );
  equal(
    await ask({ prefix: "a", start_after: "b" }),
    { names: [], hasMore: false },
    "a cursor beyond the prefix",
  );
  equal(await ask({ prefix: "none" }), { names: [], hasMore: false }, "no match");
}

const LIMITS: readonly Case[] = ["0", "1000", "1001", "4000000000"].map((limit) =>
  define(`limit-${limit}`, "c#lists", `limit=${limit} is at most 1000 names`, async (context) => {
    const basin = await context.sharedBasin();
    const answer = status(await context.call("GET", `/v1/streams?limit=${limit}`, { basin }), 200);
    ok(answer.json.streams.length <= 1000, "more than 1000 names");
  }),
);

const BAD_LIMITS: readonly Case[] = ["-1", "x", "1.5", ""].map((limit) =>
  define(
    `bad-limit-${limit || "empty"}`,
    "c#lists c#queries",
    `limit=${limit} is 400 bad_query`,
    async (context) => {
      const basin = await context.sharedBasin();
      refused(await context.call("GET", `/v1/streams?limit=${limit}`, { basin }), 400, "bad_query");
      refused(await context.call("GET", `/v1/basins?limit=${limit}`), 400, "bad_query");
    },
  ),
);

async function basinsListed(context: Context): Promise<void> {
  const names = [await context.basin(), await context.basin(), await context.basin()];
  const [first = "", second = ""] = names;
  const at = first.slice(0, -1);
  const { json } = status(await context.call("GET", `/v1/basins?prefix=${first}`), 200);
  equal(
    json.basins.map((each: { name: string }) => each.name),
    [first],
    "list by the whole name",
  );
  equal(json.has_more, false, "has_more");
  const after = status(
    await context.call("GET", `/v1/basins?prefix=${at.slice(0, -1)}&start_after=${first}`),
    200,
  );
  const listed = after.json.basins.map((each: { name: string }) => each.name);
  ok(!listed.includes(first), "start_after is strict");
  ok(listed.includes(second), `${second} is not in ${listed.join(" ")}`);
  equal(
    listed,
    (listed as string[]).toSorted((a, b) => (a < b ? -1 : 1)),
    "order of basins",
  );
}

/** Others make basins beside this case: what is between its own is not counted. */
async function basinPages(context: Context): Promise<void> {
  const names = [await context.basin(), await context.basin(), await context.basin()];
  const [first = "", , last = ""] = names;
  const { prefix } = context.shared.workspace;
  const seen: string[] = [];
  let hasMore = true;
  for (let cursor = first; hasMore && (seen.at(-1) ?? "") < last; cursor = seen.at(-1) ?? "") {
    const query = `prefix=${prefix}&start_after=${cursor}&limit=1`;
    const { json } = status(await context.call("GET", `/v1/basins?${query}`), 200);
    equal(json.basins.length, 1, "names on a page of one, before the last");
    const [{ name }] = json.basins;
    ok(name > cursor, `${name} is not after ${cursor}`);
    seen.push(name);
    hasMore = json.has_more;
  }
  ok(
    names.slice(1).every((name) => seen.includes(name)),
    `${names.join(" ")} are not all in ${seen.join(" ")}`,
  );
  const beyond = await context.call("GET", `/v1/basins?prefix=${prefix}&start_after=zzzzzzzz`);
  equal(beyond.json, { basins: [], has_more: false }, "a cursor beyond the prefix");
}

async function queries(context: Context): Promise<void> {
  const basin = await filled(context, ["a b", "a+b"]);
  equal((await page(context, basin, { prefix: "a b" })).names, ["a b"], "a space");
  const plus = status(await context.call("GET", "/v1/streams?prefix=a+b", { basin }), 200);
  equal(plus.json.streams.length, 1, "a plus is a space");
  equal(plus.json.streams[0].name, "a b", "a plus is a space");
  equal(
    (await page(context, basin, { bogus: "1", prefix: "a+" })).names,
    ["a+b"],
    "an encoded plus, and an unknown key",
  );
}

async function deletedAreListed(context: Context): Promise<void> {
  const basin = await context.basin();
  const stream = await context.stream({}, basin);
  status(await context.call("DELETE", `/v1/basins/${basin}`), 202);
  const { json } = status(await context.call("GET", `/v1/basins?prefix=${basin}`), 200);
  // It may be gone already; while it is there it says that it goes.
  for (const each of json.basins) {
    ok(typeof each.deleted_at === "string", `deleted_at is ${each.deleted_at}`);
    equal(each.state, "deleting", "state");
  }
  ok(stream.name !== "", "");
}

export const LISTS: Suite = {
  name: "lists",
  title: "Lists",
  cases: [
    define("order", "c#lists", "the order is that of the UTF-8 bytes", orderOfBytes),
    define("pages", "c#lists", "prefix, start_after, limit and has_more", pages),
    ...LIMITS,
    ...BAD_LIMITS,
    define(
      "basins",
      "c#lists c#basins",
      "basins are listed by prefix, in order, after the cursor",
      basinsListed,
    ),
    define("basin-pages", "c#lists c#basins", "basins are listed in pages", basinPages),
    define("form-decoding", "c#queries", "queries are form decoded, unknown keys ignored", queries),
    define(
      "deleted-at",
      "c#lists c#delete-a-basin",
      "what is being deleted is listed with deleted_at",
      deletedAreListed,
    ),
  ],
};
