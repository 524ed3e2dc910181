/**
 * Runs what a case says about itself: its exploit as the app's role under tenant B, its victim's
 * ordinary use as tenant A, its check as superuser, in the order of the file, each in its own session.
 */
import type pg from 'pg';
import type { BlockName } from './corpus-case.ts';
import type { LoadedCase } from './corpus-cluster.ts';
import { splitStatements } from './split-statements.ts';

export interface CaseOutcome {
  readonly leaked: boolean;
  /** What the server refused, by block; a safe case lives from these. */
  readonly refusals: readonly string[];
}

export async function runCase(database: LoadedCase): Promise<CaseOutcome> {
  const refusals: string[] = [];
  const sessions: pg.Client[] = [];
  let leaked = false;
  try {
    for (const { name, sql } of database.subject.blocks) {
      if (name === 'fix') continue;
      // The session stays open: what it holds (a temporary object, a lock) is part of the attack.
      const session = await openSession(database, name);
      sessions.push(session);
      const answer = await runBlock(session, sql, (message) =>
        refusals.push(`${name}: ${message}`),
      );
      leaked ||= answer;
    }
  } finally {
    await Promise.all(sessions.map((session) => session.end()));
  }
  return { leaked, refusals };
}

async function openSession(database: LoadedCase, name: BlockName): Promise<pg.Client> {
  const { subject } = database;
  const session = await database.connectAs(name === 'check' ? undefined : subject.appRole);
  if (name === 'check') return session;
  const settings = name === 'victim' ? subject.victimSession : subject.session;
  for (const [key, value] of Object.entries(settings)) {
    await session.query('select set_config($1, $2, false)', [key, value]);
  }
  return session;
}

/** Each statement stands alone, as an attacker would send it: one that is refused ends nothing. */
async function runBlock(
  session: pg.Client,
  script: string,
  refused: (message: string) => void,
): Promise<boolean> {
  let leaked = false;
  for (const statement of splitStatements(script)) {
    try {
      const result = await session.query<{ leaked?: unknown }>(statement);
      const row = result.rows?.at(-1);
      if (row !== undefined && 'leaked' in row) leaked = row.leaked === true;
    } catch (error) {
      refused(error instanceof Error ? error.message : String(error));
    }
  }
  return leaked;
}
