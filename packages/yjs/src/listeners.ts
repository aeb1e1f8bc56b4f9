// Who listens to a provider, by the names that Yjs's providers have for their events.

/** Events and what is told with each. */
export interface ProviderEvents {
  /** How the connection is. */
  status: (event: { readonly status: ProviderStatus }) => void;
  /** True when everything that was there has been read; false when the connection is lost. */
  sync: (isSynced: boolean) => void;
  /** True when everything that was edited here is durable, false when something is not. */
  saved: (isSaved: boolean) => void;
}

/** `connecting` until the document has been read; `disconnected` while it is tried again. */
export type ProviderStatus = "connected" | "connecting" | "disconnected";

/** Listeners of one provider. */
const MAX_LISTENERS = 1000;

export class Listeners {
  readonly #of: { readonly [Name in keyof ProviderEvents]: Set<ProviderEvents[Name]> } = {
    status: new Set(),
    sync: new Set(),
    saved: new Set(),
  };
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add<Name extends keyof ProviderEvents>(name: Name, listener: ProviderEvents[Name]): boolean {
    const listeners = this.#of[name];
    if (listeners.size >= MAX_LISTENERS) return false;
    listeners.add(listener);
    return true;
  }

  remove<Name extends keyof ProviderEvents>(name: Name, listener: ProviderEvents[Name]): void {
    this.#of[name].delete(listener);
  }

  tell<Name extends keyof ProviderEvents>(
    name: Name,
    ...args: Parameters<ProviderEvents[Name]>
  ): void {
    for (const listener of this.#of[name])
      try {
        (listener as (...given: Parameters<ProviderEvents[Name]>) => void)(...args);
      } catch (error) {
        // What a listener does must not end the document.
        this.#onError(error);
      }
  }

  clear(): void {
    for (const listeners of Object.values(this.#of)) listeners.clear();
  }
}
