// What creating and ensuring answer: the status, and the header that says what was done.
// Called by the cases about basins and streams.

import { equal, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";

const RESULT = "s2-provision-result";

export function provisioned(answer: Answer, code: number, result: string): Answer {
  status(answer, code);
  equal(answer.headers[RESULT], result, `${RESULT} of ${answer.asked}`);
  return answer;
}
