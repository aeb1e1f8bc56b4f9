// How a provider is: its connection, whether everything was read, whether everything is durable.
// Tells listeners of each change, and who waits for it to be settled.

import { Listeners, type ProviderEvents, type ProviderStatus } from "./listeners.js";

export class ProviderState {
  readonly #listeners: Listeners;
  readonly #waiting = new Set<() => void>();
  #status: ProviderStatus = "connecting";
  #isSynced = false;
  #isSaved = false;

  /** @param onError - told of what listeners throw */
  constructor(onError: (error: unknown) => void) {
    this.#listeners = new Listeners(onError);
  }

  get status(): ProviderStatus {
    return this.#status;
  }

  set status(status: ProviderStatus) {
    if (status === "disconnected") this.#settle();
    if (this.#status === status) return;
    this.#status = status;
    this.#listeners.tell("status", { status });
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  set isSynced(isSynced: boolean) {
    if (this.#isSynced === isSynced) return;
    this.#isSynced = isSynced;
    this.#listeners.tell("sync", isSynced);
  }

  get isSaved(): boolean {
    return this.#isSaved;
  }

  set isSaved(isSaved: boolean) {
    if (isSaved) this.#settle();
    if (this.#isSaved === isSaved) return;
    this.#isSaved = isSaved;
    this.#listeners.tell("saved", isSaved);
  }

  on<Name extends keyof ProviderEvents>(name: Name, listener: ProviderEvents[Name]): boolean {
    return this.#listeners.add(name, listener);
  }

  off<Name extends keyof ProviderEvents>(name: Name, listener: ProviderEvents[Name]): void {
    this.#listeners.remove(name, listener);
  }

  /** Everything is durable, or cannot be made so now. */
  settled(): Promise<void> {
    if (this.#isSaved || this.#status === "disconnected") return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.add(resolve));
  }

  /** Nobody is told of anything any more. */
  end(): void {
    this.#settle();
    this.#listeners.clear();
  }

  #settle(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
