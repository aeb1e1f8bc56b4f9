// What TASTE.md promises of the one set of variables: both themes name the same, and every text can be read on
// everything that it stands on. Computed from the style itself, beside what the rules of the browser test find.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const CSS = readFileSync(new URL("../src/page/style/base.css", import.meta.url), "utf8");
const THEMES = { light: themeOf("light"), dark: themeOf("dark") };
const PLAIN_GROUNDS = ["ground", "sheet", "sunken", "raised"];

/** WCAG 2.2: text of normal size, and what says where a control is. */
const TEXT_RATIO = 4.5;
const CONTROL_RATIO = 3;

function themeOf(name: string): ReadonlyMap<string, string> {
  const block = CSS.slice(CSS.indexOf(`:root[data-theme="${name}"] {`)).split("}", 1)[0] ?? "";
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[\da-f]{6}|rgb\([^)]*\));/g)].map(([, key, value]) => [
      key ?? "",
      value ?? "",
    ]),
  );
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(theme: ReadonlyMap<string, string>, above: string, below: string): number {
  const [one = 0, other = 0] = [above, below].map((name) => luminance(theme.get(name) ?? ""));
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

it("names the same variables in both themes", () => {
  expect([...THEMES.dark.keys()]).toEqual([...THEMES.light.keys()]);
  expect(THEMES.light.size).toBeGreaterThan(20);
});

it.each(["light", "dark"] as const)(
  "writes nothing in the %s theme that cannot be read",
  (name) => {
    const pairs = [
      ...["text", "muted", "accent", "bad"].flatMap((above) =>
        PLAIN_GROUNDS.map((below) => [above, below] as const),
      ),
      ...["accent", "good", "warn", "bad"].map((above) => [above, `${above}-soft`] as const),
      ...["accent", "warn", "bad"].map((below) => ["text", `${below}-soft`] as const),
      // Keys and values of JSON stand on sunken ground, commands in the list on all of its rows.
      ...["series-1", "series-2", "series-3"].map((above) => [above, "sunken"] as const),
      ["series-3", "accent-soft"] as const,
      ["muted", "accent-soft"] as const,
      ["on-accent", "accent"] as const,
      ["ground", "text"] as const,
    ];
    const poor = pairs
      .map(
        ([above, below]) => [`${above} on ${below}`, contrast(THEMES[name], above, below)] as const,
      )
      .filter(([, ratio]) => !(ratio >= TEXT_RATIO));
    expect(poor).toEqual([]);
  },
);

it.each(["light", "dark"] as const)("shows in the %s theme where a control ends", (name) => {
  const poor = ["strong-line", "accent"].flatMap((above) =>
    PLAIN_GROUNDS.slice(0, 2)
      .map((below) => [`${above} on ${below}`, contrast(THEMES[name], above, below)] as const)
      .filter(([, ratio]) => !(ratio >= CONTROL_RATIO)),
  );
  expect(poor).toEqual([]);
});
