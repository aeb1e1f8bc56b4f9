// Cuts an OTLP request into what becomes records: a request of one group each, as the exporter
// wrote it. A group that is too large for a record is split by scope, then by item, a metric then
// by its points; what is too large alone cannot be kept. Values are never decoded, so that fields
// of a later OTLP survive and 20 MiB cost a walk. Runs in steps: give others a turn at each yield.
// Spec: data-plane#otlp-records.

import { S2Error } from "../error.js";
import { checkUtf8 } from "../json/check-utf8.js";
import type { Walk } from "../json/json-cursor.js";
import { GrowingBytes } from "../proto/growing-bytes.js";
import type { OtlpDialect, OtlpMember } from "./dialect.js";
import { JsonDialect } from "./json-dialect.js";
import { ProtobufDialect } from "./protobuf-dialect.js";
import type { OtlpEncoding, OtlpSignal } from "./signal.js";

/** What one request may hold: more are no telemetry, but work. */
const MAX_GROUPS = 10_000;

/** What is to become one record. */
export interface OtlpPiece {
  /** As the resource says it, unchecked; "" when it is no text, undefined when it says nothing. */
  readonly stream: string | undefined;
  /** The body in parts, views of the request among them: borrowed as long as that is. */
  readonly parts: readonly Uint8Array[];
}

/** What a request came to. */
export interface OtlpCut {
  /** In the order of the request. Groups without an item are left out. */
  readonly pieces: readonly OtlpPiece[];
  /** Items (data points of metrics) that are too large to be kept. */
  readonly tooLarge: number;
}

/** How a request is to be cut. */
export interface OtlpCutRules {
  readonly encoding: OtlpEncoding;
  readonly signal: OtlpSignal;
  /** The longest body of a record. */
  readonly maxBodyBytes: number;
}

/**
 * @param bytes - borrowed until the end, and by the pieces
 * @throws {S2Error} `bad_proto`, `bad_json`; `invalid` for more groups than a request may have
 */
export function* cutOtlpRequest(bytes: Uint8Array, rules: OtlpCutRules): Walk<OtlpCut> {
  if (rules.encoding === "json") yield* checkUtf8(bytes);
  const cutter = new Cutter(dialectOf(bytes, rules), rules);
  return yield* cutter.request(bytes.length);
}

/** How many items (data points of metrics) a body of {@link OtlpPiece} holds. */
export function* countOtlpItems(
  body: Uint8Array,
  rules: Pick<OtlpCutRules, "encoding" | "signal">,
): Walk<number> {
  const cutter = new Cutter(dialectOf(body, rules), { ...rules, maxBodyBytes: 0 });
  return yield* cutter.count("request", 0, body.length);
}

function dialectOf(
  bytes: Uint8Array,
  { encoding, signal }: Pick<OtlpCutRules, "encoding" | "signal">,
): OtlpDialect {
  return encoding === "json" ? new JsonDialect(bytes, signal) : new ProtobufDialect(bytes);
}

const INNER = { request: "group", group: "scope" } as const;
/** Where a child that is too large is split. */
const SPLIT_AT = { group: "scope", scope: "metric", metric: "data" } as const;

class Cutter {
  private readonly dialect: OtlpDialect;
  private readonly signal: OtlpSignal;
  private readonly maxBodyBytes: number;
  private readonly pieces: OtlpPiece[] = [];
  private tooLarge = 0;

  constructor(dialect: OtlpDialect, { signal, maxBodyBytes }: OtlpCutRules) {
    this.dialect = dialect;
    this.signal = signal;
    this.maxBodyBytes = maxBodyBytes;
  }

  *request(end: number): Walk<OtlpCut> {
    let groups = 0;
    for (const member of this.dialect.members("request", 0, end)) {
      if (member === undefined) {
        yield;
        continue;
      }
      if (!member.isChild) continue;
      if (++groups > MAX_GROUPS)
        throw new S2Error({
          code: "invalid",
          message: `request must not have more than ${MAX_GROUPS} resources: send smaller batches`,
        });
      yield* this.group(member);
    }
    return { pieces: this.pieces, tooLarge: this.tooLarge };
  }

