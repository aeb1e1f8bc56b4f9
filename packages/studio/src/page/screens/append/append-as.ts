// Appending the same outside of this page: what is typed goes along, a file is named.
// Pure; the key and the token of the page are named, never written.

import {
  type CopyAs,
  curl,
  flags,
  keyFlag,
  program,
  shellWord,
  streamHandle,
  streamPath,
  text,
  uri,
} from "../../format/copy-as.js";
import type { StreamTarget } from "../../protocol.js";
import type { Draft } from "./draft.js";

/** The stream, and what there is to know about reaching it. */
export interface AppendTarget extends StreamTarget {
  readonly endpoint: string;
  readonly hasToken: boolean;
  readonly isKeyed: boolean;
}

/** A record as the API and `--format json` take it. */
interface WireRecord {
  readonly headers?: Draft["headers"];
  readonly body: string;
}

/** What the server takes at once. */
const BATCH_RECORDS = 1000;
/** A body with nothing beside it. */
const LONGEST_BODY = 1024 * 1024 - 8;

export function appendAs(draft: Draft, target: AppendTarget): CopyAs {
  const match = draft.match === "" ? undefined : Number(draft.match);
  const token = draft.token === "" ? undefined : draft.token;
  return {
    title: "append this",
    cli: `${cliOf(draft, target)}${flags({ "match-seq-num": match, "fencing-token": token })}${keyFlag(target.isKeyed)}${inputOf(draft)}`,
    curl: curlOf(draft, target, { match_seq_num: match, fencing_token: token }),
    ts: program(
      target.endpoint,
      target.hasToken,
      tsOf(draft, target, { matchSeqNum: match, fencingToken: token }),
    ),
  };
}

function cliOf(draft: Draft, { basin, stream }: AppendTarget): string {
  const { file, split, body } = draft;
  const headers = headersOf(draft);
  const append = `s2kit append ${uri(basin, stream)}`;
  if (file !== undefined) {
    if (headers.length > 0) return `${jq(draft, "-c", recordIn(draft))} | ${append} --format json`;
    return split === "lines" ? append : `${append} --format binary --chunk ${LONGEST_BODY}`;
  }
  // Lines of input are records there, too.
  const isPlain = headers.length === 0 && (split === "lines" || /^[^\n]+$/.test(body));
  if (isPlain) return `printf %s ${shellWord(body)} | ${append}`;
  const records = recordsOf(draft).map((record) => shellWord(JSON.stringify(record)));
  return `printf '%s\\n' ${records.join(" ")} | ${append} --format json`;
}

/** Where a file comes in that needs nothing beside it. */
function inputOf(draft: Draft): string {
  const isRead = draft.file !== undefined && headersOf(draft).length === 0;
  return isRead ? ` < ${shellWord(draft.file.name)}` : "";
}

function curlOf(draft: Draft, target: AppendTarget, conditions: object): string {
  const { endpoint, hasToken, basin, stream, isKeyed } = target;
  const path = streamPath(stream, "/records");
  const request = { endpoint, hasToken, method: "POST", path, basin, isKeyed };
  if (draft.file === undefined)
    return curl({ ...request, json: { records: recordsOf(draft), ...conditions } });
  const records = draft.split === "lines" ? `[inputs|${recordIn(draft)}]` : `[${recordIn(draft)}]`;
  const given = JSON.stringify(conditions);
  const body = `{records:${records}}${given === "{}" ? "" : `+${given}`}`;
  return `${jq(draft, draft.split === "lines" ? "-nc" : "-c", body)} |\n  ${curl({ ...request, isPiped: true })}`;
}

/** The file through jq, which knows text as JSON: each line by itself, or all of it. */
function jq({ file, split }: Draft, options: string, filter: string): string {
  const whole = split === "lines" ? "" : "s";
  return `jq -R${whole} ${options} ${shellWord(filter)} ${shellWord(file?.name ?? "")}`;
}

function recordIn(draft: Draft): string {
  const headers = headersOf(draft);
  return headers.length === 0 ? "{body:.}" : `{headers:${JSON.stringify(headers)},body:.}`;
}

function tsOf(draft: Draft, target: AppendTarget, conditions: object): string {
  const { basin, stream, isKeyed } = target;
  const handle = streamHandle(basin, stream, isKeyed);
  const options = text(conditions) === "{}" ? "" : `, ${text(conditions)}`;
  if (draft.file === undefined) {
    const records = recordsOf(draft).map((record) => `AppendRecord.string(${text(record)})`);
    return `const ack = await ${handle}.append(AppendInput.create([${records.join(", ")}]${options}));
console.log(ack.start.seqNum);`;
  }
  const read = `(await import("node:fs")).readFileSync(${text(draft.file.name)}, "utf8")`;
  const bodies = draft.split === "lines" ? `${read}.trimEnd().split(/\\r?\\n/)` : `[${read}]`;
  const headers = headersOf(draft);
  const record = headers.length === 0 ? "{ body }" : `{ body, headers: ${text(headers)} }`;
  const later = options.replace(/"matchSeqNum":\d+/, "$& + at");
  return `const records = ${bodies}.map((body) => AppendRecord.string(${record}));
const stream = ${handle};
for (let at = 0; at < records.length; at += ${BATCH_RECORDS})
  await stream.append(AppendInput.create(records.slice(at, at + ${BATCH_RECORDS})${later}));`;
}

function recordsOf(draft: Draft): readonly WireRecord[] {
  const headers = headersOf(draft);
  const bodies =
    draft.split === "lines" ? draft.body.replace(/\r?\n$/, "").split(/\r?\n/) : [draft.body];
  return bodies.map((body) => (headers.length === 0 ? { body } : { headers, body }));
}

/** A row without a name is no header yet. */
function headersOf({ headers }: Draft): Draft["headers"] {
  return headers.filter(([name]) => name !== "");
}
