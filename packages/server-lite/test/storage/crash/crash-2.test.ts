import { crashRange } from "./crash-run.js";

crashRange(200_000, 400);
