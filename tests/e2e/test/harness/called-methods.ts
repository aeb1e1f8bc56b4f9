// Which methods of classes of a library were called: wraps their prototypes, so that a test can fail
// when a part of the library's surface was never driven.

type Method = (this: unknown, ...args: unknown[]) => unknown;

export interface CalledMethods {
  /** Watches every method of a class, also on objects that exist already. */
  watch(name: string, prototype: object): void;
  /** `Class.method` of everything that is watched and was not called. */
  missing(): string[];
}

export function createCalledMethods(): CalledMethods {
  const watched = new Set<object>();
  const known = new Set<string>();
  const called = new Set<string>();
  return {
    watch(name, prototype) {
      if (watched.has(prototype)) return;
      watched.add(prototype);
      for (const key of Reflect.ownKeys(prototype)) {
        const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
        if (key === "constructor" || typeof descriptor?.value !== "function") continue;
        const label = `${name}.${String(key)}`;
        const method = descriptor.value as Method;
        known.add(label);
        Object.defineProperty(prototype, key, {
          ...descriptor,
          value(this: unknown, ...args: unknown[]) {
            called.add(label);
            return method.apply(this, args);
          },
        });
      }
    },
    missing: () => [...known].filter((label) => !called.has(label)).sort(),
  };
}
