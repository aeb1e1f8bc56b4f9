// Whether somebody whose lease is waited for renews it meanwhile: proof of life, where silence is
// the proof of the opposite. Needs no lease of the observer's own, and no time: a slow observer
// sees the same. Pure.

/** A last renewal may have been on its way when its process died. */
const RENEWALS_OF_THE_LIVING = 2;

export class SeenLife {
  private readonly seen = new Map<string, { seq: number; renewals: number }>();

  /**
   * Takes in what a look showed of a lease.
   *
   * @param seq - the renewal; undefined when there is none
   * @returns whether its holder has lived since the first look
   */
  saw(holder: string, seq: number | undefined): boolean {
    if (seq === undefined) return false;
    const before = this.seen.get(holder);
    const renewals = before === undefined ? 0 : before.renewals + (before.seq === seq ? 0 : 1);
    this.seen.set(holder, { seq, renewals });
    return renewals >= RENEWALS_OF_THE_LIVING;
  }
}
