/**
 * The order of the test files: those that take longest come first, so that none of them is still at work when all
 * workers but one have nothing left to do. Vitest alone goes by size where it has not seen a run yet.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Longest first; a file that is missing here only comes later than it could. */
const LONGEST = [
  'isolation/prove/corpus.test.ts',
  'isolation/attack/leaks.test.ts',
  'control-plane/endpoints.test.ts',
  'isolation/prove/own-schema.test.ts',
  'kernel/embedded/start-embedded-postgres.test.ts',
  'isolation/interleaving.test.ts',
  'control-plane/serve.test.ts',
  'audit/killed.test.ts',
  'control-plane/first-operator.test.ts',
  'audit/server-killed.test.ts',
  'audit/track/track.test.ts',
  'command-line/attack.test.ts',
  'embedded/process-end.test.ts',
  'identity/operations.test.ts',
  'http/owner-rank.test.ts',
  'audit/search/random-histories.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
