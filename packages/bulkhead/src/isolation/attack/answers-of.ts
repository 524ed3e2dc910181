/** Runs one attempt's steps, and waits no longer than anybody would. */
import type { Attempt } from './attempt.ts';
import { type Answer, type Driver, failure } from './drive/driver.ts';

const ANSWER_TIMEOUT_MS = 15_000;

/** An attempt that gets no answer at all, such as one behind a lock of the app's, is left behind. */
export async function answersOf(
  driver: Driver,
  steps: readonly string[],
  mode: Attempt['mode'],
): Promise<Answer[]> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Answer[]>((resolve) => {
    timer = setTimeout(
      () => resolve([failure(steps.at(-1) ?? '', new Error('no answer in time'), [])]),
      ANSWER_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([driver.run(steps, mode), silence]);
  } finally {
    clearTimeout(timer);
  }
}
