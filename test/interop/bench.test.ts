/** The benchmarks run. What they measure is for a quiet machine to say, so no figure is looked at. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const installed = existsSync(join(root, 'bench/node_modules/prisma'));

test.skipIf(!installed)('every way of the benchmarks runs and answers correctly', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['bench/run.mjs', '--quick', '--json'],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  const report = JSON.parse(stdout);
  const directReads = report.isolation.heats.filter(
    (heat: { where: string; operation: string }) =>
      heat.where === 'direct' && heat.operation === 'read one row',
  );
  expect(directReads.map((heat: { callers: number }) => heat.callers)).toEqual([1, 16, 64]);
  for (const { measured } of report.isolation.heats) {
    for (const way of measured) expect(way.perSecond, way.key).toBeGreaterThan(0);
  }
  const frameworks = report.middleware.results.map(
    (result: { framework: string }) => result.framework,
  );
  expect(frameworks).toEqual(['Express', 'Fastify', 'Hono', 'fetch']);
});
