/**
 * What may be run on a database that somebody uses, knowing that it will be rolled back.
 *
 * Promises: nothing whose effect a rollback does not undo: programs, files, other servers, sequences, session
 * locks, dynamic SQL that could be any of these; nothing that locks a table others need. It judges by what the text
 * names and what that can set off in turn (triggers, policies, defaults, cascades), and by too much
 * rather than too little: everything of that name counts.
 */
import { parse } from 'libpg-query';
import type { Catalog } from '../catalog/model.ts';
import type { FollowNames, Reached } from './follow-names.ts';

export interface SafetyOptions {
  /** A throw-away copy: only what reaches beyond the database is refused. */
  readonly isCopy: boolean;
}

export interface Judged {
  readonly sql: string;
  /** Its INSERTs name every column that would draw from a sequence. */
  readonly givesAllColumns?: boolean;
}

/** Returns why the text must not be run, or undefined if it may. */
export type JudgeSafety = (judged: Judged) => Promise<string | undefined>;

/** Beyond the database: no rollback, and no copy, makes these harmless. */
const OUTSIDE =
  /\bdblink|\bcopy\b[^;]*\bprogram\b|\bpg_(read|write|ls|stat)_\w*(file|dir)|\blo_(import|export)\b|\bhttp(_\w+)?\s*\(|\bnet\s*\.|\bpg_background|\baws_\w+\s*\(|\bpg_(terminate|cancel)_backend\b|\bpg_(reload_conf|rotate_logfile|switch_wal|promote)\b|\bpg_logical_emit_message\b|\bpg_create_\w*slot\b|\bcron\s*\./i;

/** Inside the database, but not undone; or, with dynamic SQL, perhaps. */
const LASTING =
  /\b(nextval|setval)\b|\bpg_(try_)?advisory_lock|\bpg_sleep|\bexecute\b(?!\s+(function|procedure)\b)|\bcommit\b/i;

const SAFE_STATEMENTS = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'DoStmt',
  'CallStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'TruncateStmt',
  'CreateStmt',
  'CreateTableAsStmt',
  'ViewStmt',
  'CreateFunctionStmt',
  'CreateSchemaStmt',
  'ExplainStmt',
]);
const COPY_ONLY_STATEMENTS = new Set([
  'AlterTableStmt',
  'DropStmt',
  'GrantStmt',
  'GrantRoleStmt',
  'RefreshMatViewStmt',
  'CreatePolicyStmt',
  'AlterPolicyStmt',
  'CreateTrigStmt',
  'IndexStmt',
  'RuleStmt',
  'CreateDomainStmt',
  'DefineStmt',
  'AlterOwnerStmt',
  'LockStmt',
]);
/** TRUNCATE of a table with more rows is not tried, rolled back or not: its lock shuts out everyone. */
const TRUNCATE_ROWS_MAX = 10_000;

export function judgeSafety(
  catalog: Catalog,
  reach: FollowNames,
  { isCopy }: SafetyOptions,
): JudgeSafety {
  return async ({ sql, givesAllColumns = false }) => {
    let statements: string[];
    try {
      const { stmts = [] } = await parse(sql);
      statements = stmts.map(({ stmt }) => Object.keys(stmt ?? {})[0] ?? '');
    } catch {
      return 'it could not be parsed';
    }
    for (const kind of statements) {
      if (SAFE_STATEMENTS.has(kind) || (isCopy && COPY_ONLY_STATEMENTS.has(kind))) continue;
      return `${kind.replace(/Stmt$/, '')} is not run here`;
    }
    const isDefinition = statements.some((kind) =>
      /^(Create|View|Alter|Drop|Define|Rule|Index)/.test(kind),
    );
    if (isDefinition && catalog.eventTriggers.some(({ enabled }) => enabled) && !isCopy) {
      return 'an event trigger would fire';
    }
    const reached = reach(sql);
    if (!isCopy && statements.includes('TruncateStmt')) {
      const big = reached.relations.find(({ rows }) => rows > TRUNCATE_ROWS_MAX || rows < 0);
      if (big !== undefined && big.rows > TRUNCATE_ROWS_MAX)
        return `${big.name} is too large to be truncated`;
    }
    return refusal(sql, reached, { isCopy, givesAllColumns });
  };
}

function refusal(
  sql: string,
  { relations, routines, texts }: Reached,
  { isCopy, givesAllColumns }: { isCopy: boolean; givesAllColumns: boolean },
): string | undefined {
  const foreign = relations.find(({ kind }) => kind === 'foreign-table');
  if (foreign !== undefined) return `${foreign.name} is another server's`;
  for (const routine of routines) {
    const isOwnCode = routine.language === 'sql' || routine.language === 'plpgsql';
    if (!isOwnCode && routine.extension === null && routine.language !== 'internal') {
      return `${routine.name} is written in ${routine.language}`;
    }
  }
  const all = [sql, ...texts];
  if (all.some((text) => OUTSIDE.test(text))) return 'it reaches beyond the database';
  if (isCopy) return undefined;
  const lasting = all.filter((text) => LASTING.test(text));
  // What an INSERT gives itself, no default draws from a sequence.
  const isOnlyDefaults = givesAllColumns && lasting.every((text) => /^nextval\(/.test(text));
  if (lasting.length > 0 && !isOnlyDefaults) return 'it has effects that outlast a rollback';
  return undefined;
}
