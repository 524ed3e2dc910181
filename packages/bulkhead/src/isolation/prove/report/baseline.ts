/**
 * `--baseline`: an earlier report, so that a database with known holes fails only on new ones.
 *
 * Promises: a hole is the same if it is of the same kind in the same object; what was unknown and is now a
 * leak is new. A baseline can hide nothing that it does not list.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isolationError } from '../../errors.ts';
import type { Proof, ProvedObject, Verdict } from '../model.ts';
import type { Placed, ProvedFinding } from './order.ts';

/** Only what is compared; a report of a later version may say more. */
const baselineSchema = z.object({
  version: z.literal(1),
  objects: z.array(
    z.object({
      object: z.string(),
      verdict: z.enum(['proven', 'leak', 'unknown']),
      findings: z.array(z.object({ kind: z.string() })),
    }),
  ),
});
export type Baseline = z.output<typeof baselineSchema>;

export interface Comparison {
  readonly fresh: readonly Placed[];
  /** The verdict over what is new alone. */
  readonly verdict: Verdict;
  readonly knownCount: number;
  isKnown(at: ProvedObject, finding: ProvedFinding): boolean;
}

/** @throws `isolation.prove_baseline_invalid` */
export async function readBaseline(path: string): Promise<Baseline> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw isolationError('isolation.prove_baseline_invalid', {
      message: `The baseline ${path} could not be read as JSON.`,
      cause,
    });
  }
  const parsed = baselineSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw isolationError('isolation.prove_baseline_invalid', {
    message: `${path} is not a report of \`bulkhead prove --format json\`.`,
    cause: parsed.error,
  });
}

export function compareWithBaseline(proof: Proof, baseline: Baseline): Comparison {
  const known = new Set<string>();
  for (const { object, verdict, findings } of baseline.objects) {
    for (const { kind } of findings) known.add(keyOf(object, kind, verdict));
    known.add(keyOf(object, '', verdict));
  }
  const isKnownAs = (object: string, kind: string, verdict: Verdict): boolean =>
    // What was a leak and is now only undecided is nothing new.
    known.has(keyOf(object, kind, 'leak')) ||
    (verdict === 'unknown' && known.has(keyOf(object, kind, 'unknown')));
  const isKnown: Comparison['isKnown'] = (at, finding) =>
    isKnownAs(at.object, finding.kind, at.verdict);

  const faulty = proof.objects.filter((one) => one.verdict !== 'proven');
  const fresh = faulty.flatMap((at) =>
    at.findings.filter((finding) => !isKnown(at, finding)).map((finding) => ({ at, finding })),
  );
  const bare = faulty.filter(
    (one) => one.findings.length === 0 && !isKnownAs(one.object, '', one.verdict),
  );
  const verdicts = new Set([
    ...fresh.map(({ at }) => at.verdict),
    ...bare.map((one) => one.verdict),
  ]);
  const findings = faulty.reduce((sum, one) => sum + one.findings.length, 0);
  return {
    fresh,
    verdict: verdicts.has('leak') ? 'leak' : verdicts.has('unknown') ? 'unknown' : 'proven',
    knownCount: findings - fresh.length,
    isKnown,
  };
}

function keyOf(object: string, kind: string, verdict: Verdict): string {
  return JSON.stringify([object, kind, verdict]);
}
