// Fractions of seconds in stream configurations are floored, and negative ones become 0, in one
// place for create, ensure and reconfigure alike. Spec: sdk#surface.

import type { RetentionPolicy } from "@s2kit/core/control";

interface Seconds {
  readonly retentionPolicy?: RetentionPolicy | null | undefined;
  readonly deleteOnEmpty?: { readonly minAgeSecs?: number | null | undefined } | null | undefined;
}

/** The same configuration with whole seconds. Undefined and null stay what they are. */
export function wholeSeconds<C extends Seconds>(config: C): C {
  const { retentionPolicy: policy, deleteOnEmpty: empty } = config;
  const changed: { -readonly [K in keyof Seconds]: Seconds[K] } = {};
  if (policy !== undefined && policy !== null && "ageSecs" in policy)
    changed.retentionPolicy = { ageSecs: floored(policy.ageSecs) };
  if (empty?.minAgeSecs !== undefined && empty.minAgeSecs !== null)
    changed.deleteOnEmpty = { minAgeSecs: floored(empty.minAgeSecs) };
  return { ...config, ...changed };
}

function floored(seconds: number): number {
  return Math.max(0, Math.floor(seconds));
}
