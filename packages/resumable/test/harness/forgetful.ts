// A network that loses acknowledgements: each append takes effect, and of each second one nobody is told so.

export interface Forgetful {
  readonly fetch: typeof fetch;
  /** What was answered, and not heard. */
  readonly lost: string[];
}

export function forgetful(): Forgetful {
  const lost: string[] = [];
  let appends = 0;
  return {
    lost,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const url = String(input instanceof Request ? input.url : input);
      if (init?.method !== "POST" || !url.endsWith("/records") || appends++ % 2 === 1)
        return response;
      lost.push(`${response.status} ${await response.text()}`);
      throw new TypeError("fetch failed");
    },
  };
}
