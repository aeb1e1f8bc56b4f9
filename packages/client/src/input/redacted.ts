// A secret that does not leak by accident: printing, serialising or inspecting it shows a
// placeholder. The value lives in a private registry, not on the object, and the prototype is
// frozen, so no other module can make it talk. Spec: sdk#request-headers.

const secrets = new WeakMap<Redacted, string>();
const PLACEHOLDER = "<redacted>";

/** Holds a token or a key. {@link reveal} is the only way to its value. */
export class Redacted {
  constructor(secret: string) {
    secrets.set(this, secret);
    Object.freeze(this);
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }
}

// How Node prints objects; a computed method name does not suit isolated declarations.
Object.defineProperty(Redacted.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value: () => PLACEHOLDER,
});
Object.freeze(Redacted.prototype);

/** The secret itself, for the header that needs it. */
export function reveal(redacted: Redacted): string {
  return secrets.get(redacted) ?? "";
}
