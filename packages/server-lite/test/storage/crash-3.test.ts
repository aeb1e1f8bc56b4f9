import { crashRange } from "./crash/crash-run.js";

crashRange(300_000, 700);
