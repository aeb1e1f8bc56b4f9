// The words for what an ensure did. Pure.
// Spec: cli#apply.

import type { ProvisionResult } from "@s2kit/core/control";

export function provisionText(result: ProvisionResult): string {
  switch (result) {
    case "created":
      return "created";
    case "updated":
      return "config updated";
    case "noop":
      return "config unchanged";
  }
}
