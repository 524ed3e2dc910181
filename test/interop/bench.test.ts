/** The benchmarks run. What they measure is for a quiet machine to say, so no figure is looked at. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const installed = existsSync(join(root, 'bench/node_modules/prisma'));

test.skipIf(!installed)(
  'every way of the benchmarks runs and answers correctly',
  {
    timeout: 300_000,
  },
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['bench/run.mjs', '--quick', '--json'],
      { cwd: root, maxBuffer: 64 * 1024 * 1024 },
    );
    const report = JSON.parse(stdout);
    const titles = report.isolation.heats.map((heat: { title: string }) => heat.title);
    for (const operation of ['read one row', 'read 20 rows', 'insert']) {
      expect(titles).toContain(`${operation}, 16 callers, direct`);
      expect(titles).toContain(`${operation}, 1 caller, 2 ms away`);
    }
    for (const { measured } of report.isolation.heats) {
      for (const way of measured) expect(way.perSecond, way.key).toBeGreaterThan(0);
    }
    const servers = report.middleware.results.map(
      (result: { framework: string; work: string }) => `${result.framework}, ${result.work}`,
    );
    for (const framework of ['Express', 'Fastify', 'Hono', 'fetch']) {
      expect(servers).toContain(`${framework}, reads a row`);
      expect(servers).toContain(`${framework}, does nothing`);
    }
  },
);
