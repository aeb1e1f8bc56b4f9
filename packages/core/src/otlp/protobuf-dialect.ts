// OTLP in protobuf, as ranges: tags and lengths are looked at, values are not. The numbers of the
// fields are those of opentelemetry-proto 1, alike for all signals:
//
//     request   1 group*
//     group     1 resource { 1 attribute* { 1 key, 2 value { 1 string } } }   2 scope*   3 schema_url
//     scope     1 scope   2 item*   3 schema_url
//     metric    5, 7, 9, 10, 11 { 1 data point* }
//
// Spec: data-plane#otlp-records.

import type { Walk } from "../json/json-cursor.js";
import type { GrowingBytes } from "../proto/growing-bytes.js";
import { WIRE_LENGTH, WireReader } from "../proto/wire-reader.js";
import { copyRange, lengthFieldSize, viewOf, writeBytesField } from "../proto/wire-writer.js";
import { encodeUtf8 } from "../text/utf8.js";
import type { OtlpDialect, OtlpMember, OtlpMembers } from "./dialect.js";
import { OTLP_STREAM_ATTRIBUTE, type OtlpLevel } from "./signal.js";

const TAG_FIRST = (1 << 3) | WIRE_LENGTH;
const TAG_SECOND = (2 << 3) | WIRE_LENGTH;
const CHILD_TAGS: Readonly<Record<Exclude<OtlpLevel, "metric">, number>> = {
  request: TAG_FIRST,
  group: TAG_SECOND,
  scope: TAG_SECOND,
  data: TAG_FIRST,
};

/** Gauge, sum, histogram, exponential histogram, summary: each repeats its points in field 1. */
const POINT_HOLDERS: readonly number[] = [5, 7, 9, 10, 11].map(
  (field) => (field << 3) | WIRE_LENGTH,
);

/** Fields between two pauses: some 0.1 ms of work. */
const STRETCH_FIELDS = 4096;

/** Tag and length of a level, at most. */
const MAX_PREFIX_BYTES = 6;

const ATTRIBUTE = /* @__PURE__ */ encodeUtf8(OTLP_STREAM_ATTRIBUTE);

export class ProtobufDialect implements OtlpDialect {
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  *members(level: OtlpLevel, start: number, end: number): OtlpMembers {
    const reader = new WireReader(this.bytes, start, end);
    const member: OtlpMember = {
      isChild: false,
      start,
      contentStart: start,
      end: start,
      holder: 0,
    };
    for (let fields = 1; !reader.isDone; fields++) {
      if (fields % STRETCH_FIELDS === 0) yield;
      member.start = reader.at;
      const tag = reader.tag();
      member.holder = level === "metric" ? POINT_HOLDERS.indexOf(tag) : 0;
      member.isChild = level === "metric" ? member.holder >= 0 : tag === CHILD_TAGS[level];
      if (member.isChild) {
        const length = reader.length();
        member.contentStart = reader.at;
        reader.at += length;
      } else {
        member.contentStart = reader.at;
        reader.skip(tag);
      }
      member.end = reader.at;
      yield member;
    }
  }

  *streamOf(groupStart: number, groupEnd: number): Walk<string | undefined> {
    const reader = new WireReader(this.bytes, groupStart, groupEnd);
    for (let fields = 1; !reader.isDone; fields++) {
      if (fields % STRETCH_FIELDS === 0) yield;
      const tag = reader.tag();
      if (tag !== TAG_FIRST) {
        reader.skip(tag);
        continue;
      }
      const outerEnd = reader.enter();
      const named = yield* streamOfResource(reader);
      if (named !== undefined) return named;
      reader.leave(outerEnd);
    }
    return undefined;
  }

  *pointsOf(metricStart: number, metricEnd: number): Walk<number> {
    const reader = new WireReader(this.bytes, metricStart, metricEnd);
    let points = 0;
    for (let fields = 1; !reader.isDone; fields++) {
      if (fields % STRETCH_FIELDS === 0) yield;
      const tag = reader.tag();
      if (!POINT_HOLDERS.includes(tag)) {
        reader.skip(tag);
        continue;
      }
      const outerEnd = reader.enter();
      for (; !reader.isDone; fields++) {
        if (fields % STRETCH_FIELDS === 0) yield;
        const inner = reader.tag();
        if (inner === TAG_FIRST) points++;
        reader.skip(inner);
      }
      reader.leave(outerEnd);
    }
    return points;
  }

  /** The field of the group is a request of it alone. */
  alone({ start, end }: OtlpMember): readonly Uint8Array[] {
    return [viewOf(this.bytes, start, end)];
  }

  join(run: GrowingBytes, { start, end }: OtlpMember): void {
    const room = run.reserve(end - start);
    run.length = copyRange(this.bytes, start, end, room, run.length);
  }

  overheadOf(heads: readonly Uint8Array[]): number {
    return heads.reduce((sum, head) => sum + head.length + MAX_PREFIX_BYTES, 0);
  }

  enclose(heads: readonly Uint8Array[], children: Uint8Array, holder: number): Uint8Array {
    const tags = [TAG_FIRST, TAG_SECOND, TAG_SECOND, POINT_HOLDERS[holder] ?? 0];
    return heads.reduceRight(
      (inner, head, depth) => field(tags[depth] ?? 0, head, inner),
      children,
    );
  }
}

function* streamOfResource(reader: WireReader): Walk<string | undefined> {
  for (let fields = 1; !reader.isDone; fields++) {
    if (fields % STRETCH_FIELDS === 0) yield;
    const tag = reader.tag();
    if (tag !== TAG_FIRST) {
      reader.skip(tag);
      continue;
    }
    const outerEnd = reader.enter();
    const named = streamOfAttribute(reader);
    if (named !== undefined) return named;
    reader.leave(outerEnd);
  }
  return undefined;
}

/** Key and value may come in either order, and the last of each counts. */
function streamOfAttribute(reader: WireReader): string | undefined {
  let isNamed = false;
  let value: Uint8Array | undefined;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_FIRST) isNamed = isAttribute(reader.view());
    else if (tag === TAG_SECOND) value = reader.view();
    else reader.skip(tag);
  }
  if (!isNamed) return undefined;
  return value === undefined ? "" : stringOf(new WireReader(value));
}

function stringOf(value: WireReader): string {
  let text = "";
  while (!value.isDone) {
    const tag = value.tag();
    if (tag === TAG_FIRST) text = value.string(OTLP_STREAM_ATTRIBUTE);
    else value.skip(tag);
  }
  return text;
}

function isAttribute(key: Uint8Array): boolean {
  return key.length === ATTRIBUTE.length && ATTRIBUTE.every((byte, index) => key[index] === byte);
}

function field(tag: number, head: Uint8Array, children: Uint8Array): Uint8Array {
  const content = new Uint8Array(head.length + children.length);
  content.set(head);
  content.set(children, head.length);
  const out = new Uint8Array(lengthFieldSize(content.length));
  writeBytesField(out, 0, tag, content);
  return out;
}
