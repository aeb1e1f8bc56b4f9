// The arguments of one call, parsed: what a command asks for by name. It knows no command.

/**
 * The parsed arguments of one call. Asking for a name that the command did not declare is a bug.
 */
export class Input {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #given: ReadonlySet<string>;

  /** @param given - names that arguments or the environment said; the others are defaults */
  constructor(values: ReadonlyMap<string, unknown>, given: ReadonlySet<string>) {
    this.#values = values;
    this.#given = given;
  }

  /** True when arguments or the environment said it, rather than a default. */
  isGiven(name: string): boolean {
    return this.#given.has(name);
  }

  /** The same input with other values in place of defaults. */
  withDefaults(values: ReadonlyMap<string, unknown>): Input {
    const all = new Map(this.#values);
    for (const [name, value] of values) if (!this.#given.has(name)) all.set(name, value);
    return new Input(all, this.#given);
  }

  /** The value, or undefined when it was not given and has no default. */
  get<T>(name: string): T | undefined {
    if (!this.#values.has(name)) throw new Error(`undeclared option or argument name=${name}`);
    return this.#values.get(name) as T | undefined;
  }

  /** True when the command has such an option or argument at all. */
  declares(name: string): boolean {
    return this.#values.has(name);
  }

  /** A required argument, or an option with a default. */
  need<T>(name: string): T {
    const value = this.get<T>(name);
    if (value === undefined) throw new Error(`missing value name=${name}`);
    return value;
  }

  /** True when a switch was given. */
  is(name: string): boolean {
    return this.get<boolean>(name) === true;
  }

  /** True when any of them was given. */
  hasAny(...names: readonly string[]): boolean {
    return names.some((name) => this.get(name) !== undefined);
  }
}
