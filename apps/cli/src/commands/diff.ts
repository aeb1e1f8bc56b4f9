// `diff`: basin against basin, stream against stream, token against token, or a stream against the
// defaults of its own basin. Wrong operands are refused before anything is called.
// Spec: cli#diff.

import type { S2 } from "@s2kit/client";
import {
  basinDefaultFields,
  type Difference,
  differencesOf,
  differenceToJson,
  effectiveBasinFields,
  effectiveStreamFields,
} from "../declarative/diff.js";
import { type DiffKind, type Operand, operandsOf } from "../declarative/diff-operands.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import type { Field } from "../show/config-view.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { kind, left, right } = operandsOf({
    left: input.need<string>("left"),
    right: input.need<string>("right"),
    resource: input.get<"basin" | "stream" | "access-token">("resource"),
  });
  const client = await context.client();
  const differences = differencesOf(
    await fieldsOf(client, kind, left),
    await fieldsOf(client, kind, right),
  );
  const { out } = context;
  if (out.isJson)
    await out.line(
      JSON.stringify(
        {
          resource: kind,
          left: left.text,
          right: right.text,
          differences: differences.map(differenceToJson),
        },
        undefined,
        2,
      ),
    );
  else await show(out, left.text, right.text, differences);
  return input.is("exit-code") && differences.length > 0 ? EXIT.failed : EXIT.ok;
}

async function fieldsOf(client: S2, kind: DiffKind, operand: Operand): Promise<Field[]> {
  switch (operand.kind) {
    case "basin": {
      const config = await client.basins.getConfig({ basin: operand.basin });
      return kind === "basin" ? effectiveBasinFields(config) : basinDefaultFields(config);
    }
    case "stream":
      return effectiveStreamFields(
        await client.basin(operand.basin).streams.getConfig({ stream: operand.stream }),
      );
    case "access-token": {
      const { accessTokenFields, findAccessToken } = await import("../show/access-token-view.js");
      return accessTokenFields(await findAccessToken(client, operand.id));
    }
  }
}

async function show(
  out: Output,
  left: string,
  right: string,
  differences: readonly Difference[],
): Promise<void> {
  await out.line(out.paintData(`--- ${left}`, "red"));
  await out.line(out.paintData(`+++ ${right}`, "green"));
  if (differences.length === 0) await out.line(`\n${out.data.glyph.ok} No differences`);
  const { nothing } = out.data.glyph;
  for (const difference of differences) {
    await out.line("");
    await out.line(out.paintData(difference.path, "bold"));
    await out.line(out.paintData(`- ${difference.left ?? nothing}`, "red"));
    await out.line(out.paintData(`+ ${difference.right ?? nothing}`, "green"));
  }
}
