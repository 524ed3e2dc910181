/**
 * The promises of isolation and of migrations, and what stands on them, on the PostgreSQL versions that a customer may
 * have besides the newest: the same files that `npm test` runs, against each version's own server.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FILES = [
  'test/isolation/signed-context.test.ts',
  'test/isolation/session-poisoning.test.ts',
  'test/isolation/walls.test.ts',
  'test/isolation/knock-out.test.ts',
  'test/isolation/plan-cache.test.ts',
  'test/isolation/side-channels.test.ts',
  'test/isolation/logs.test.ts',
  'test/query-layers/held-clients.test.ts',
  'test/query-layers/tenant-look-ups.test.ts',
  'test/query-layers/transactions.test.ts',
  'packages/bulkhead/src/isolation/attack/attack.test.ts',
  'packages/bulkhead/src/isolation/guard/parse-alike.test.ts',
  'packages/bulkhead/src/kernel/migrations/',
  'packages/bulkhead/src/identity/tenant-directory.test.ts',
  'packages/bulkhead/src/identity/operations.test.ts',
  'packages/bulkhead/src/access/operations.test.ts',
  'packages/bulkhead/src/audit/sequencer/sequencer.test.ts',
];
const TESTS_MIN = 175;

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

for (const major of [15, 16, 17]) {
  const binDir = binariesOf(major);
  const name = `PostgreSQL ${major}${binDir === undefined ? ' (absent: scripts/interop.sh postgres)' : ''}`;
  describe.skipIf(binDir === undefined)(name, () => {
    it('keeps tenants apart, migrates, admits and records as the newest does', async () => {
      const report = await runSuites(binDir as string);
      const failures = report.testResults.flatMap((file) => [
        ...(file.message === '' ? [] : [`${file.name}: ${file.message}`]),
        ...file.assertionResults
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`),
      ]);
      expect(failures).toEqual([]);
      expect(report.numPassedTests).toBeGreaterThan(TESTS_MIN);
    }, 900_000);
  });
}

/** What scripts/interop.sh fetched, or else what Debian and Ubuntu install. */
function binariesOf(major: number): string | undefined {
  return [
    join(ROOT, `.cache/interop/postgres-${major}/native/bin`),
    `/usr/lib/postgresql/${major}/bin`,
  ].find((folder) => existsSync(join(folder, 'initdb')));
}

async function runSuites(binDir: string): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-versions-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const reportFile = join(folder, 'report.json');
  // A run of its own: what this run's worker knows of itself must not reach it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('VITEST') && name !== 'TEST' && name !== 'TEST_DATABASE_URL',
    ),
  );
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--maxWorkers=1',
      '--reporter=json',
      `--outputFile=${reportFile}`,
      ...FILES,
    ],
    { cwd: ROOT, env: { ...env, TEST_POSTGRES_BIN: binDir }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => void child.kill());
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  await new Promise((resolve) => child.on('close', resolve));
  const text = await readFile(reportFile, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(`the suites did not run: ${errors}`);
  return JSON.parse(text) as Report;
}
