import { crashRange } from "./crash/crash-run.js";

crashRange(100_000, 700);
