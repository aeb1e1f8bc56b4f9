// Tasks of a page's threads as the browser's own trace has them: how long each took by the clock, and how much
// of that its thread ran. On a busy machine a task waits for its turn; what it computes stays what it is.

import type { Browser, CDPSession, Page } from "playwright-core";

export interface Task {
  readonly thread: "main" | "worker";
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: of the clock, and of the thread. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** What the page marks itself with in the trace: other pages may run in the same browser. */
const MARK = "s2kit-recorded";
/** Of every task of every thread that talks to others. */
const TASKS = "toplevel";
const CATEGORIES = [TASKS, "blink.user_timing", "__metadata"];
const BUFFER_KIB = 400 * 1024;

/** @returns ends the recording: the tasks of the page's main thread and of its workers that took at least so long */
export async function recordTasks(page: Page): Promise<(atLeastMs: number) => Promise<Task[]>> {
  const devtools = await (page.context().browser() as Browser).newBrowserCDPSession();
  await devtools.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: {
      recordMode: "recordUntilFull",
      traceBufferSizeInKb: BUFFER_KIB,
      includedCategories: CATEGORIES,
      excludedCategories: ["*"],
    },
  });
  await page.evaluate((mark) => performance.mark(mark), MARK);
  return async (atLeastMs) => {
    const events = await endTrace(devtools);
    await devtools.detach();
    const threads = threadsOf(events);
    return events
      .filter(({ cat, ph, dur = 0 }) => ph === "X" && cat === TASKS && dur >= atLeastMs * 1000)
      .flatMap(({ pid, tid, dur = 0, tdur = 0, name }) => {
        const thread = name.endsWith("RunTask") ? threads.get(`${pid} ${tid}`) : undefined;
        return thread === undefined ? [] : [{ thread, wallMs: dur / 1000, cpuMs: tdur / 1000 }];
      });
  };
}

async function endTrace(devtools: CDPSession): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = [];
  devtools.on("Tracing.dataCollected", ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  const complete = new Promise<boolean>((resolve) => {
    devtools.once("Tracing.tracingComplete", ({ dataLossOccurred }) => resolve(dataLossOccurred));
  });
  await devtools.send("Tracing.end");
  if (await complete) throw new Error("the trace is longer than its buffer: it says nothing");
  return events;
}

/** The main thread and the workers of the process that made the mark. */
function threadsOf(events: readonly TraceEvent[]): ReadonlyMap<string, Task["thread"]> {
  const marked = events.find(({ name }) => name === MARK);
  if (marked === undefined) throw new Error("the page made no mark in the trace");
  const threads = new Map<string, Task["thread"]>([[`${marked.pid} ${marked.tid}`, "main"]]);
  for (const { name, pid, tid, args } of events)
    if (name === "thread_name" && pid === marked.pid && /DedicatedWorker/.test(args?.name ?? ""))
      threads.set(`${pid} ${tid}`, "worker");
  return threads;
}

/** Words for a log: clock and, of that, computing. */
export function taskWords(tasks: readonly Task[], thread: Task["thread"]): string {
  const mine = tasks.filter((task) => task.thread === thread);
  const all = mine.map(({ wallMs, cpuMs }) => `${wallMs.toFixed(0)} (${cpuMs.toFixed(0)})`);
  return `${thread}: ${all.length === 0 ? "none" : all.join(", ")}`;
}

/** The most that a task of a thread computed. */
export function longestCpuMs(tasks: readonly Task[], thread: Task["thread"]): number {
  const mine = tasks.filter((task) => task.thread === thread);
  return Math.max(0, ...mine.map(({ cpuMs }) => cpuMs));
}
