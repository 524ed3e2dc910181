/**
 * What the middleware costs a server: the same app with and without it, once with a handler that reads a row
 * through a plain pool of its own, and once with a handler that does nothing, which shows the bare cost.
 * Requests carry real signed tokens, each seen before. Server, load and database are processes of their own.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { cpuOf } from '../harness/cpu.ts';
import type { BenchOptions } from '../harness/options.ts';
import { type Contender, type Measured, measure, ratio } from '../harness/rounds.ts';
import { figure, table } from '../harness/table.ts';
import { type Verdict, verdict } from '../harness/verdict.ts';
import { type BenchDatabase, startDatabase } from '../isolation/database.ts';
import { WORKS, type Work } from './apps/answer.ts';
import { frameworks } from './framework.ts';
import { type Caller, openCaller } from './keep-alive.ts';
import { AUDIENCE, ISSUER, type Passes, signPasses } from './passes.ts';
import type { ServerOrder } from './server.ts';

const CALLERS = 32;
const TARGET = 0.85;

export interface MiddlewareResult {
  readonly framework: string;
  readonly work: Work;
  /** Requests per second with the middleware to those without: the median over rounds. */
  readonly ratio: number;
  readonly without: Measured;
  readonly with: Measured;
}

export interface MiddlewareReport {
  readonly callers: number;
  readonly results: readonly MiddlewareResult[];
  readonly verdicts: readonly Verdict[];
}

export async function runMiddleware(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<MiddlewareReport> {
  const database = await startDatabase();
  try {
    const passes = await signPasses(await registerTenants(database));
    const results: MiddlewareResult[] = [];
    for (const work of WORKS) {
      for (const framework of Object.keys(frameworks)) {
        if (!options.ways.test(framework)) continue;
        results.push(await compare(framework, work, database, passes, options));
      }
    }
    say(describe(results));
    const reading = results.filter(({ work }) => work === 'reads a row');
    const verdicts = reading.map((result) =>
      verdict('with middleware / without', result.framework, result.ratio, TARGET, {
        byCpu: serverCpuRatio(result),
      }),
    );
    return { callers: CALLERS, results, verdicts };
  } finally {
    await database.stop();
  }
}

async function registerTenants(database: BenchDatabase): Promise<{ id: string; slug: string }[]> {
  const tenants = database.tenants
    .slice(0, 10)
    .map(({ id }, index) => ({ id, slug: `tenant-${index}` }));
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  for (const { id, slug } of tenants) {
    await client.query('insert into bulkhead.tenant (id, slug, name) values ($1, $2, $2)', [
      id,
      slug,
    ]);
  }
  await client.end();
  return tenants;
}

async function compare(
  framework: string,
  work: Work,
  database: BenchDatabase,
  { publicKey, requests }: Passes,
  options: BenchOptions,
): Promise<MiddlewareResult> {
  const order = {
    framework,
    work,
    appUrl: database.appUrl,
    contextKey: database.contextKey,
    issuer: ISSUER,
    audience: AUDIENCE,
    publicKey,
  };
  const servers = [
    await startServer({ ...order, guarded: false }),
    await startServer({ ...order, guarded: true }),
  ];
  const callers: Caller[][] = [];
  try {
    const contenders: Contender[] = [];
    for (const [index, { port }] of servers.entries()) {
      const own = await Promise.all(Array.from({ length: CALLERS }, () => openCaller(port)));
      callers.push(own);
      contenders.push({
        key: index === 0 ? 'without' : 'with',
        request: async (caller, turn) => {
          const request = requests[(caller + turn) % requests.length];
          if (request !== undefined) await own[caller]?.call(request);
        },
      });
    }
    const measured = await measure(contenders, {
      ...options,
      callers: CALLERS,
      serverCpu: cpuOf(servers.map(({ child }) => child.pid).filter((pid) => pid !== undefined)),
    });
    const [without, guarded] = measured;
    if (without === undefined || guarded === undefined) throw new Error('nothing was measured');
    return {
      framework,
      work,
      ratio: ratio(guarded.byRound, without.byRound),
      without,
      with: guarded,
    };
  } finally {
    for (const caller of callers.flat()) caller.close();
    for (const { child } of servers) child.disconnect();
  }
}

/** The load loop is not the server's: only its own time counts. */
function serverCpuRatio({ without, with: guarded }: MiddlewareResult): number | undefined {
  if (without.serverCpuUs === undefined || guarded.serverCpuUs === undefined) return undefined;
  return without.serverCpuUs / guarded.serverCpuUs;
}

async function startServer(order: ServerOrder): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'server.js'));
  child.send(order);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

function describe(results: readonly MiddlewareResult[]): string {
  const rows = results.map((result) => [
    `${result.framework}, ${result.work}`,
    figure(result.ratio),
    figure(result.without.perSecond, 0),
    figure(result.with.perSecond, 0),
    figure(result.without.p50Ms),
    figure(result.with.p50Ms),
    figure(result.without.p99Ms),
    figure(result.with.p99Ms),
    figure(result.without.serverCpuUs, 0),
    figure(result.with.serverCpuUs, 0),
  ]);
  const head = [
    'middleware',
    'ratio',
    '/s without',
    'with',
    'p50 ms',
    'with',
    'p99 ms',
    'with',
    'CPU µs',
    'with',
  ];
  return `${table(head, rows)}\n`;
}
