import { crashRange } from "./crash-run.js";

crashRange(300_000, 700);
