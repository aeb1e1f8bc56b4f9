// How background work of the backend shares the event loop: a step of bounded work, then whoever
// waits. Knows neither jobs nor time.

/** Lets everything that is ready run first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Visits entries of a map that may change meanwhile: those that are there now, a few in each turn.
 *
 * @param perTurn - small enough that a turn takes a few milliseconds
 */
export async function visitInTurns<K, V>(
  map: ReadonlyMap<K, V>,
  perTurn: number,
  visit: (key: K, value: V) => void,
): Promise<void> {
  let left = map.size;
  for (const [key, value] of map) {
    if (left-- <= 0) return;
    visit(key, value);
    if (left % perTurn === 0 && left > 0) await turn();
  }
}
