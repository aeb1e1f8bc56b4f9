// Clients that end with their process: opens a part of a crowd, says so, and waits to be killed.

import { arrive } from "./vanishing-plan.js";
import type { Plan, Ports } from "./vanishing-protocol.js";

process.on("message", ({ plans, ports }: { plans: readonly Plan[]; ports: Ports }) => {
  void Promise.allSettled(plans.map((plan) => arrive(plan, ports))).then(() =>
    process.send?.({ kind: "there" }),
  );
});
process.on("disconnect", () => process.exit(0));
