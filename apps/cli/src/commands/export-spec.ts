// `export-spec`: a resource spec of the basins and streams that exist, for `apply` elsewhere. What
// is being deleted is left out. Spec: cli#conventions.

import type { S2 } from "@s2kit/client";
import { basinConfigSpec, streamConfigSpec } from "../declarative/spec-of.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { openLiveLine } from "../show/live-line.js";
import { given } from "../values/given.js";
import { count } from "../values/quantity.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { out } = context;
  const client = await context.client();
  const names = input.get<readonly string[]>("basins") ?? [];
  const basins: object[] = [];
  const live = await openLiveLine(out);
  let found = 0;
  const onFound = (): void => {
    found++;
    live.show(() => count(found, "resource"));
  };
  try {
    for (const name of names.length > 0 ? names : await allBasins(client, input))
      basins.push(await basinSpec(client, name, !input.is("basins-only"), onFound));
  } finally {
    live.close();
  }
  const spec = { basins };
  await out.line(out.isJson ? JSON.stringify(spec) : JSON.stringify(spec, undefined, 2));
}

async function allBasins(client: S2, input: Input): Promise<readonly string[]> {
  const found = await client.basins.listAll(given("prefix", input.get<string>("prefix"))).toArray();
  return found.map(({ name }) => name);
}

async function basinSpec(
  client: S2,
  basin: string,
  hasStreams: boolean,
  onFound: () => void,
): Promise<object> {
  onFound();
  const config = basinConfigSpec(await client.basins.getConfig({ basin }));
  if (!hasStreams) return { name: basin, config };
  const { streams: calls } = client.basin(basin);
  const streams: object[] = [];
  for await (const { name } of calls.listAll()) {
    onFound();
    streams.push({
      name,
      ...given("config", streamConfigSpec(await calls.getConfig({ stream: name }))),
    });
  }
  return { name: basin, config, streams };
}
