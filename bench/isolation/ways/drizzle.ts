/** Drizzle: a transaction per request, as its guide to row-level security has it; and the protected pool. */
import { eq, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { BODY, poolConfig, type Way, type WayOptions } from '../way.ts';
import { asTenant, openProtectedPool } from './protected-pool.ts';

const tablesOf = (suffix: string) => ({
  note: pgTable(`note${suffix}`, {
    id: uuid().notNull(),
    project: integer().notNull(),
    title: text().notNull(),
    body: text().notNull(),
  }),
  draft: pgTable(`draft${suffix}`, { title: text().notNull(), body: text().notNull() }),
});

type Tables = ReturnType<typeof tablesOf>;
type Queries = Pick<NodePgDatabase, 'select' | 'insert'>;

const readOne = async (db: Queries, { note }: Tables, id: string) =>
  (await db.select().from(note).where(eq(note.id, id)))[0]?.title;
const readProject = async (db: Queries, { note }: Tables, project: number) =>
  (await db.select().from(note).where(eq(note.project, project))).length;
const insert = async (db: Queries, { draft }: Tables, title: string) => {
  await db.insert(draft).values({ title, body: BODY });
};

export function openDrizzleUsual(options: WayOptions): Way {
  const pool = new pg.Pool(poolConfig(options));
  const db = drizzle(pool);
  const tables = tablesOf('_usual');
  const scoped = <T>(id: string, work: (tx: Queries) => Promise<T>): Promise<T> =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('app.tenant_id', ${id}, true)`);
      return work(tx);
    });
  return {
    key: 'drizzle',
    label: 'Drizzle, its transaction',
    readOne: ({ id }, note) => scoped(id, (tx) => readOne(tx, tables, note)),
    readProject: ({ id }, project) => scoped(id, (tx) => readProject(tx, tables, project)),
    insert: ({ id }, title) => scoped(id, (tx) => insert(tx, tables, title)),
    close: () => pool.end(),
  };
}

export function openDrizzleProtected(options: WayOptions): Way {
  const { pool, bulkhead } = openProtectedPool(options, {
    inFlightMax: 1,
    prepareStatements: true,
  });
  const db = drizzle(pool);
  const tables = tablesOf('');
  return {
    key: 'drizzle-protected',
    label: 'Drizzle on the protected pool',
    readOne: (tenant, id) => asTenant(tenant, () => readOne(db, tables, id)),
    readProject: (tenant, project) => asTenant(tenant, () => readProject(db, tables, project)),
    insert: (tenant, title) => asTenant(tenant, () => insert(db, tables, title)),
    close: () => bulkhead.close(),
  };
}
