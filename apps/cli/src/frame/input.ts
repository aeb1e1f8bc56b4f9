// The arguments of one call, parsed: what a command asks for by name. It knows no command.

/**
 * The parsed arguments of one call. Asking for a name that the command did not declare is a bug.
 */
export class Input {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
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
