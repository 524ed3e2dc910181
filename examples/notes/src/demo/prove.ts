/**
 * Runs `bulkhead prove` on the demo's own database, as anyone would on theirs.
 *
 * Promises: the administrator's URL travels in the child's environment, never on its command line.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { APP_ROLE } from '../database/roles.ts';
import type { Screen } from './screen.ts';

const CONFIG = join(import.meta.dirname, '../../bulkhead.config.mjs');
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const SHOWN_MAX = 10;

interface ProofReport {
  readonly summary: { readonly proven: number; readonly leak: number; readonly unknown: number };
  readonly objects: readonly {
    readonly object: string;
    readonly verdict: string;
    readonly findings: readonly { readonly kind: string; readonly why: string }[];
  }[];
}

/** @returns whether everything the app's role reaches is proven. */
export async function proveDemo(superuserUrl: string, screen: Screen): Promise<boolean> {
  const startedMs = performance.now();
  const report = await runProve(superuserUrl);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const open = report.objects.filter(({ verdict }) => verdict !== 'proven');
  screen.line();
  screen.line(screen.strong('And it is proven'));
  screen.line(
    screen.faint(
      `bulkhead prove reads the catalog and judges every policy, view, function and privilege that ${APP_ROLE} reaches.`,
    ),
  );
  const facts = `${report.summary.proven} of ${report.objects.length} objects proven, ${seconds} s`;
  if (open.length === 0) screen.done('Tenants are kept apart', facts);
  else
    screen.line(screen.bad(`${open.length} of ${report.objects.length} objects are not proven:`));
  for (const { object, verdict, findings } of open.slice(0, SHOWN_MAX)) {
    screen.line(`  ${screen.bad(verdict)} ${object}: ${findings.map(({ why }) => why).join(' ')}`);
  }
  return open.length === 0;
}

function runProve(superuserUrl: string): Promise<ProofReport> {
  const packageFolder = dirname(fileURLToPath(import.meta.resolve('bulkhead/package.json')));
  const program = join(packageFolder, 'dist/cli/main.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, 'prove', '--role', APP_ROLE, '--json', '--config', CONFIG],
      {
        env: { ...process.env, BULKHEAD_ADMIN_URL: superuserUrl },
        maxBuffer: OUTPUT_BYTES_MAX,
      },
      (_error, stdout, stderr) => {
        // A leak ends it with 1, which is an answer too; an error has no summary.
        const report = parse(stdout);
        if (report?.summary !== undefined) resolve(report as ProofReport);
        else reject(new Error(`bulkhead prove: ${report?.title ?? stderr.trim()}`));
      },
    );
  });
}

function parse(stdout: string): (Partial<ProofReport> & { readonly title?: string }) | undefined {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
