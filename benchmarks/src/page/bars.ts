// How far ahead or behind a peer, as one picture: a bar for each figure, on a logarithmic scale whose
// middle is "the same". Sixty lines of SVG; a library that draws charts would be sixty packages for it.

export interface Bar {
  readonly name: string;
  /** Ours beside theirs, so turned that more than 1 is ahead. */
  readonly times: number;
}

const WIDTH = 820;
const LEFT = 330;
const RIGHT = 70;
const ROW = 24;
const TOP = 44;
const AHEAD = "#059669";
const BEHIND = "#dc2626";

export function barsSvg(title: string, bars: readonly Bar[]): string {
  const most = Math.max(2, ...bars.map(({ times }) => Math.max(times, 1 / times)));
  const reach = Math.ceil(Math.log2(most));
  const middle = LEFT + (WIDTH - LEFT - RIGHT) / 2;
  const perDoubling = (WIDTH - LEFT - RIGHT) / 2 / reach;
  const bottom = TOP + bars.length * ROW;
  const step = Math.ceil(reach / 4);
  const ticks: string[] = [];
  for (let power = -reach; power <= reach; power++)
    if (power % step === 0) ticks.push(tick(middle + power * perDoubling, power, bottom));
  const rows = bars.map(({ name, times }, at) => {
    const length = Math.log2(times) * perDoubling;
    const y = TOP + at * ROW;
    const end = middle + length;
    return [
      `<text x="${LEFT - 12}" y="${y + 16}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${fixed(Math.min(middle, end))}" y="${y + 4}" width="${fixed(Math.abs(length))}" height="${ROW - 8}" rx="2" fill="${times >= 1 ? AHEAD : BEHIND}"/>`,
      `<text x="${fixed(length >= 0 ? end + 6 : end - 6)}" y="${y + 16}"${length >= 0 ? "" : ' text-anchor="end"'} fill="#374151">${factor(times)}</text>`,
    ].join("");
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 28}" viewBox="0 0 ${WIDTH} ${bottom + 28}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>` +
    `<text x="16" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>` +
    `${ticks.join("")}${rows.join("")}</svg>\n`
  );
}

function tick(x: number, power: number, bottom: number): string {
  const label = power === 0 ? "the same" : factor(2 ** power);
  return (
    `<line x1="${fixed(x)}" x2="${fixed(x)}" y1="${TOP}" y2="${bottom}" stroke="${power === 0 ? "#9ca3af" : "#e5e7eb"}"/>` +
    `<text x="${fixed(x)}" y="${bottom + 18}" text-anchor="middle" fill="#6b7280">${label}</text>`
  );
}

function factor(times: number): string {
  return times >= 1
    ? `${Number(times.toPrecision(2))}x`
    : `1/${Number((1 / times).toPrecision(2))}`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
