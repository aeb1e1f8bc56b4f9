import { crashRange } from "./crash/crash-run.js";

crashRange(200_000, 700);
