// The room that a cache of an engine may take: told by who opens the engine, since only the node
// knows what else it holds. Without one, a cache has its own bound alone.

export interface CacheRoom {
  /** Takes bytes, if there are so many. */
  tryKeep(bytes: number): boolean;
  /** Gives bytes back. */
  letGo(bytes: number): void;
  /**
   * Adds a cache.
   *
   * @param shrink - lets go of about so many bytes now; answers how many it gave back
   * @returns ends that, when the cache has given back everything
   */
  enter(shrink: (bytes: number) => number): () => void;
}

export const UNSHARED_ROOM: CacheRoom = {
  tryKeep: () => true,
  letGo: () => undefined,
  enter: () => () => undefined,
};
