// `apply`: ensures the resources of a spec, or shows with --dry-run what that would change, or
// prints the schema. Mistakes in the spec are all named before anything is called.
// Spec: cli#declarative-files.

import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ProvisionResult } from "@s2kit/core/control";
import { type BasinSpec, parseResourceSpec } from "@s2kit/core/declarative";
import { applySpec } from "../declarative/apply.js";
import { currentStateOf } from "../declarative/current-state.js";
import { type PlanStep, planOf } from "../declarative/plan.js";
import { RESOURCES_SCHEMA } from "../declarative/schema.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import type { Paint } from "../frame/style.js";
import { openLiveLine } from "../show/live-line.js";
import { progressBar } from "../show/progress-bar.js";
import { provisionText } from "../show/provision.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError, usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import { count } from "../values/quantity.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.whenUnread = "goesOn";
  const { out } = context;
  if (input.is("schema")) {
    await out.line(JSON.stringify(RESOURCES_SCHEMA, undefined, 2));
    return EXIT.ok;
  }
  const path = input.get<string>("file");
  if (path === undefined) throw usageError("--file is missing", "or print the schema: --schema");
  const spec = specOf(await readSpec(path, context.stdin));
  const client = await context.client();
  if (!input.is("dry-run")) return await applyAll(context, client, spec);
  const plan = await planWithBar(out, client, spec);
  for (const step of plan) await showStep(out, step);
  const hasChanges = plan.some(({ action }) => action !== "keep");
  return input.is("exit-code") && hasChanges ? EXIT.failed : EXIT.ok;
}

/** @throws {CliError} exit code 2 with all mistakes, one a line */
function specOf(text: string): readonly BasinSpec[] {
  const spec = parseResourceSpec(text);
  if (spec.ok) return spec.value;
  throw usageError(spec.error.map(({ field, message }) => `${field}: ${message}`).join("\n"));
}

async function readSpec(path: string, stdin: Readable): Promise<string> {
  try {
    return path === "-" ? await text(stdin) : await readFile(path, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read the spec path=${path}`, { cause });
  }
}

const RESULT_PAINTS: Readonly<Record<ProvisionResult, Paint>> = {
  created: "green",
  updated: "yellow",
  noop: "dim",
};

/** A line for each resource, on a terminal with a bar below; with --json nothing is said. */
async function applyAll(
  { out, interrupt }: Context,
  client: Parameters<typeof applySpec>[0],
  spec: readonly BasinSpec[],
): Promise<ExitCode> {
  const totals: Record<ProvisionResult, number> = { created: 0, updated: 0, noop: 0 };
  const live = await openLiveLine(out);
  let done = 0;
  try {
    for await (const { kind, name, result } of applySpec(client, spec)) {
      totals[result]++;
      done++;
      if (out.isJson) await out.json({ kind, name, result });
      else {
        const paint = RESULT_PAINTS[result];
        live.above(() => {
          out.say(`  ${kind} ${name} ${out.talk.paint(`(${provisionText(result)})`, paint)}`);
        });
        live.show(() => progressBar(done, sizeOf(spec), out.talk.glyph));
      }
      if (interrupt.aborted) break;
    }
  } finally {
    live.close();
  }
  if (interrupt.aborted) {
    out.aborted();
    return EXIT.interrupted;
  }
  const { created, updated, noop } = totals;
  if (!out.isJson)
    out.ok(`Done: ${count(created, "resource")} created, ${updated} updated, ${noop} unchanged`);
  return EXIT.ok;
}

/** Basins and streams together. */
function sizeOf(spec: readonly BasinSpec[]): number {
  return spec.reduce((sum, { streams }) => sum + 1 + streams.length, 0);
}

async function planWithBar(
  out: Output,
  client: Parameters<typeof applySpec>[0],
  spec: readonly BasinSpec[],
): Promise<PlanStep[]> {
  const live = await openLiveLine(out);
  const current = currentStateOf(client);
  let asked = 0;
  const step = (): void => {
    live.show(() => progressBar(asked, sizeOf(spec), out.talk.glyph));
    asked++;
  };
  try {
    return await planOf(spec, {
      async basin(name) {
        step();
        return await current.basin(name);
      },
      async stream(basin, name) {
        step();
        return await current.stream(basin, name);
      },
      defaultStorageClass: (basin) => current.defaultStorageClass(basin),
    });
  } finally {
    live.close();
  }
}

/**
 * `+` create with what is declared, `~` update field by field, `?` the same where only the server
 * knows whether anything changes, `=` unchanged.
 */
async function showStep(out: Output, step: PlanStep): Promise<void> {
  const { kind, name, action } = step;
  if (out.isJson) {
    await out.json({
      kind,
      name,
      action,
      ...given("declared", action === "create" ? Object.fromEntries(step.declared) : undefined),
      ...given("changes", step.changes.length > 0 ? step.changes : undefined),
    });
    return;
  }
  const indent = kind === "stream" ? "  " : "";
  const title = `${kind} ${name}`;
  if (action === "keep") return await out.line(out.paintData(`${indent}= ${title}`, "dim"));
  if (action === "create") {
    await out.line(out.paintData(`${indent}+ ${title}`, "green"));
    for (const [path, value] of step.declared)
      await out.line(out.paintData(`${indent}    ${path}: ${value}`, "green"));
    return;
  }
  const mark = action === "update" ? "~" : "?";
  await out.line(out.paintData(`${indent}${mark} ${title}`, "yellow"));
  for (const { path, from, to } of step.changes)
    await out.line(
      `${indent}    ${path}: ${from} ${out.data.glyph.arrow} ${to ?? "default resolved at apply"}`,
    );
}
