// When the memory engine says that commits are durable: never within the call, because no medium
// does that. Many writers hear of it once a turn of the event loop, like those that a disk takes in
// one group: their replies then leave together. One by one each woke its client, and an append cost
// half as much again. A writer that is alone need not wait for the end of its turn.

/**
 * A writer that seems alone looks at every so many commits whether it still is: looking costs time.
 */
const COMMITS_BETWEEN_LOOKS = 16;

export class CommitTurns {
  private readonly confirm: () => void;
  /** Commits since a turn was begun to be counted, or since the last look. */
  private commits = 0;
  private isCounting = false;
  private isCrowded = false;

  /**
   * @param confirm - makes everything durable that is committed; called also when there is nothing
   */
  constructor(confirm: () => void) {
    this.confirm = confirm;
  }

  committed(): void {
    this.commits++;
    if (!this.isCounting && (this.isCrowded || this.commits >= COMMITS_BETWEEN_LOOKS)) {
      this.isCounting = true;
      this.commits = 1;
      setImmediate(this.endTurn);
    }
    if (!this.isCrowded) queueMicrotask(this.confirm);
  }

  private readonly endTurn = (): void => {
    // What this turn was, the next one probably is.
    this.isCrowded = this.commits > 1;
    this.isCounting = false;
    this.commits = 0;
    this.confirm();
  };
}
