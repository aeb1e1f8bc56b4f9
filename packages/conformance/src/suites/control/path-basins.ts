// Basins that are named in the path, for who can send no header. The same routes: what they answer
// is held against the form with the header. Spec: control-plane#basins-in-the-path.

import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import { ROUTES } from "../../operations.js";
import type { Context } from "../../run/context.js";

const NEEDS = { needs: ["path-basins"] } as const;
const ANCHOR = "c#basins-in-the-path";

const OF_BASINS = ROUTES.filter(({ template }) => template.startsWith("/v1/streams"));

/** Every route of a basin refuses the same things in the same words. */
const EVERY: readonly Case[] = OF_BASINS.map(({ name, method, template, needs }) =>
  define(
    `same-${name}`,
    ANCHOR,
    `${method} ${template} is refused alike with the basin in its path`,
    async (context) => {
      const missing = context.shared.workspace.basinName();
      const path = template.replace("{stream}", "none");
      const json = ["POST", "PATCH", "PUT"].includes(method) ? { json: [7] } : {};
      const byHeader = await context.call(method, path, { basin: missing, ...json });
      const inPath = await context.call(
        method,
        path.replace("/v1/", `/v1/basins/${missing}/`),
        json,
      );
      equal([inPath.status, inPath.json], [byHeader.status, byHeader.json], inPath.asked);
    },
    needs === undefined ? NEEDS : { needs: ["path-basins", needs] },
  ),
);

async function throughTheLife(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const stream = `${context.name()}/a b`;
  const streams = `/v1/basins/${basin}/streams`;
  const path = `${streams}/${encodeURIComponent(stream)}`;
  status(await context.call("POST", streams, { json: { stream } }), 201);
  const records = { json: { records: [{ body: "one" }] } };
  status(await context.call("POST", `${path}/records`, records), 200);
  const second = status(await context.call("POST", `${path}/append`, records), 200);
  equal(second.json.end.seq_num, 2, "end of the second append");
  for (const tail of ["records/tail", "tail"])
    equal(
      status(await context.call("GET", `${path}/${tail}`), 200).json.tail.seq_num,
      2,
      `tail by ${tail}`,
    );
  for (const read of ["records", "read"]) {
    const answer = status(await context.call("GET", `${path}/${read}?seq_num=0&count=9`), 200);
    equal(answer.json.records.length, 2, `records by ${read}`);
  }
  const plain = `/v1/streams/${encodeURIComponent(stream)}`;
  const config = status(await context.call("GET", plain, { basin }), 200);
  equal(status(await context.call("GET", path), 200).json, config.json, "config in both forms");
  status(await context.call("DELETE", path), 202);
}

async function headers(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const path = `/v1/basins/${basin}/streams?limit=1`;
  status(await context.call("GET", path, { basin }), 200);
  refused(await context.call("GET", path, { basin: `${basin}x` }), 400, "bad_header");
  refused(await context.call("GET", "/v1/basins/BAD/streams"), 400, "bad_path");
}

async function methods(context: Context): Promise<void> {
  const path = `/v1/basins/${await context.sharedBasin()}/streams/s`;
  for (const [method, verb, allowed] of [
    ["GET", "append", "POST"],
    ["POST", "read", "GET"],
    ["POST", "tail", "GET"],
  ] as const) {
    const answer = await context.call(method, `${path}/${verb}`);
    refused(answer, 405, "method_not_allowed");
    const named = (answer.headers.allow ?? "").split(/,\s*/);
    ok(named.includes(allowed), `Allow: ${named.join(", ")} lacks ${allowed}`);
  }
  // The older words belong to paths that name their basin.
  const basin = await context.sharedBasin();
  refused(await context.call("GET", "/v1/streams/s/read", { basin }), 404, "not_found");
}

export const PATH_BASINS: Suite = {
  name: "path-basins",
  title: "Basins in the path",
  cases: [
    ...EVERY,
    define(
      "life",
      ANCHOR,
      "a stream is made, written, read and deleted by paths alone",
      throughTheLife,
      NEEDS,
    ),
    define(
      "headers",
      ANCHOR,
      "a header may repeat the basin, and not contradict it",
      headers,
      NEEDS,
    ),
    define(
      "methods",
      ANCHOR,
      "append, read and tail have their methods, in paths with a basin",
      methods,
      NEEDS,
    ),
  ],
};
