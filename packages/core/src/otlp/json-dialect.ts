// OTLP in JSON, as ranges: walks over the text and keeps where its parts are. Names are those of
// OTLP, lowerCamelCase; what is not known is kept as it is, inside of what is kept. The bytes are
// known to be UTF-8. Spec: data-plane#otlp-records.

import { COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from "../json/json-bytes.js";
import { JsonCursor, type Walk } from "../json/json-cursor.js";
import { badJson } from "../json/shape.js";
import type { GrowingBytes } from "../proto/growing-bytes.js";
import { copyRange, viewOf } from "../proto/wire-writer.js";
import { encodeUtf8 } from "../text/utf8.js";
import type { OtlpDialect, OtlpMember, OtlpMembers } from "./dialect.js";
import {
  JSON_POINT_HOLDERS,
  JSON_POINTS,
  OTLP_NAMES,
  OTLP_STREAM_ATTRIBUTE,
  type OtlpLevel,
  type OtlpOuterLevel,
  type OtlpSignal,
} from "./signal.js";

const POINTS_OPEN = `"${JSON_POINTS}":[`;

/** Braces, brackets, quotes, colon and commas of one level, with the longest of its names. */
const MAX_LEVEL_CHARS = 32;

export class JsonDialect implements OtlpDialect {
  private readonly bytes: Uint8Array;
  private readonly names: Readonly<Record<OtlpOuterLevel, string>>;

  constructor(bytes: Uint8Array, signal: OtlpSignal) {
    this.bytes = bytes;
    this.names = OTLP_NAMES[signal].children;
  }

  *members(level: OtlpLevel, start: number): OtlpMembers {
    const cursor = this.cursorAt(start);
    const name = level === "data" ? JSON_POINTS : level === "metric" ? "" : this.names[level];
    const member: OtlpMember = {
      isChild: false,
      start,
      contentStart: start,
      end: start,
      holder: 0,
    };
    if (cursor.peek() !== OPEN_OBJECT) throw badJson(`expected an object holding=${name}`);
    for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
      if (cursor.isPausing) yield;
      if (level !== "metric" && cursor.isText(name)) {
        yield* children(cursor, name, member);
        continue;
      }
      member.holder =
        level === "metric" ? JSON_POINT_HOLDERS.findIndex((each) => cursor.isText(each)) : -1;
      member.start = cursor.textStart - 1;
      member.isChild = cursor.peek() === OPEN_OBJECT && member.holder >= 0;
      member.contentStart = cursor.at;
      yield* cursor.skip();
      member.end = cursor.at;
      yield member;
    }
    if (level === "request") cursor.end();
  }

  *streamOf(groupStart: number): Walk<string | undefined> {
    const cursor = this.cursorAt(groupStart);
    for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
      if (cursor.isPausing) yield;
      if (!cursor.isText("resource") || cursor.peek() !== OPEN_OBJECT) {
        yield* cursor.skip();
        continue;
      }
      for (let has = cursor.firstKey(); has; has = cursor.nextKey()) {
        if (!cursor.isText("attributes") || cursor.peek() !== OPEN_ARRAY) {
          yield* cursor.skip();
          continue;
        }
        for (let is = cursor.firstElement(); is; is = cursor.nextElement()) {
          const named = yield* streamOfAttribute(cursor);
          if (named !== undefined) return named;
        }
      }
    }
    return undefined;
  }

  *pointsOf(metricStart: number): Walk<number> {
    const cursor = this.cursorAt(metricStart);
    let points = 0;
    for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
      const isHolder = JSON_POINT_HOLDERS.some((name) => cursor.isText(name));
      if (!isHolder || cursor.peek() !== OPEN_OBJECT) {
        yield* cursor.skip();
        continue;
      }
      for (let has = cursor.firstKey(); has; has = cursor.nextKey()) {
        if (!cursor.isText(JSON_POINTS) || cursor.peek() !== OPEN_ARRAY) {
          yield* cursor.skip();
          continue;
        }
        for (let is = cursor.firstElement(); is; is = cursor.nextElement()) {
          points++;
          yield* cursor.skip();
        }
      }
    }
    return points;
  }

  alone({ start, end }: OtlpMember): readonly Uint8Array[] {
    const { request } = this.names;
    return [encodeUtf8(`{"${request}":[`), viewOf(this.bytes, start, end), encodeUtf8("]}")];
  }

  join(run: GrowingBytes, { start, end }: OtlpMember): void {
    const room = run.reserve(end - start + 1);
    if (run.length > 0) room[run.length++] = COMMA;
    run.length = copyRange(this.bytes, start, end, room, run.length);
  }

  overheadOf(heads: readonly Uint8Array[]): number {
    return heads.reduce((sum, head) => sum + head.length + MAX_LEVEL_CHARS, MAX_LEVEL_CHARS);
  }

  enclose(heads: readonly Uint8Array[], children: Uint8Array, holder: number): Uint8Array {
    const { request, group, scope } = this.names;
    const names = [`"${group}":[`, `"${scope}":[`, `"${JSON_POINT_HOLDERS[holder]}":`, POINTS_OPEN];
    const parts: Uint8Array[] = [encodeUtf8(`{"${request}":[`)];
    heads.forEach((head, depth) => {
      const comma = head.length > 0 ? "," : "";
      parts.push(encodeUtf8("{"), head, encodeUtf8(`${comma}${names[depth]}`));
    });
    const ends = ["]}", "]}", "}", "]}"].slice(0, heads.length).toReversed().join("");
    parts.push(children, encodeUtf8(`${ends}]}`));
    return joined(parts);
  }

  private cursorAt(start: number): JsonCursor {
    const cursor = new JsonCursor(this.bytes);
    cursor.at = start;
    return cursor;
  }
}

