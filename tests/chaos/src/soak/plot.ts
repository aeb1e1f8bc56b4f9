// Curves over time as one SVG: a panel for each unit, one below the other, with round ticks and a legend. No library: what
// draws in pages needs one, a picture in a file does not.

export interface Panel {
  readonly title: string;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const WIDTH = 900;
const PANEL = 170;
const LEFT = 64;
const RIGHT = 150;
const TOP = 28;
const BOTTOM = 24;
const COLOURS = ["#2563eb", "#dc2626", "#059669", "#9333ea", "#d97706"];

/** @param seconds - of each value, rising */
export function plotSvg(
  title: string,
  seconds: readonly number[],
  panels: readonly Panel[],
): string {
  const height = 36 + panels.length * PANEL;
  const drawn = panels.map((panel, at) => drawPanel(panel, seconds, 36 + at * PANEL)).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">` +
    `<rect width="100%" height="100%" fill="white"/>` +
    `<text x="${LEFT}" y="20" font-size="14">${escaped(title)}</text>${drawn}</svg>\n`
  );
}

function drawPanel({ title, series }: Panel, seconds: readonly number[], top: number): string {
  const most = Math.max(1e-9, ...series.flatMap(({ values }) => values));
  const step = roundStep(most);
  const ceiling = Math.ceil(most / step) * step;
  const last = Math.max(seconds.at(-1) ?? 0, 1e-9);
  const x = (at: number): number => LEFT + (at / last) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    top + PANEL - BOTTOM - (value / ceiling) * (PANEL - TOP - BOTTOM);
  const parts = [`<text x="${LEFT}" y="${top + 18}" font-weight="bold">${escaped(title)}</text>`];
  for (let tick = 0; tick <= ceiling + step / 2; tick += step)
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}" stroke="#e5e7eb"/>`,
      `<text x="${LEFT - 6}" y="${fixed(y(tick) + 4)}" text-anchor="end">${shown(tick)}</text>`,
    );
  const across = roundStep(last);
  for (let tick = 0; tick <= last + 1e-9; tick += across)
    parts.push(
      `<text x="${fixed(x(tick))}" y="${top + PANEL - 8}" text-anchor="middle">${shown(tick)} s</text>`,
    );
  series.forEach(({ name, values }, at) => {
    const colour = COLOURS[at % COLOURS.length] as string;
    const points = values.map(
      (value, index) => `${fixed(x(seconds[index] ?? 0))},${fixed(y(value))}`,
    );
    parts.push(
      `<polyline fill="none" stroke="${colour}" stroke-width="1.3" points="${points.join(" ")}"/>`,
      `<text x="${WIDTH - RIGHT + 10}" y="${top + TOP + 14 * at}" fill="${colour}">${escaped(name)}</text>`,
    );
  });
  return parts.join("");
}

/** 1, 2 or 5 times a power of ten: four to nine of them reach `most`. */
export function roundStep(most: number): number {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [5, 2, 1].find((each) => each * power <= rough) ?? 1;
  return factor * power;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
