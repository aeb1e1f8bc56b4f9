// What the description says of the routes of records: parameters, bodies and answers of every form
// that they travel in. Spec: data-plane#routes.

import { MEDIA_EVENT_STREAM, MEDIA_PROTOBUF, MEDIA_S2S } from "@s2kit/core";
import { json, type OperationWords, optional } from "./operation-words.js";
import { ref } from "./schema.js";

export const RECORD_OPERATIONS: Readonly<
  Record<"append" | "check-tail" | "issue-read-ticket" | "read", OperationWords>
> = {
  "check-tail": {
    tag: "Records",
    summary: "Get the tail of a stream",
    parameters: ["streamConfig"],
    answers: { 200: json(ref("Tail")) },
    failures: [404, 409],
  },
  read: {
    tag: "Records",
    summary: "Read records",
    description:
      "One answer, a stream of events by `accept: text/event-stream`, or an S2S session by `content-type: s2s/proto`. Starts at the tail unless one of `seq_num`, `timestamp`, `tail_offset` is given.",
    parameters: [
      ...(["seqNum", "timestamp", "tailOffset", "clamp", "count", "bytes", "until"] as const),
      ...(["wait", "format", "encryptionKey", "streamConfig", "lastEventId"] as const),
      ...(["basinQuery", "formatQuery", "lastEventIdQuery", "ticket"] as const),
    ],
    answers: {
      200: {
        ...json(ref("ReadBatch")),
        [MEDIA_EVENT_STREAM]: { type: "string" },
        [MEDIA_PROTOBUF]: undefined,
        [MEDIA_S2S]: undefined,
      },
    },
    failures: [404, 409, 416, 422],
  },
  append: {
    tag: "Records",
    summary: "Append records",
    description:
      "Acknowledged when it is durable. A record with one header of empty name is a command: `fence` or `trim`, which need those operations.",
    parameters: ["format", "encryptionKey", "streamConfig"],
    body: {
      isRequired: true,
      media: { ...json(ref("AppendInput")), [MEDIA_PROTOBUF]: undefined, [MEDIA_S2S]: undefined },
    },
    answers: {
      200: { ...json(ref("AppendAck")), [MEDIA_PROTOBUF]: undefined, [MEDIA_S2S]: undefined },
    },
    failures: [404, 408, 409, 412, 415, 422],
  },
  "issue-read-ticket": {
    tag: "Records",
    summary: "Issue a read ticket",
    description: "For pages: their EventSource sends no header, so the ticket goes into its URL.",
    body: optional("IssueReadTicket"),
    answers: { 201: json(ref("ReadTicket")) },
    failures: [422],
  },
};
