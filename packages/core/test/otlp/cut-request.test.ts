// What a request of OTLP is cut into, in both encodings, read by a codec of others.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countOtlpItems,
  cutOtlpRequest,
  OTLP_NAMES,
  type OtlpCut,
  type OtlpEncoding,
  type OtlpPiece,
  type OtlpSignal,
} from "../../src/server.js";
import { decode, encode, type Json } from "./otlp.proto.js";

const TYPES = { logs: "LogsRequest", metrics: "MetricsRequest", traces: "TracesRequest" } as const;
const SIGNALS = ["logs", "metrics", "traces"] as const;
const ENCODINGS = ["json", "protobuf"] as const;
const CELLS = SIGNALS.flatMap((signal) => ENCODINGS.map((encoding) => [signal, encoding] as const));
const NO_BOUND = 1 << 30;

function ran<T>(walk: Generator<undefined, T, undefined>): T {
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

function bytesOf(signal: OtlpSignal, encoding: OtlpEncoding, request: Json): Uint8Array {
  return encoding === "json"
    ? Buffer.from(JSON.stringify(request))
    : encode(TYPES[signal], request);
}

function bodyOf({ parts }: OtlpPiece): Uint8Array {
  return Buffer.concat(parts);
}

/** A body as its reader sees it: the one group, with each scope and its items. */
function read(signal: OtlpSignal, encoding: OtlpEncoding, body: Uint8Array): Json {
  return encoding === "json"
    ? (JSON.parse(Buffer.from(body).toString()) as Json)
    : decode(TYPES[signal], body);
}

function cut(
  signal: OtlpSignal,
  encoding: OtlpEncoding,
  bytes: Uint8Array,
  maxBodyBytes: number = NO_BOUND,
): OtlpCut {
  return ran(cutOtlpRequest(bytes, { signal, encoding, maxBodyBytes }));
}

interface Item {
  readonly resource: string;
  readonly scope: string;
  readonly schema: string;
  readonly name: string;
}

/** Every item with all that is around it, in order. */
function itemsOf(signal: OtlpSignal, request: Json): Item[] {
  const { request: groups, group: scopes, scope: items } = OTLP_NAMES[signal].children;
  return ((request[groups] ?? []) as Json[]).flatMap((group) =>
    ((group[scopes] ?? []) as Json[]).flatMap((scope) =>
      ((scope[items] ?? []) as Json[]).map((item) => ({
        resource: JSON.stringify(group.resource?.attributes ?? []),
        schema: `${group.schemaUrl ?? ""} ${scope.schemaUrl ?? ""}`,
        scope: scope.scope?.name ?? "",
        name: signal === "logs" ? item.body.stringValue : item.name,
      })),
    ),
  );
}

function item(signal: OtlpSignal, name: string): Json {
  if (signal === "logs") return { body: { stringValue: name } };
  return signal === "traces" ? { name } : { name, sum: { dataPoints: [{ asDouble: 1 }] } };
}

function attribute(key: string, value: Json): Json {
  return { key, value };
}

function requestOf(signal: OtlpSignal, groups: readonly GroupPlan[]): Json {
  const { request, group, scope } = OTLP_NAMES[signal].children;
  return {
    [request]: groups.map(({ stream, scopes, schemaUrl }, index) => ({
      resource: {
        attributes: [
          attribute("service.name", { stringValue: `s${index}` }),
          ...(stream === undefined ? [] : [attribute("s2.stream", { stringValue: stream })]),
        ],
      },
      ...(schemaUrl === "" ? {} : { schemaUrl }),
      [group]: scopes.map((names, at) => ({
        scope: { name: `scope-${at}` },
        schemaUrl: `of-scope-${at}`,
        [scope]: names.map((name) => item(signal, name)),
      })),
    })),
  };
}

interface GroupPlan {
  readonly stream?: string | undefined;
  readonly schemaUrl: string;
  readonly scopes: readonly (readonly string[])[];
}

const PLANS: fc.Arbitrary<readonly GroupPlan[]> = fc.array(
  fc.record({
    stream: fc.option(fc.string({ minLength: 1, maxLength: 9, unit: "grapheme" }), {
      nil: undefined,
    }),
    schemaUrl: fc.constantFrom("", "https://schema.example/1.2"),
    scopes: fc.array(fc.array(fc.string({ maxLength: 40, unit: "grapheme" }), { maxLength: 6 }), {
      maxLength: 4,
    }),
  }),
  { maxLength: 5 },
);

describe.each(CELLS)("%s in %s", (signal, encoding) => {
  it("keeps every item with its resource, scope and schema, within the bound, in order", () => {
    fc.assert(
      fc.property(PLANS, fc.integer({ min: 250, max: 900 }), (plans, maxBodyBytes) => {
        const request = requestOf(signal, plans);
        const { pieces, tooLarge } = cut(
          signal,
          encoding,
          bytesOf(signal, encoding, request),
          maxBodyBytes,
        );
        const found = pieces.flatMap((piece) => {
          const body = bodyOf(piece);
          expect(body.length).toBeLessThanOrEqual(maxBodyBytes);
          const items = itemsOf(signal, read(signal, encoding, body));
          expect(ran(countOtlpItems(body, { signal, encoding }))).toBe(items.length);
          expect(items.length).toBeGreaterThan(0);
          return items;
        });
        const sent = itemsOf(signal, read(signal, encoding, bytesOf(signal, encoding, request)));
        expect(found.length + tooLarge).toBe(sent.length);
        if (tooLarge === 0) expect(found).toEqual(sent);
      }),
      { numRuns: 60 },
    );
  });

  it("finds the stream that the resource names", () => {
    const plans = ["a", undefined, "ü/b"].map((stream) => ({
      stream,
      schemaUrl: "",
      scopes: [["x"]],
    }));
    const bytes = bytesOf(signal, encoding, requestOf(signal, plans));
    const { pieces } = cut(signal, encoding, bytes);
    expect(pieces.map(({ stream }) => stream)).toEqual(["a", undefined, "ü/b"]);
  });

  it("takes another value than text for an empty name", () => {
    const { request, group, scope } = OTLP_NAMES[signal].children;
    const bytes = bytesOf(signal, encoding, {
      [request]: [
        {
          resource: { attributes: [attribute("s2.stream", { intValue: 7 })] },
          [group]: [{ [scope]: [item(signal, "x")] }],
        },
      ],
    });
    expect(cut(signal, encoding, bytes).pieces.map(({ stream }) => stream)).toEqual([""]);
  });

  it("leaves out groups without an item, and takes a request of nothing", () => {
    const plans = [
      { schemaUrl: "", scopes: [[], []] },
      { schemaUrl: "", scopes: [] },
    ];
    expect(cut(signal, encoding, bytesOf(signal, encoding, requestOf(signal, plans)))).toEqual({
      pieces: [],
      tooLarge: 0,
    });
    expect(cut(signal, encoding, bytesOf(signal, encoding, {})).pieces).toEqual([]);
  });

  it("splits what is too large by scope, then by item, and counts what no record can hold", () => {
    const long = "x".repeat(2000);
    const plans = [
      {
        schemaUrl: "u",
        scopes: [
          ["a", "b"],
          ["c".repeat(500), "d".repeat(500), long, "e"],
        ],
      },
    ];
    const bytes = bytesOf(signal, encoding, requestOf(signal, plans));
    const { pieces, tooLarge } = cut(signal, encoding, bytes, 1000);
    const names = pieces.map((piece) =>
      itemsOf(signal, read(signal, encoding, bodyOf(piece))).map(({ name }) => name.slice(0, 1)),
    );
    expect(names).toEqual([["a", "b"], ["c"], ["d"], ["e"]]);
    expect(tooLarge).toBe(1);
  });

  it("refuses more groups than anybody sends", () => {
    const plans = Array.from({ length: 10_001 }, () => ({ schemaUrl: "", scopes: [] }));
    expect(() =>
      cut(signal, encoding, bytesOf(signal, encoding, requestOf(signal, plans))),
    ).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  it("pauses while it walks over what is long", () => {
    const names = Array.from({ length: 20_000 }, () => "n");
    const request = requestOf(signal, [{ schemaUrl: "", scopes: [names] }]);
    const bytes = bytesOf(signal, encoding, request);
    const walk = cutOtlpRequest(bytes, { signal, encoding, maxBodyBytes: 1 << 16 });
    let pauses = 0;
    while (walk.next().done !== true) pauses++;
    expect(pauses).toBeGreaterThan(4);
  });
});

describe("metrics", () => {
  it.each(ENCODINGS)("are counted by their points, in %s", (encoding) => {
    const points = [{ asDouble: 1 }, { asDouble: 2 }];
    const metrics = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"].map(
      (holder) => ({ name: holder, [holder]: { dataPoints: points } }),
    );
    const bytes = bytesOf("metrics", encoding, {
      resourceMetrics: [{ scopeMetrics: [{ metrics }] }],
    });
    expect(ran(countOtlpItems(bytes, { signal: "metrics", encoding }))).toBe(10);
    expect(cut("metrics", encoding, bytes, 1).tooLarge).toBe(10);
  });
});

describe("a metric that no record can hold", () => {
  const HOLDERS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];
  const cells = HOLDERS.flatMap((holder) =>
    ENCODINGS.map((encoding) => [holder, encoding] as const),
  );

  it.each(cells)(
    "is split by its points with all that is around them: %s, in %s",
    (holder, encoding) => {
      const point = (name: string): Json => ({
        timeUnixNano: "7",
        attributes: [attribute("of", { stringValue: name })],
      });
      const names = ["a".repeat(200), "b".repeat(200), "c".repeat(400), "d".repeat(1500), "e"];
      const more = holder === "sum" ? { aggregationTemporality: 2, isMonotonic: true } : {};
      const metric = {
        name: "large",
        unit: "By",
        [holder]: { ...more, dataPoints: names.map(point) },
      };
      const metrics = [item("metrics", "before"), metric, item("metrics", "behind")];
      const scopeMetrics = [{ scope: { name: "s" }, schemaUrl: "of-scope", metrics }];
      const request = {
        resourceMetrics: [{ resource: { attributes: [] }, schemaUrl: "of-group", scopeMetrics }],
      };
      const bytes = bytesOf("metrics", encoding, request);
      const { pieces, tooLarge } = cut("metrics", encoding, bytes, 1000);
      expect(tooLarge).toBe(1);
      const seen = pieces.map((piece) => {
        expect(bodyOf(piece).length).toBeLessThanOrEqual(1000);
        const group: Json = read("metrics", encoding, bodyOf(piece)).resourceMetrics[0];
        const scope: Json = group.scopeMetrics[0];
        expect([group.schemaUrl, scope.scope.name, scope.schemaUrl]).toEqual([
          "of-group",
          "s",
          "of-scope",
        ]);
        return (scope.metrics as Json[]).map((each) => {
          if (each.name !== "large") return each.name;
          expect(each.unit).toBe("By");
          const { dataPoints, ...rest } = each[holder];
          expect(Number(rest.aggregationTemporality ?? 0) > 0).toBe(holder === "sum");
          return (dataPoints as Json[])
            .map((one) => one.attributes[0].value.stringValue[0])
            .join("");
        });
      });
      // In order, nothing twice, as many in a piece as it has room for.
      expect(seen.flat().join("")).toBe("beforeabcebehind");
      expect(seen.flat()[1]).toMatch(/^ab/);
    },
  );
});

describe("fields that nobody knows", () => {
  it("stay where they are in JSON, also when a group is split", () => {
    const request = {
      later: 1,
      resourceSpans: [
        {
          entityRefs: ["e"],
          resource: { later: { deep: [null] } },
          scopeSpans: [{ later: "é", spans: [{ name: "a", later: true }, { name: "b" }] }],
        },
      ],
    };
    const bytes = Buffer.from(JSON.stringify(request, null, 1));
    const [whole] = cut("traces", "json", bytes).pieces;
    expect(read("traces", "json", bodyOf(whole as OtlpPiece))).toEqual({
      resourceSpans: request.resourceSpans,
    });
    const { pieces } = cut("traces", "json", bytes, 270);
    expect(pieces.map((piece) => read("traces", "json", bodyOf(piece)))).toEqual(
      request.resourceSpans[0]?.scopeSpans[0]?.spans.map((span) => ({
        resourceSpans: [
          {
            entityRefs: ["e"],
            resource: { later: { deep: [null] } },
            scopeSpans: [{ later: "é", spans: [span] }],
          },
        ],
      })),
    );
  });

  it("stay byte for byte in protobuf", () => {
    // A group with field 100 = "later", before and behind its scopes.
    const later = [0xa2, 0x06, 5, ...Buffer.from("later")];
    const scope = encode("ResourceSpans", { scopeSpans: [{ spans: [{ name: "a" }] }] });
    const group = [...later, ...scope, ...later];
    const bytes = Uint8Array.from([0x0a, group.length, ...group]);
    const [whole] = cut("traces", "protobuf", bytes).pieces;
    expect([...bodyOf(whole as OtlpPiece)]).toEqual([...bytes]);
  });

  it("are null where nothing is meant", () => {
    const bytes = Buffer.from('{"resourceLogs":[{"scopeLogs":null,"resource":null}]}');
    expect(cut("logs", "json", bytes).pieces).toEqual([]);
  });
});

describe("what is no request", () => {
  it.each([
    ["[]", "an array"],
    ['{"resourceSpans":{}}', "groups that are no array"],
    ['{"resourceSpans":[7]}', "a group that is none"],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":["x"]}]}]}', "an item that is none"],
    ['{"resourceSpans":[{}]', "an end too soon"],
    ['{"resourceSpans":[]} x', "something behind it"],
    ["", "nothing"],
  ])("is refused in JSON: %s, %s", (text) => {
    expect(() => cut("traces", "json", Buffer.from(text))).toThrow(
      expect.objectContaining({ code: "bad_json" }),
    );
  });

  it("is refused when it is no UTF-8", () => {
    const bytes = Uint8Array.from([...Buffer.from('{"a":"'), 0xff, ...Buffer.from('"}')]);
    expect(() => cut("traces", "json", bytes)).toThrow(
      expect.objectContaining({ code: "bad_json" }),
    );
  });

  it.each([
    ["a length beyond its end", [0x0a, 9, 0x12]],
    ["a scope beyond its group", [0x0a, 3, 0x12, 9, 0x12]],
    ["a field number 0", [0x00]],
    ["a resource that is cut", [0x0a, 7, 0x0a, 9, 0x12, 3, 0x12, 1, 0x0a]],
  ])("is refused in protobuf: %s", (_, bytes) => {
    expect(() => cut("traces", "protobuf", Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: "bad_proto" }),
    );
  });
});
