// The date header of answers, from the clock of the server: Node would take the system's, behind
// the back of a simulation. Called for each answer, and made once a second.

let second = Number.NaN;
let text = "";

/** @param nowMs - ms since the epoch */
export function httpDate(nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  if (now === second) return text;
  second = now;
  text = new Date(now * 1000).toUTCString();
  return text;
}