function* children(cursor: JsonCursor, name: string, member: OtlpMember): OtlpMembers {
  if (cursor.peek() !== OPEN_ARRAY) {
    yield* nullOnly(cursor, name);
    return;
  }
  for (let isElement = cursor.firstElement(); isElement; isElement = cursor.nextElement()) {
    if (cursor.peek() !== OPEN_OBJECT) throw badJson(`expected an object in=${name}`);
    const start = cursor.at;
    yield* cursor.skip();
    member.isChild = true;
    member.start = start;
    member.contentStart = start;
    member.end = cursor.at;
    yield member;
  }
}

/** Null is absent, as everywhere in the JSON of protobuf. */
function* nullOnly(cursor: JsonCursor, name: string): Walk {
  const { at } = cursor;
  yield* cursor.skip();
  const isNull = cursor.at - at === 4 && cursor.bytes[at] === 0x6e;
  if (!isNull) throw badJson(`expected an array field=${name}`);
}

/** The value of the attribute at the cursor, if it is the one; the cursor is then behind it. */
function* streamOfAttribute(cursor: JsonCursor): Walk<string | undefined> {
  if (cursor.peek() !== OPEN_OBJECT) {
    yield* cursor.skip();
    return undefined;
  }
  let isNamed = false;
  let text = "";
  for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
    if (cursor.isText("key") && cursor.peek() === QUOTE) {
      cursor.string();
      isNamed = cursor.isText(OTLP_STREAM_ATTRIBUTE);
    } else if (cursor.isText("value") && cursor.peek() === OPEN_OBJECT)
      text = yield* stringValue(cursor);
    else yield* cursor.skip();
  }
  return isNamed ? text : undefined;
}

function* stringValue(cursor: JsonCursor): Walk<string> {
  let text = "";
  for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
    if (!cursor.isText("stringValue") || cursor.peek() !== QUOTE) {
      yield* cursor.skip();
      continue;
    }
    cursor.string();
    // Longer ones are no names of streams, and not worth a copy.
    text = cursor.textEnd - cursor.textStart > MAX_NAME_CHARS ? "" : cursor.text();
  }
  return text;
}

/** A stream name with each of its bytes escaped. */
const MAX_NAME_CHARS = 512 * 6;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
