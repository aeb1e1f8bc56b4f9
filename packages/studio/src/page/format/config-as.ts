// A configuration from the form, as flags of the command line and as JSON of the API.
// Used by "Copy as"; what cannot be read yet is left out, never guessed.

import { flags } from "./copy-as.js";
import { type ConfigFields, configOf } from "./stream-config.js";

/** Flags of `create-stream`, `create-basin` and the like. What is inherited has none. */
export function configFlags(fields: ConfigFields, isChange = false): string {
  const given = flags({
    "storage-class": fields.storageClass,
    "retention-policy": fields.retention === "age" ? fields.age : fields.retention,
    "timestamping-mode": fields.timestamping,
    "timestamping-uncapped": fields.uncapped,
    "delete-on-empty-min-age": fields.deleteOnEmpty === "" ? "" : withUnit(fields.deleteOnEmpty),
  });
  if (!isChange) return given;
  const unset = [
    fields.storageClass === "" && "storage_class",
    fields.retention === "" && "retention_policy",
    fields.timestamping === "" && "timestamping.mode",
    fields.uncapped === "" && "timestamping.uncapped",
    fields.deleteOnEmpty === "" && "delete_on_empty.min_age",
  ].filter((name) => name !== false);
  return given + unset.map((name) => ` --unset ${name}`).join("");
}

/** The same in the shape of the API; text that cannot be read yet leaves everything out. */
export function configJson(fields: ConfigFields, unset: null | undefined): unknown {
  try {
    return wireOf(configOf(fields, unset));
  } catch {
    return {};
  }
}

/** The same for a program. */
export function configValue(fields: ConfigFields, unset: null | undefined): object {
  try {
    return configOf(fields, unset);
  } catch {
    return {};
  }
}

function wireOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => {
    const name =
      key === "ageSecs" ? "age" : key.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`);
    return [name, wireOf(child)];
  });
  return Object.fromEntries(entries) as unknown;
}

function withUnit(text: string): string {
  return /^\d+$/.test(text) ? `${text}s` : text;
}
