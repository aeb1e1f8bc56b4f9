// Asking for the same metrics outside of this page.
// Used by the screen; pure but for what the page knows of its server and the time.

import { type CopyAs, curl, program, shellWord, text, uri } from "../../format/copy-as.js";
import { count } from "../../format/numbers.js";
import { now } from "../../format/times.js";
import { common, endpoint } from "../../state/connection.js";
import { HOUR, RANGES } from "./ranges.js";

export function metricsAs(
  basin: string | undefined,
  stream: string | undefined,
  last: string,
): CopyAs {
  const end = Math.floor(now() / 1000);
  const spanSecs = (RANGES.find(([key]) => key === last)?.[2] ?? HOUR) / 1000;
  const set =
    stream !== undefined ? "storage" : basin !== undefined ? "append-throughput" : "account-ops";
  const rest = [basin, stream]
    .filter((name) => name !== undefined)
    .map((name) => `/${encodeURIComponent(name)}`);
  const command =
    stream !== undefined
      ? `get-stream-metrics ${uri(basin ?? "", stream)}`
      : basin !== undefined
        ? `get-basin-metrics ${shellWord(basin)}`
        : "get-account-metrics";
  const kind = stream !== undefined ? "stream" : basin !== undefined ? "basin" : "account";
  const names = [
    basin === undefined ? "" : `basin: ${text(basin)}, `,
    stream === undefined ? "" : `stream: ${text(stream)}, `,
  ];
  return {
    title: "these metrics",
    cli: `s2kit ${command} ${set} --last ${last}`,
    curl: curl({
      ...common(),
      path: `/metrics${rest.join("")}`,
      query: { set, start: end - spanSecs, end },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const end = new Date();
const start = new Date(end.getTime() - ${count(spanSecs).replaceAll(",", "_")} * 1000);
const { values } = await s2.metrics.${kind}({ ${names.join("")}set: ${text(set)}, start, end });
console.log(values);`,
    ),
  };
}
