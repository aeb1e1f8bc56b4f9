// Reads a profile of the shared AWS files, `config` and `credentials`: sections in brackets, and
// settings of the form name = value. Nested settings, which are indented, are skipped. Pure.

/** Settings by lower-case name. */
export type Profile = ReadonlyMap<string, string>;

/**
 * @param kind - in `config` all profiles but the default are called `[profile NAME]`
 * @returns undefined when the file has no such profile
 */
export function parseProfile(
  text: string,
  name: string,
  kind: "config" | "credentials",
): Profile | undefined {
  let settings: Map<string, string> | undefined;
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const section = /^\[\s*([^\]]*?)\s*\]/.exec(line);
    if (section !== null) {
      isInside = isSectionOf(section[1] as string, name, kind);
      if (isInside) settings ??= new Map();
      continue;
    }
    const [, key, value] = /^([A-Za-z_][\w-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    // A comment behind a value has a space before it.
    const plain = value?.replace(/\s[#;].*$/, "").trim();
    if (isInside && key !== undefined && plain) settings?.set(key.toLowerCase(), plain);
  }
  return settings;
}

function isSectionOf(section: string, name: string, kind: "config" | "credentials"): boolean {
  if (kind === "credentials") return section === name;
  const [, profile] = /^profile\s+"?(.*?)"?$/.exec(section) ?? [];
  return profile === name || (name === "default" && section === "default");
}
