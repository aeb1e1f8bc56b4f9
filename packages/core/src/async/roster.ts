// Who is there now, in order of arrival, among many who come and go. A `Set` does the same, but
// one whose members come and go by the thousand is rebuilt again and again, and each table that it
// leaves behind points to the next: once one of them is old, the garbage collector keeps every
// table since, with all that was in it, until it collects the whole heap. So each place is linked
// to its neighbours only while somebody stands there.

/** Takes its member out again; a second call changes nothing. */
export type Leave = () => void;

interface Place<T> {
  readonly member: T;
  before: Place<T> | undefined;
  behind: Place<T> | undefined;
  isTaken: boolean;
}

/** Members in order of arrival; entering and leaving cost the same however many there are. */
export class Roster<T> {
  private count = 0;
  private head: Place<T> | undefined = undefined;
  private last: Place<T> | undefined = undefined;

  get size(): number {
    return this.count;
  }

  /** Who has been there longest; undefined when nobody is. */
  get first(): T | undefined {
    return this.head?.member;
  }

  /** One member may enter twice, and leaves as often. */
  enter(member: T): Leave {
    const place: Place<T> = { member, before: this.last, behind: undefined, isTaken: true };
    if (this.last === undefined) this.head = place;
    else this.last.behind = place;
    this.last = place;
    this.count++;
    return () => this.takeOut(place);
  }

  /** Those who are there now: whoever is called may leave, or let others in. */
  members(): readonly T[] {
    const members: T[] = [];
    for (let place = this.head; place !== undefined; place = place.behind)
      members.push(place.member);
    return members;
  }

  private takeOut(place: Place<T>): void {
    if (!place.isTaken) return;
    place.isTaken = false;
    const { before, behind } = place;
    if (before === undefined) this.head = behind;
    else before.behind = behind;
    if (behind === undefined) this.last = before;
    else behind.before = before;
    place.before = undefined;
    place.behind = undefined;
    this.count--;
  }
}
