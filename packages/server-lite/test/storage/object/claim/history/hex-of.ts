// Ids of simulated processes and claims: numbers in a row, as the formats want ids.

/** 32 digits. */
export function hexOf(id: number): string {
  return id.toString(16).padStart(32, "0");
}
