// How a person likes it: colours and time zone. Kept in localStorage, which holds nothing else.
// Read by everything that draws; written by the switches of the frame.

import { effect, signal } from "@preact/signals";

export type Theme = "dark" | "light" | "system";

export const theme = signal<Theme>(
  (localStorage.getItem("s2kit-theme") as Theme | null) ?? "system",
);
export const isUtc = signal(localStorage.getItem("s2kit-zone") === "utc");

const system = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(system.matches);
system.addEventListener("change", ({ matches }) => {
  isSystemDark.value = matches;
});

export function isDark(): boolean {
  return theme.value === "system" ? isSystemDark.value : theme.value === "dark";
}

effect(() => {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  localStorage.setItem("s2kit-theme", theme.value);
  localStorage.setItem("s2kit-zone", isUtc.value ? "utc" : "local");
});
