// What a process used: processor time of all its threads (garbage collection and thread pool
// included), and resident memory.

export interface Usage {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** Live objects and what they hold; exact only after a garbage collection. */
  readonly heldBytes: number;
}

export function usageNow(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMicros: user + system, residentBytes: rss, heldBytes: heapUsed + external };
}

/** Whose usage is watched: the server's or the reference's process. */
export interface Watched {
  usage(argument: undefined): Promise<Usage>;
}

/** A round, with the processor time that the watched process spent on it. */
export type Spent<T> = T & { readonly cpuMicros: number };

export async function watched<T>(process: Watched, run: () => Promise<T>): Promise<Spent<T>> {
  const before = await process.usage(undefined);
  const result = await run();
  const after = await process.usage(undefined);
  return { ...result, cpuMicros: after.cpuMicros - before.cpuMicros };
}
