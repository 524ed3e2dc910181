/**
 * Every case of the corpus is what it says: the exploit of a leak works and stops working with the
 * case's own fix; no exploit of a look-alike works. Really run, each on a database of its own.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterPool, startClusterPool } from '#test/corpus/cluster-pool';
import { readCorpus } from '#test/corpus/corpus-case';
import { runCase } from '#test/corpus/run-case';

const cases = await readCorpus(join(import.meta.dirname, 'testdata/corpus'));
let clusters: ClusterPool;

beforeAll(async () => {
  clusters = await startClusterPool(2, process.env.TEST_POSTGRES_BIN || undefined);
}, 60_000);
afterAll(() => clusters?.stop());

describe('the corpus is as large as it claims', () => {
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
});

describe.concurrent('a case of the corpus is what it says', { timeout: 30_000 }, () => {
  for (const subject of cases) {
    it(subject.name, async ({ skip }) => {
      const { from, to } = subject.majors;
      if (clusters.major < from || clusters.major > to) skip();
      await clusters.with(async (cluster) => {
        const found = await cluster.withCase(subject, runCase);
        expect(found.leaked, found.refusals.join('\n')).toBe(subject.verdict === 'leak');
        if (subject.verdict === 'safe') return;
        const repaired = await cluster.withCase(subject, async (database) => {
          await database.applyFix();
          return runCase(database);
        });
        expect(repaired.leaked, 'the exploit works in spite of the fix').toBe(false);
      });
    });
  }
});
