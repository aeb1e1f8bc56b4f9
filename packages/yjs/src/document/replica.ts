// The document as Yjs has it, over what was read: applies updates, and says what the stream lacks
// of what was edited elsewhere, such as in a copy that the browser keeps.

import {
  applyUpdate,
  Doc,
  decodeUpdate,
  encodeStateAsUpdate,
  encodeStateVector,
  equalSnapshots,
  snapshot,
} from "yjs";

export class Replica {
  readonly #doc: Doc;
  readonly #origin: object;
  /** What the stream has, while it is read for the first time by a document that had something. */
  #stored: Doc | undefined;

  /** @param origin - of the transactions that apply what was read */
  constructor(doc: Doc, origin: object) {
    this.#doc = doc;
    this.#origin = origin;
    this.expectAll();
  }

  /** The stream is read from its beginning: what is in the document may not be in it. */
  expectAll(): void {
    this.#stored?.destroy();
    const isEmpty = this.#doc.store.clients.size === 0;
    this.#stored = isEmpty ? undefined : new Doc();
  }

  /**
   * @param onListenerError - told of what listeners of the document throw
   * @throws what is wrong with the update; nothing of it is applied then
   */
  apply(update: Uint8Array, onListenerError: (error: unknown) => void): void {
    // Half of one that is damaged would be applied before the other half is looked at.
    decodeUpdate(update);
    if (this.#stored !== undefined) applyUpdate(this.#stored, update);
    try {
      applyUpdate(this.#doc, update, this.#origin);
    } catch (error) {
      onListenerError(error);
    }
  }

  /**
   * Everything is read. What the stream lacks of what was in the document before; undefined when
   * that is nothing.
   */
  takeMissing(): Uint8Array | undefined {
    const stored = this.#stored;
    this.#stored = undefined;
    if (stored === undefined) return undefined;
    try {
      if (equalSnapshots(snapshot(this.#doc), snapshot(stored))) return undefined;
      return encodeStateAsUpdate(this.#doc, encodeStateVector(stored));
    } finally {
      stored.destroy();
    }
  }

  encode(): Uint8Array {
    return encodeStateAsUpdate(this.#doc);
  }

  leave(): void {
    this.#stored?.destroy();
    this.#stored = undefined;
  }
}
