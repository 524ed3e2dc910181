/**
 * What the audit log of the demo holds by now, verified as anyone would: by `bulkhead audit verify` in a process
 * of its own, which hashes every entry anew.
 *
 * Promises: URLs and keys travel in the child's environment, never on its command line.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Screen } from './screen.ts';
import type { Demo } from './start.ts';

const CONFIG = join(import.meta.dirname, '../../bulkhead.config.mjs');
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
/** The worker signs about once a second; the rest is for a busy machine. */
const SETTLE_MS_MAX = 20_000;

export interface LogCounts {
  /** Recorded and not in a log yet. */
  readonly waiting: number;
  readonly events: number;
  readonly logs: number;
  /** Events that a signed checkpoint covers. */
  readonly signed: number;
}

export interface VerifiedLogs {
  readonly ok: boolean;
  readonly leaves: number;
  readonly logs: readonly {
    readonly origin: string;
    readonly size: number;
    readonly findings: readonly { id: string; status: 'PASS' | 'FAIL' | 'NOTE'; detail: string }[];
  }[];
}

export async function showAudit(demo: Demo, screen: Screen): Promise<boolean> {
  screen.line();
  screen.line(screen.strong('And all of it is on record'));
  screen.line(
    screen.faint(
      'Sign-ins, changes, refusals and crossings, in a log of its own for each organization, which nobody can change unseen.',
    ),
  );
  const counts = await settled(demo, (now) => {
    screen.bar(now.signed, Math.max(1, now.events + now.waiting), 'signed');
  });
  screen.bar(1, 1, '');
  screen.line(`${counts.events} events in ${counts.logs} logs, ${counts.signed} of them signed.`);
  const verified = await verifyDemo(demo);
  showVerified(verified, screen);
  return verified.ok;
}

export function showVerified({ ok, leaves, logs }: VerifiedLogs, screen: Screen): void {
  if (ok)
    screen.done(
      'Every entry hashed anew is as it was signed',
      `${leaves} entries, ${logs.length} logs`,
    );
  for (const { origin, findings } of logs) {
    for (const { id, status, detail } of findings) {
      if (status === 'FAIL')
        screen.line(`${screen.bad(`✖ ${id}`)}  ${detail}  ${screen.faint(origin)}`);
    }
  }
}

/** Waits until everything recorded so far is sequenced and signed. */
export async function settled(
  demo: Demo,
  onCount: (counts: LogCounts) => void = () => undefined,
): Promise<LogCounts> {
  const client = new pg.Client({ connectionString: demo.superuserUrl });
  await client.connect();
  try {
    const untilMs = Date.now() + SETTLE_MS_MAX;
    for (;;) {
      const counts = await countEvents(client);
      onCount(counts);
      const done = counts.waiting === 0 && counts.signed === counts.events;
      if (done || Date.now() > untilMs) return counts;
      await sleep(200);
    }
  } finally {
    await client.end();
  }
}

async function countEvents(client: pg.Client): Promise<LogCounts> {
  const { rows } = await client.query<LogCounts>(
    `select (select count(*)::integer from bulkhead.audit_pending) as waiting,
            coalesce(sum(l.next), 0)::integer as events, count(*)::integer as logs,
            coalesce(sum(c.size), 0)::integer as signed
       from bulkhead.audit_log l
       left join lateral (
         select k.size from bulkhead.audit_checkpoint k
          where k.tenant_id = l.tenant_id and k.class = l.class order by k.size desc limit 1) as c on true`,
  );
  const [counts] = rows;
  if (counts === undefined) throw new Error('counting gives one row');
  return counts;
}

export function verifyDemo(demo: Demo): Promise<VerifiedLogs> {
  const packageFolder = dirname(fileURLToPath(import.meta.resolve('bulkhead/package.json')));
  const program = join(packageFolder, 'dist/cli/main.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, 'audit', 'verify', '--json', '--config', CONFIG],
      {
        env: {
          ...process.env,
          BULKHEAD_CONTEXT_KEY: demo.secrets.contextKey,
          NOTES_VAULT_KEY: demo.secrets.vaultKey,
          NOTES_SIGNING_KEY: demo.secrets.signingKey,
          NOTES_OPERATOR_URL: demo.operatorUrl,
        },
        maxBuffer: OUTPUT_BYTES_MAX,
      },
      (_error, stdout, stderr) => {
        // A tampering ends it with 1, which is an answer too; an error has no logs.
        const report = parse(stdout);
        if (report?.logs !== undefined) resolve(report as VerifiedLogs);
        else reject(new Error(`bulkhead audit verify: ${report?.title ?? stderr.trim()}`));
      },
    );
  });
}

function parse(stdout: string): (Partial<VerifiedLogs> & { readonly title?: string }) | undefined {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