  /** Items in a part of the request. */
  *count(level: "group" | "request" | "scope", start: number, end: number): Walk<number> {
    let items = 0;
    for (const member of this.dialect.members(level, start, end)) {
      if (member === undefined) yield;
      else if (member.isChild)
        items +=
          level === "scope"
            ? yield* this.weightOf(member)
            : yield* this.count(INNER[level], member.contentStart, member.end);
    }
    return items;
  }

  private *group(group: OtlpMember): Walk {
    const { contentStart, end } = group;
    if (!(yield* this.hasItem("group", contentStart, end))) return;
    const stream = yield* this.dialect.streamOf(contentStart, end);
    const parts = this.dialect.alone(group);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length <= this.maxBodyBytes) this.pieces.push({ stream, parts });
    else yield* this.split("group", { stream, heads: [], contentStart, end, holder: 0 });
  }

  private *hasItem(level: "group" | "scope", start: number, end: number): Walk<boolean> {
    for (const member of this.dialect.members(level, start, end)) {
      if (member === undefined) yield;
      else if (member.isChild)
        if (level === "scope" || (yield* this.hasItem("scope", member.contentStart, member.end)))
          return true;
    }
    return false;
  }

  /** Takes as many children into a piece as it has room for, in order. */
  private *split(level: SplitLevel, what: Oversize): Walk {
    const { dialect } = this;
    const { stream, contentStart, end, holder } = what;
    const heads = [...what.heads, yield* this.headOf(level, contentStart, end)];
    const room = this.maxBodyBytes - dialect.overheadOf(heads);
    let run = new GrowingBytes();
    const flush = (): void => {
      if (run.length > 0)
        this.pieces.push({ stream, parts: [dialect.enclose(heads, run.written(), holder)] });
      run = new GrowingBytes();
    };
    for (const member of dialect.members(level, contentStart, end)) {
      if (member === undefined) yield;
      if (member?.isChild !== true) continue;
      const isEmpty =
        level === "group" && !(yield* this.hasItem("scope", member.contentStart, member.end));
      if (isEmpty) continue;
      // One more for what JSON has between two.
      const size = member.end - member.start + 1;
      if (run.length + size > room) flush();
      // The holder of a metric is what makes it large: it is parted, however small it is.
      if (size <= room && level !== "metric") dialect.join(run, member);
      else if (level === "data" || (level === "scope" && this.signal !== "metrics"))
        this.tooLarge++;
      else yield* this.split(SPLIT_AT[level], { stream, heads, ...rangeOf(member) });
    }
    flush();
  }

  /** What belongs to a level itself: resource or scope, schema, name, fields that nobody knows. */
  private *headOf(level: SplitLevel, start: number, end: number): Walk<Uint8Array> {
    const head = new GrowingBytes();
    for (const member of this.dialect.members(level, start, end)) {
      if (member === undefined) yield;
      else if (!member.isChild) this.dialect.join(head, member);
    }
    return head.written();
  }

  private *weightOf({ contentStart, end }: OtlpMember): Walk<number> {
    return this.signal === "metrics" ? yield* this.dialect.pointsOf(contentStart, end) : 1;
  }
}

type SplitLevel = keyof typeof SPLIT_AT | "data";

/** A level that is too large for a record, and what is around it. */
interface Oversize {
  readonly stream: string | undefined;
  readonly heads: readonly Uint8Array[];
  readonly contentStart: number;
  readonly end: number;
  /** Of the metric that is split. */
  readonly holder: number;
}

function rangeOf({
  contentStart,
  end,
  holder,
}: OtlpMember): Pick<Oversize, "contentStart" | "end" | "holder"> {
  return { contentStart, end, holder };
}
