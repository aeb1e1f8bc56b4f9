// What a stream keeps of telemetry, as `s2kit read --format otlp-json` shows it: the items of every record.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CLI_PATH } from "../harness/command.js";

const run = promisify(execFile);

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
export type Json = Record<string, any>;

/** Every record of a stream that is there. */
export async function linesOf(
  url: string,
  basin: string,
  stream: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Json[]> {
  const { stdout } = await run(
    process.execPath,
    [
      CLI_PATH,
      "read",
      `s2://${basin}/${stream}`,
      "-s",
      "0",
      "-n",
      "100000",
      "--format",
      "otlp-json",
    ],
    {
      maxBuffer: 1 << 28,
      env: {
        PATH: process.env.PATH,
        S2_ENDPOINT: url,
        S2_ACCESS_TOKEN: "ignored",
        ...headers,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      },
    },
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Json);
}

/** Names of all items, in order. */
export function namesOf(lines: readonly Json[]): string[] {
  return lines.flatMap(({ resourceLogs = [], resourceSpans = [], resourceMetrics = [] }) => [
    ...resourceLogs.flatMap((group: Json) =>
      group.scopeLogs.flatMap((scope: Json) =>
        scope.logRecords.map(({ body }: Json) => body.stringValue as string),
      ),
    ),
    ...resourceSpans.flatMap((group: Json) =>
      group.scopeSpans.flatMap((scope: Json) =>
        scope.spans.map(({ name }: Json) => name as string),
      ),
    ),
    ...resourceMetrics.flatMap((group: Json) =>
      group.scopeMetrics.flatMap((scope: Json) =>
        scope.metrics.map(({ name }: Json) => name as string),
      ),
    ),
  ]);
}
