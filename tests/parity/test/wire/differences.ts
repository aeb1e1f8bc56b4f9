// Where our server answers a raw request otherwise than the official lite, with the reason. Each is
// the choice of the specification where the lite, the hosted service and the API description part.

import type { WireAnswer } from "./answers.js";

export interface WireDifference {
  readonly reason: string;
  applies(name: string, answer: WireAnswer): boolean;
  ours(answer: WireAnswer): WireAnswer;
}

export function differenceOf(name: string, answer: WireAnswer): WireDifference | undefined {
  return WIRE_DIFFERENCES.find((difference) => difference.applies(name, answer));
}

const JSON_TYPE = { contentType: "application/json" };
const ACTIVE = { created_at: "<date>", deleted_at: null };
const ROUTE_CODES: ReadonlyMap<number, string> = new Map([
  [404, "not_found"],
  [405, "method_not_allowed"],
  [415, "unsupported_media_type"],
]);

export const WIRE_DIFFERENCES: readonly WireDifference[] = [
  {
    reason: "null is no configuration in a PUT of a basin, as the API description says",
    applies: (name) => /^PUT \/v1\/basins.* null$/.test(name),
    ours: () => ({
      ...JSON_TYPE,
      status: 200,
      provision: "noop",
      body: { ...ACTIVE, name: "wire-basin-1", location: "local", state: "active" },
    }),
  },
  {
    reason: "null is no configuration in a PUT of a stream, as the API description says",
    applies: (name) => /^PUT \/v1\/streams.* null$/.test(name),
    ours: () => ({
      ...JSON_TYPE,
      status: 200,
      provision: "noop",
      body: { ...ACTIVE, name: "s", cipher: null },
    }),
  },
  {
    reason: "null keeps a switch of a basin, as the API description says",
    applies: (name) => name.endsWith('{"create_stream_on_read":null}'),
    ours: () => ({
      ...JSON_TYPE,
      status: 200,
      body: {
        create_stream_on_append: false,
        create_stream_on_read: false,
        default_stream_config: null,
        stream_cipher: null,
      },
    }),
  },
  {
    reason: "basins have locations; the official lite knows none",
    applies: (_name, { body }) => text(body).includes('"location":null'),
    ours: (answer) => replaced(answer, '"location":null', '"location":"local"'),
  },
  {
    reason: "what has no route is told as JSON too; the official lite answers without a body",
    applies: (_name, { status, code }) => code === undefined && ROUTE_CODES.has(status),
    ours: (answer) => ({ ...answer, ...JSON_TYPE, code: ROUTE_CODES.get(answer.status) ?? "" }),
  },
];

function text(body: unknown): string {
  return JSON.stringify(body) ?? "";
}

function replaced(answer: WireAnswer, from: string, to: string): WireAnswer {
  return { ...answer, body: JSON.parse(text(answer.body).replaceAll(from, to)) as unknown };
}
