// The two operands of `diff`: what they name, and whether they can be compared. All refusals
// happen here, before any connection. Pure. Spec: cli#diff.

import { accessTokenIdRule } from "@s2kit/core";
import { usageError } from "../values/failure.js";
import { parseBasinArgument, parseBasinPrefixUri, parseStreamUri } from "../values/uri.js";

export type Operand =
  | { readonly kind: "basin"; readonly text: string; readonly basin: string }
  | {
      readonly kind: "stream";
      readonly text: string;
      readonly basin: string;
      readonly stream: string;
    }
  | { readonly kind: "access-token"; readonly text: string; readonly id: string };

export type DiffKind = "basin" | "stream" | "access-token" | "stream-vs-basin-defaults";

export interface Operands {
  readonly kind: DiffKind;
  readonly left: Operand;
  readonly right: Operand;
}

/** @throws {CliError} exit code 2 */
export function operandsOf(given: {
  readonly left: string;
  readonly right: string;
  readonly resource: "basin" | "stream" | "access-token" | undefined;
}): Operands {
  const left = operandOf(given.left, given.resource);
  const right = operandOf(given.right, given.resource);
  if (left.kind === right.kind) return { kind: left.kind, left, right };
  const [basin, stream] = left.kind === "basin" ? [left, right] : [right, left];
  if (basin.kind !== "basin" || stream.kind !== "stream")
    throw usageError("only resources of one kind can be compared");
  if (basin.basin !== stream.basin)
    throw usageError(
      `a stream can be compared with the defaults of its own basin only basin=${basin.basin}`,
      `compare with s2://${stream.basin}`,
    );
  return { kind: "stream-vs-basin-defaults", left, right };
}

function operandOf(text: string, resource: Operand["kind"] | undefined): Operand {
  switch (resource) {
    case "access-token": {
      const rule = accessTokenIdRule(text);
      if (rule !== undefined) throw usageError(rule);
      return { kind: "access-token", text, id: text };
    }
    case "basin":
      return { kind: "basin", text, basin: parseBasinArgument(text) };
    case "stream":
      return { kind: "stream", text, ...parseStreamUri(text) };
    case undefined:
      return inferred(text);
  }
}

function inferred(text: string): Operand {
  if (!text.includes("://"))
    throw usageError(
      `a bare name may be a basin or an access token name=${text}`,
      "write s2://… or add --resource basin or --resource access-token",
    );
  const { basin, prefix } = parseBasinPrefixUri(text);
  if (prefix === undefined) return { kind: "basin", text, basin };
  return { kind: "stream", text, ...parseStreamUri(text) };
}
