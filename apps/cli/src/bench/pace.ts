// When the next record is due at a target rate. Cumulative: after a stall it is behind and catches
// up at full speed, without a cap. Pure. Spec: cli#workload.

export interface Pace {
  /** Elapsed ms at which the next record is due; 0 when there is no target. */
  dueAtMs(): number;
  submitted(bytes: number): void;
}

/** @param bytesPerSec - undefined: as fast as it goes */
export function createPace(bytesPerSec: number | undefined): Pace {
  let bytes = 0;
  return {
    dueAtMs: () => (bytesPerSec === undefined ? 0 : (bytes / bytesPerSec) * 1000),
    submitted: (more) => {
      bytes += more;
    },
  };
}
