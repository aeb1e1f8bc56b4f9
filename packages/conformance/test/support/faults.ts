// Faults that servers have had, or could, each with the case that must find it.

import { CONTROL_FAULTS } from "./control-faults.js";
import type { Fault } from "./doctor.js";
import { RECORD_FAULTS } from "./record-faults.js";
import { SESSION_FAULTS } from "./session-faults.js";

export const FAULTS: readonly Fault[] = [...CONTROL_FAULTS, ...RECORD_FAULTS, ...SESSION_FAULTS];
