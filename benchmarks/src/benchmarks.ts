// The benchmarks, in the order in which they run.

import type { Benchmark } from "./bench.ts";
import { ack } from "./cases/ack.ts";
import { append } from "./cases/append.ts";
import { catchUp } from "./cases/catch-up.ts";
import { creation } from "./cases/creation.ts";
import { following } from "./cases/followers.ts";
import { logs } from "./cases/logs.ts";
import { memory } from "./cases/memory.ts";
import { paced } from "./cases/paced.ts";
import { smallAppends } from "./cases/small-appends.ts";
import { start } from "./cases/start.ts";
import { sustained } from "./cases/sustained.ts";
import { unary } from "./cases/unary.ts";

export const BENCHMARKS: readonly Benchmark[] = [
  append,
  ack,
  smallAppends,
  unary,
  paced,
  creation,
  catchUp,
  following,
  memory,
  start,
  sustained,
  logs,
];
