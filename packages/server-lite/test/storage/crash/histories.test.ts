import { crashRange } from "./crash-run.js";

crashRange(100_000, 300);
