/**
 * The example's own migrations: each `.sql` file once, in order, in a transaction of its own.
 *
 * Promises: as the tables' owner and never as a superuser; two runners wait for each other; an interrupted
 * one leaves no half of a file. A real app would use the tool it already has.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { OWNER_ROLE } from './roles.ts';

const FOLDER = join(import.meta.dirname, '../migrations');
/** Any number that no one else in this database locks. */
const LOCK = 7_201_993;

/** @returns the names of the files that were new. */
export async function migrateNotes(client: pg.Client): Promise<readonly string[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  const applied: string[] = [];
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query(`create schema if not exists notes_meta;
      create table if not exists notes_meta.migration (name text primary key, applied_at timestamptz not null default now())`);
    for (const name of files) {
      const known = await client.query('select 1 from notes_meta.migration where name = $1', [
        name,
      ]);
      if (known.rowCount) continue;
      const text = await readFile(join(FOLDER, name), 'utf8');
      // Several statements in one simple query are one transaction; the name commits with what it did.
      await client
        .query(
          `begin; set local role ${OWNER_ROLE}; ${text}; reset role; insert into notes_meta.migration (name) values (${client.escapeLiteral(name)}); commit`,
        )
        .catch(async (error: unknown) => {
          await client.query('rollback');
          throw error;
        });
      applied.push(name);
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
  return applied;
}
