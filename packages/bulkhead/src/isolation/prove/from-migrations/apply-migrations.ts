/**
 * Runs migrations into an empty, throw-away database, as far as they run.
 *
 * Promises: a file runs as one transaction; if it cannot, statement by statement, so that one that cannot run here
 * (an extension this server lacks, say) costs what leans on it and nothing else, and is reported; a role that is
 * named and missing is made. Knows of every statement that makes something which file and line it stands in.
 */
import { type ClientBase, DatabaseError } from 'pg';
import { ident } from '../names.ts';
import { type SqlStatement, splitSql } from '../sql-statements.ts';
import type { MigrationFile } from './find-migrations.ts';

export interface FailedStatement {
  readonly path: string;
  readonly line: number;
  /** The first words of the statement. */
  readonly statement: string;
  readonly reason: string;
}

export interface Applied {
  readonly failed: readonly FailedStatement[];
  /** By the object's name as reports write it, lower case: where it was made. */
  readonly places: ReadonlyMap<string, { readonly path: string; readonly line: number }>;
}

export interface ApplyOptions {
  readonly signal?: AbortSignal;
  readonly onFile?: (path: string) => void;
  /** For a statement that the migrating role may not run, such as CREATE EXTENSION. */
  readonly superuser: ClientBase;
}

const UNDEFINED_OBJECT = '42704';
const INSUFFICIENT_PRIVILEGE = '42501';
const ROLES_MAX = 50;

export async function applyMigrations(
  client: ClientBase,
  files: readonly MigrationFile[],
  options: ApplyOptions,
): Promise<Applied> {
  const failed: FailedStatement[] = [];
  const places = new Map<string, { path: string; line: number }>();
  for (const { path, sql } of files) {
    if (options.signal?.aborted) break;
    options.onFile?.(path);
    const statements = (await splitSql(sql)).filter((one) => !isTransactionControl(one.sql));
    const isDone = await runWhole(client, statements);
    for (const statement of statements) {
      const reason = isDone ? undefined : await runStatement(client, statement.sql, options);
      const made = madeObject(statement);
      if (reason !== undefined) {
        const words = statement.sql.replace(/\s+/g, ' ').slice(0, 80);
        failed.push({ path, line: statement.line, statement: words, reason });
      } else if (made !== undefined && !places.has(made)) {
        places.set(made, { path, line: statement.line });
      }
    }
  }
  return { failed, places };
}

/** Several statements sent at once are one transaction: all of them or none. */
async function runWhole(client: ClientBase, statements: readonly SqlStatement[]): Promise<boolean> {
  if (statements.length < 2) return false;
  try {
    await client.query(statements.map(({ sql }) => sql).join('\n;\n'));
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return false;
  }
}

/** A file's own BEGIN would only turn one failure into many. */
function isTransactionControl(sql: string): boolean {
  return /^(begin|start\s+transaction|commit|end|rollback)\b\s*(work|transaction)?\s*$/i.test(sql);
}

async function runStatement(
  client: ClientBase,
  sql: string,
  { superuser }: ApplyOptions,
): Promise<string | undefined> {
  let by = client;
  for (let roles = 0; ; ) {
    try {
      await by.query(sql);
      return undefined;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const role = /^role "(.+)" does not exist$/.exec(error.message)?.[1];
      if (error.code === UNDEFINED_OBJECT && role !== undefined && roles < ROLES_MAX) {
        roles += 1;
        await superuser.query(`create role ${ident(role)}`);
      } else if (error.code === INSUFFICIENT_PRIVILEGE && by !== superuser) by = superuser;
      else return error.message;
    }
  }
}

const MAKES =
  /^create\s+(?:or\s+replace\s+)?(?:unlogged\s+|recursive\s+|foreign\s+|materialized\s+)*(?:table|view|function|procedure|sequence)\s+(?:if\s+not\s+exists\s+)?((?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*))?)/iu;

function madeObject({ sql }: SqlStatement): string | undefined {
  const name = MAKES.exec(sql)?.[1];
  if (name === undefined) return undefined;
  const parts = [...name.matchAll(/"((?:[^"]|"")+)"|([^".\s]+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare?.toLowerCase() ?? '',
  );
  return placeKey(parts.length === 1 ? `public.${parts[0]}` : parts.join('.'));
}

/** Migrations and catalog may disagree on case and quotes; two objects that differ in case alone share a place. */
export function placeKey(object: string): string {
  return object.replaceAll('"', '').toLowerCase();
}
