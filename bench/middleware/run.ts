import type { BenchOptions } from '../harness/options.ts';
import type { Verdict } from '../harness/verdict.ts';
export async function runMiddleware(
  _options: BenchOptions,
  _say: (text: string) => void,
): Promise<{ verdicts: Verdict[] }> {
  return { verdicts: [] };
}
