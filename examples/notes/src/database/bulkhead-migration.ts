/**
 * Runs `bulkhead migrate` as a deployment would: the command, the configuration file, two variables.
 *
 * Promises: the administrator's URL and the key travel in the child's environment, never on its command line.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BulkheadMigration } from './prepare.ts';

const CONFIG = join(import.meta.dirname, '../../bulkhead.config.mjs');
const OUTPUT_BYTES_MAX = 1024 * 1024;

interface Outcome {
  readonly applied?: readonly unknown[];
  readonly warnings?: readonly string[];
}

/** With --json a failure is a problem document on stdout. */
function reasonOf(stdout: string): string | undefined {
  try {
    const { title, next } = JSON.parse(stdout) as { title?: string; next?: string };
    return title === undefined ? undefined : `${title} ${next ?? ''}`.trim();
  } catch {
    return undefined;
  }
}

export const runBulkheadMigration: BulkheadMigration = async ({ superuserUrl, contextKey }) => {
  const packageFolder = dirname(fileURLToPath(import.meta.resolve('bulkhead/package.json')));
  const program = join(packageFolder, 'dist/cli/main.js');
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [program, 'migrate', '--json', '--config', CONFIG],
      {
        env: {
          ...process.env,
          BULKHEAD_ADMIN_URL: superuserUrl,
          BULKHEAD_CONTEXT_KEY: contextKey,
        },
        maxBuffer: OUTPUT_BYTES_MAX,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`bulkhead migrate: ${reasonOf(stdout) ?? stderr.trim()}`));
      },
    );
  });
  const { applied = [], warnings = [] } = JSON.parse(output) as Outcome;
  return { applied: applied.length, warnings };
};
