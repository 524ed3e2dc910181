/**
 * Honest questions of several tenants in the midst of one tenant's attacks, over the same connections: what
 * an attack leaves behind in a session shows in somebody else's answer.
 */
import type pg from 'pg';
import type { Attempt } from './attempt.ts';
import type { Answer } from './drive/driver.ts';
import { codeOf } from './drive/driver.ts';
import type { EnterTenant, PoolDriver } from './drive/pool-driver.ts';
import { script } from './judge.ts';
import type { AttackFinding } from './report.ts';
import type { Column, Relation } from './survey/survey.ts';

export const INTERLEAVING = {
  name: 'interleaving',
  description:
    'Asks honest questions of several tenants between the attacks, over the same connections, and checks each answer.',
} as const;

const ATTACKS_PER_ROUND = 6;

const PASSING = new Set(['isolation.pool_exhausted', 'isolation.database_unavailable']);

export interface Question {
  readonly tenant: string;
  readonly table: Relation & { readonly tenantColumn: Column };
}

/** What honest questions were answered while nobody attacked. */
export type HonestAnswers = Map<Question, string>;

interface Asking {
  readonly pool: pg.Pool;
  readonly enter: EnterTenant;
}

export interface Interleaving extends Asking {
  readonly driver: PoolDriver;
  readonly honest: HonestAnswers;
  readonly attempts: readonly Attempt[];
  isOver(): boolean;
  onAnswered(attempt: Attempt, answers: readonly Answer[]): Promise<void>;
  onPoisoned(finding: AttackFinding): void;
}

/** A question that is not answered even in peace is none of the attack's business. */
export async function askHonestly(
  asking: Asking,
  questions: readonly Question[],
): Promise<HonestAnswers> {
  const answers: HonestAnswers = new Map();
  for (const question of questions) {
    const answer = await ask(asking, question);
    if (!answer.startsWith('error')) answers.set(question, answer);
  }
  return answers;
}

export async function interleave(run: Interleaving): Promise<void> {
  const expected = run.honest;
  for (let at = 0; at < run.attempts.length && !run.isOver(); at += ATTACKS_PER_ROUND) {
    const attempts = run.attempts.slice(at, at + ATTACKS_PER_ROUND);
    const attacks = attempts.map(async (attempt) => {
      await run.onAnswered(attempt, await run.driver.run(attempt.steps, attempt.mode));
    });
    const honest = [...expected].map(async ([question, before]) => {
      const answer = await ask(run, question);
      return answer === before || answer === 'error, passing' ? undefined : { question, answer };
    });
    const wrong = (await Promise.all(honest)).filter((one) => one !== undefined);
    await Promise.all(attacks);
    for (const { question, answer } of wrong) {
      // The app may have changed its own rows meanwhile: asked again in peace, it would say the same. An
      // error or a text read differently is no such change, however long it lasts.
      const calm = await ask(run, question);
      if (calm === answer && /^\d+ rows$/.test(answer)) expected.set(question, calm);
      else run.onPoisoned(poisoned(question, expected.get(question) ?? '', answer, attempts));
    }
  }
}

/** Count and owner of the rows seen, and whether the session still reads SQL as it should. */
async function ask({ pool, enter }: Asking, { tenant, table }: Question): Promise<string> {
  const column = table.tenantColumn.sql;
  const text = `select count(*)::text as rows, count(*) filter (where t.${column}::text <> $1)::text as foreign_rows,
    (null = null) is null and 'a\\b' = $2 as sane from ${table.sql} t`;
  try {
    const { rows } = await enter(tenant, () =>
      pool.query<{ rows: string; foreign_rows: string; sane: boolean }>(text, [tenant, 'a\\b']),
    );
    const [row] = rows;
    if (row === undefined) return 'no answer';
    return `${row.rows} rows${row.foreign_rows === '0' ? '' : `, ${row.foreign_rows} of them foreign`}${row.sane ? '' : ', and SQL read differently'}`;
  } catch (error) {
    const code = codeOf(error) ?? '';
    // A full or restarted server says so to everyone; it is no wrong answer.
    const isPassing = /^(57P|080|53)/.test(code) || PASSING.has(code);
    return isPassing ? 'error, passing' : `error ${code}`;
  }
}

function poisoned(
  { tenant, table }: Question,
  before: string,
  answer: string,
  attempts: readonly Attempt[],
): AttackFinding {
  return {
    family: INTERLEAVING.name,
    driver: 'pool',
    object: table.sql,
    kind: 'poisoned',
    seen: `Tenant ${tenant} asked an honest question beside the attack: ${answer} instead of ${before}.`,
    statement: `select count(*) from ${table.sql}`,
    where: 'rows',
    canary: undefined,
    reproduce: attempts.map(script).join('\n'),
  };
}
