// Sends the requests one after the other and keeps of each answer what a client can rely on: status,
// code, some headers, and the body, without wording and without what differs in each run.

import { request } from "node:http";
import { WIRE_REQUESTS, type WireRequest } from "./requests.js";

export interface WireAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly provision?: string;
  /** The code of an error; its message is free. */
  readonly code?: string;
  /** JSON as it is, other bodies in base64, long ones by their length. */
  readonly body?: unknown;
}

const LONG = 2_000;

/** Each request by a name of its own, with its answer. */
export async function answersOf(url: string): Promise<Record<string, WireAnswer>> {
  const answers: Record<string, WireAnswer> = {};
  for (const each of WIRE_REQUESTS) {
    let name = nameOf(each);
    while (name in answers) name += " (again)";
    answers[name] = await send(url, each);
  }
  return answers;
}

function nameOf({ method, path, headers, body }: WireRequest): string {
  const shown = Object.entries(headers)
    .filter(([, value]) => value !== "application/json" && value !== "wire-basin-1")
    .map(([key, value]) => ` ${key}: ${short(value, 40)};`);
  const text = typeof body === "string" ? body : Buffer.from(body ?? []).toString("hex");
  return `${method} ${short(path, 80)}${shown.join("")} ${short(text, 100)}`.trim();
}

function short(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… ${text.length}`;
}

function send(url: string, { method, path, headers, body }: WireRequest): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const type = response.headers["content-type"];
        const provision = response.headers["s2-provision-result"];
        resolve({
          status: response.statusCode ?? 0,
          ...(type === undefined ? {} : { contentType: type }),
          ...(typeof provision === "string" ? { provision } : {}),
          ...shown(Buffer.concat(chunks), type),
        });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

function shown(bytes: Buffer, type: string | undefined): Pick<WireAnswer, "code" | "body"> {
  if (bytes.length === 0) return {};
  // The last frame of a failed session: JSON in a frame whose length is that of the wording.
  const terminal = /\{"code":"(\w+)","message":/.exec(bytes.toString("latin1"))?.[1];
  if (type === "s2s/proto" && terminal !== undefined) return { code: terminal };
  if (bytes.length > LONG) return { body: `${bytes.length} bytes` };
  if (type?.startsWith("text/") === true)
    // Only these name the time of the answer.
    return { body: String(bytes).replace(/("timestamp":)1[0-9]{12}/g, '$1"<now>"') };
  if (type?.startsWith("application/json") !== true) return { body: bytes.toString("base64") };
  const json: unknown = JSON.parse(String(bytes), (key, value: unknown) =>
    typeof value !== "string" || !/(_at)$/.test(key) ? value : "<date>",
  );
  if (typeof json === "object" && json !== null && "code" in json)
    return { code: String(json.code) };
  return { body: json };
}
