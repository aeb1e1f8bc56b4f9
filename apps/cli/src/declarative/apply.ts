// Carries out a spec: each basin, then its streams, by ensure. Idempotent, no rollback, stops at
// the first failure and says at which resource. Never deletes what is not listed.
// Spec: cli#apply.

import type { S2 } from "@s2kit/client";
import type { ProvisionResult } from "@s2kit/core/control";
import type { BasinSpec } from "@s2kit/core/declarative";
import { exitCodeOf } from "../frame/exit-code.js";
import { CliError } from "../values/failure.js";

export interface Applied {
  readonly kind: "basin" | "stream";
  readonly name: string;
  readonly result: ProvisionResult;
}

export async function* applySpec(
  client: S2,
  spec: readonly BasinSpec[],
): AsyncGenerator<Applied, void, undefined> {
  for (const { name: basin, config, streams } of spec) {
    const { result } = await named("basin", basin, () => client.basins.ensure({ basin, config }));
    yield { kind: "basin", name: basin, result };
    for (const { name: stream, config: streamConfig } of streams) {
      const name = `${basin}/${stream}`;
      const ensured = await named("stream", name, () =>
        client.basin(basin).streams.ensure({ stream, config: streamConfig }),
      );
      yield { kind: "stream", name, result: ensured.result };
    }
  }
}

async function named<T>(kind: string, name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`failed to apply ${kind} ${JSON.stringify(name)}: ${message}`, {
      exitCode: exitCodeOf(cause),
      cause,
    });
  }
}
