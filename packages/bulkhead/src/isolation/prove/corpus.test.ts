/**
 * Every case of the corpus is what it says, and the prover says what it is. The exploit of a leak works, and
 * stops working with the case's own fix; no exploit of a look-alike works: really run, each on a database of
 * its own. The prover finds the leak on the object at fault, is silent once it is repaired, and calls no
 * look-alike a leak.
 *
 * CORPUS_FOLDER names another folder of cases; CORPUS_ONLY numbers, such as `013,21`.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterPool, startClusterPool } from '#test/corpus/cluster-pool';
import { readCorpus } from '#test/corpus/corpus-case';
import { runCase } from '#test/corpus/run-case';
import { scoreCase, scoreRepaired } from '#test/corpus/score-case';

const own = join(import.meta.dirname, 'testdata/corpus');
const only = (process.env.CORPUS_ONLY ?? '').split(',').filter(Boolean);
const cases = (await readCorpus(process.env.CORPUS_FOLDER || own)).filter(
  ({ name }) => only.length === 0 || only.some((start) => name.startsWith(start)),
);
/** Cases that the prover does not get right yet, each with the reason. */
const KNOWN: ReadonlyMap<string, string> = new Map([]);
let clusters: ClusterPool;

beforeAll(async () => {
  clusters = await startClusterPool(2, process.env.TEST_POSTGRES_BIN || undefined);
}, 60_000);
afterAll(() => clusters?.stop());

describe.skipIf(only.length > 0 || process.env.CORPUS_FOLDER)(
  'the corpus is as large as it claims',
  () => {
    const leaks = cases.filter((subject) => subject.verdict === 'leak');

    it('has at least 80 leaks, each with a fix, and 40 look-alikes', () => {
      expect(leaks.length).toBeGreaterThanOrEqual(80);
      expect(cases.length - leaks.length).toBeGreaterThanOrEqual(40);
      for (const { name, verdict, blocks } of cases) {
        const named = blocks.map((block) => block.name);
        expect(named, name).toContain('exploit');
        expect(named.includes('fix'), name).toBe(verdict === 'leak');
      }
    });

    it('knows every case that it excuses', () => {
      for (const name of KNOWN.keys()) expect(cases.map((subject) => subject.name)).toContain(name);
    });
  },
);

describe.concurrent('a case is what it says, and the prover says so', { timeout: 60_000 }, () => {
  for (const subject of cases) {
    it(subject.name, async ({ skip }) => {
      const { from, to } = subject.majors;
      if (clusters.major < from || clusters.major > to) skip();
      await clusters.with(async (cluster) => {
        const found = await cluster.withCase(subject, async (database) => {
          // Asked first: an exploit leaves its traces.
          const faults = await scoreCase(database);
          return { faults, ...(await runCase(database)) };
        });
        expect(found.leaked, found.refusals.join('\n')).toBe(subject.verdict === 'leak');
        const faults = [...found.faults];
        if (subject.verdict === 'leak') {
          const repaired = await cluster.withCase(subject, async (database) => {
            await database.applyFix();
            faults.push(...(await scoreRepaired(database)));
            return runCase(database);
          });
          expect(repaired.leaked, 'the exploit works in spite of the fix').toBe(false);
        }
        if (!KNOWN.has(subject.name)) expect(faults).toEqual([]);
        else expect(faults, 'it is right now: take it off the list').not.toEqual([]);
      });
    });
  }
});
