/**
 * `--fix`: one migration out of the fixes of all findings.
 *
 * Promises: it runs whole or not at all, except what PostgreSQL will not run in a transaction, which comes last;
 * no statement stands in it twice; policies exist before row-level security is switched on, so no reader of
 * a table is cut off in between; rights are taken away at the end. What only a person can decide is listed, not guessed.
 */
import type { Proof } from '../model.ts';
import { splitSql } from '../sql-statements.ts';
import { orderProof, type Placed, placedFindings } from './order.ts';
import { shownLine } from './shown.ts';

export interface FixMigration {
  readonly sql: string;
  /** Findings whose fix is in it. */
  readonly fixed: number;
  /** Findings that have none. */
  readonly left: number;
}

/** By this a file of ours is known again, and may be written over. */
export const FIX_HEADER = '-- Closes ';

interface Block {
  readonly placed: Placed;
  readonly statements: readonly string[];
  readonly stage: number;
}

export async function renderFixMigration(given: Proof): Promise<FixMigration> {
  const proof = orderProof(given);
  const leaks = placedFindings(proof).filter(({ at }) => at.verdict === 'leak');
  const fixable = leaks.filter(({ finding }) => finding.fix !== null);
  const left = leaks.filter(({ finding }) => finding.fix === null);
  const written = new Set<string>();
  const blocks: Block[] = [];
  for (const placed of fixable) {
    const all = (await splitSql(placed.finding.fix ?? '')).map(({ sql }) => sql);
    const statements = all.filter((statement) => {
      const key = statement.replace(/\s+/g, ' ').toLowerCase();
      return !written.has(key) && written.add(key);
    });
    blocks.push({ placed, statements, stage: Math.max(0, ...statements.map(stageOf)) });
  }
  blocks.sort((one, other) => one.stage - other.stage);
  const inside = blocks.map((block) => renderBlock(block, (one) => !refusesTransaction(one)));
  const outside = blocks
    .filter((block) => block.statements.some(refusesTransaction))
    .map((block) => renderBlock(block, refusesTransaction));
  const sql = [
    header(proof, fixable.length, left.length),
    ...(blocks.length === 0
      ? []
      : [
          "begin;\n-- Give up rather than queue the app behind a lock.\nset local lock_timeout = '5s';",
        ]),
    ...inside,
    ...(blocks.length === 0 ? [] : ['commit;']),
    ...(outside.length === 0 ? [] : ['-- Not allowed inside a transaction:', ...outside]),
    ...(left.length === 0 ? [] : [leftOver(left)]),
  ].join('\n\n');
  return { sql: `${sql}\n`, fixed: fixable.length, left: left.length };
}

/**
 * What must be there before it is leaned on: functions, then policies, then their switch, then keys; rights
 * last. The statements of one fix stay together in their own order.
 */
function stageOf(statement: string): number {
  const text = statement.toLowerCase();
  if (/^(create|alter|drop)\s+(or\s+replace\s+)?(function|procedure|routine)\b/.test(text))
    return 1;
  if (/^(create|alter|drop)\s+policy\b/.test(text)) return 2;
  if (/\brow\s+level\s+security\b/.test(text)) return 3;
  if (/^(create|alter|drop)\s+(or\s+replace\s+)?(materialized\s+)?view\b/.test(text)) return 4;
  if (/^(revoke|alter\s+default\s+privileges|alter\s+role)\b/.test(text)) return 6;
  return 5;
}

function refusesTransaction(statement: string): boolean {
  return /\bconcurrently\b|^vacuum\b|^alter\s+system\b/i.test(statement);
}

function header(proof: Proof, fixed: number, left: number): string {
  return [
    `${FIX_HEADER}${fixed} of ${fixed + left} findings of \`bulkhead prove\` in database ${shownLine(proof.database)}, role ${shownLine(proof.role)}.`,
    '-- Read it before you run it: psql -X -v ON_ERROR_STOP=1 -f <this file>, as the owner of the tables.',
    '-- Then run `bulkhead prove` again: only that shows that it holds.',
  ].join('\n');
}

function renderBlock({ placed, statements }: Block, wanted: (one: string) => boolean): string {
  const { at, finding } = placed;
  const chosen = statements.filter(wanted);
  const title = `-- ${shownLine(at.object)}: ${finding.kind} (${finding.severity})\n-- ${shownLine(finding.why)}`;
  if (statements.length === 0) return `${title}\n-- Closed by a statement above.`;
  return chosen.length === 0
    ? `${title}\n-- Below, after the transaction.`
    : `${title}\n${chosen.map((one) => `${one};`).join('\n')}`;
}

function leftOver(left: readonly Placed[]): string {
  const lines = left.map(
    ({ at, finding }) => `-- ${shownLine(at.object)}: ${finding.kind}: ${shownLine(finding.why)}`,
  );
  return ['-- No statement closes these by itself; decide what is meant:', ...lines].join('\n');
}
