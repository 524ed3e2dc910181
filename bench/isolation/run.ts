/** The race: every operation at 1, 16 and 64 callers, directly, through PgBouncer and across 2 ms. */
import { cpuOf } from '../harness/cpu.ts';
import type { BenchOptions } from '../harness/options.ts';
import { cpuRatio, type Measured, measure, ratio } from '../harness/rounds.ts';
import { figure, table } from '../harness/table.ts';
import type { Verdict } from '../harness/verdict.ts';
import { assertCorrect, contenderOf } from './contender.ts';
import { type BenchDatabase, SERVER_SETTINGS, startDatabase } from './database.ts';
import { startDelayProxy } from './network/start-delay-proxy.ts';
import { startPgBouncer } from './network/start-pgbouncer.ts';
import { latencyVerdicts, throughputVerdicts } from './targets.ts';
import { OPERATIONS, type Operation, type Way } from './way.ts';
import { CEILING, openWays } from './ways/index.ts';

const CALLERS = [1, 16, 64];
const CALLERS_QUICK = [16];
const ROUND_TRIP_MS = 2;

export interface Heat {
  readonly title: string;
  readonly where: string;
  readonly operation: Operation;
  readonly callers: number;
  readonly measured: readonly (Measured & {
    readonly label: string;
    readonly ofCeiling: number;
    readonly ofCeilingByCpu: number | undefined;
  })[];
}

export interface IsolationReport {
  readonly server: string;
  readonly settings: typeof SERVER_SETTINGS;
  readonly connections: number;
  readonly skipped: readonly string[];
  readonly heats: readonly Heat[];
  readonly verdicts: readonly Verdict[];
}

interface Course {
  readonly name: string;
  readonly url: string;
  readonly pooled: boolean;
  readonly pids: readonly (number | undefined)[];
  readonly callers: readonly number[];
}

export async function runIsolation(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<IsolationReport> {
  const database = await startDatabase();
  const heats: Heat[] = [];
  const verdicts: Verdict[] = [];
  const skipped: string[] = [];
  const report = (heat: Heat): void => {
    heats.push(heat);
    say(describeHeat(heat));
  };
  try {
    const direct = {
      name: 'direct',
      url: database.appUrl,
      pooled: false,
      pids: [],
      callers: options.quick ? CALLERS_QUICK : CALLERS,
    };
    for (const heat of await runCourse(direct, database, options, report)) {
      if (heat.operation === 'read one row' && heat.callers > 1) {
        verdicts.push(...throughputVerdicts(`${heat.callers} callers`, heat.measured));
      }
    }

    const proxy = await startDelayProxy(database.appUrl, ROUND_TRIP_MS);
    const far = { name: `${ROUND_TRIP_MS} ms away`, url: proxy.url, pooled: false, pids: [] };
    for (const heat of await runCourse({ ...far, callers: [1] }, database, options, report)) {
      verdicts.push(...latencyVerdicts(`${far.name}, ${heat.operation}`, heat.measured));
    }
    await proxy.stop();

    const pooler = await startPgBouncer(options.pgbouncer, database.appUrl, options.connections);
    if (pooler === undefined) {
      skipped.push('through PgBouncer: it is not installed');
    } else {
      const { url, pid } = pooler;
      const course = {
        name: pooler.version,
        url,
        pooled: true,
        pids: [pid],
        callers: options.quick ? CALLERS_QUICK : [16, 64],
      };
      await runCourse(course, database, options, report);
      await pooler.stop();
    }
  } finally {
    await database.stop();
  }
  for (const what of skipped) say(`skipped: ${what}\n`);
  return {
    server: `PostgreSQL ${database.serverVersion}`,
    settings: SERVER_SETTINGS,
    connections: options.connections,
    skipped,
    heats,
    verdicts,
  };
}

async function runCourse(
  course: Course,
  database: BenchDatabase,
  options: BenchOptions,
  report: (heat: Heat) => void,
): Promise<Heat[]> {
  const { url, pooled } = course;
  const { contextKey, tenants } = database;
  const ways = openWays({ url, contextKey, connections: options.connections, pooled }).filter(
    ({ key }) => key === CEILING || options.ways.test(key),
  );
  const pids = [database.serverPid, ...course.pids].filter((pid) => pid !== undefined);
  const heats: Heat[] = [];
  try {
    for (const way of ways) await assertCorrect(way, tenants);
    for (const operation of OPERATIONS) {
      for (const callers of course.callers) {
        const title = titleOf(course.name, operation, callers);
        if (!options.heats.test(title)) continue;
        const measured = await measure(
          ways.map((way) => contenderOf(way, operation, tenants)),
          { ...options, callers, serverCpu: cpuOf(pids) },
        );
        const heat = {
          title,
          where: course.name,
          operation,
          callers,
          measured: placed(ways, measured),
        };
        heats.push(heat);
        report(heat);
      }
    }
  } finally {
    for (const way of ways) await way.close();
  }
  return heats;
}

function placed(ways: readonly Way[], measured: readonly Measured[]): Heat['measured'] {
  const ceiling = measured.find(({ key }) => key === CEILING);
  return measured.map((one) => ({
    ...one,
    label: ways.find(({ key }) => key === one.key)?.label ?? one.key,
    ofCeiling: ratio(one.byRound, ceiling?.byRound ?? []),
    ofCeilingByCpu: ceiling && cpuRatio(one, ceiling),
  }));
}

function titleOf(where: string, operation: Operation, callers: number): string {
  return `${operation}, ${callers} ${callers === 1 ? 'caller' : 'callers'}, ${where}`;
}

function describeHeat({ title, measured }: Heat): string {
  const rows = measured.map((one) => [
    one.label,
    figure(one.ofCeiling),
    figure(one.ofCeilingByCpu),
    figure(one.perSecond, 0),
    figure(one.p50Ms),
    figure(one.p99Ms),
    figure(one.clientCpuUs, 0),
    figure(one.serverCpuUs, 0),
  ]);
  const head = ['way', '× ceiling', 'by CPU', '/s', 'p50 ms', 'p99 ms', 'app µs', 'server µs'];
  return `${title}\n\n${table(head, rows)}\n`;
}
