/**
 * Finds a project's SQL migrations and the order they run in.
 *
 * Promises: knows the folders of Prisma (`<time>_<name>/migration.sql`), Drizzle (its journal decides),
 * Supabase, Hasura (`<time>_<name>/up.sql`), Flyway (`V2__x.sql` before `V10__x.sql`, repeatable ones last) and plain
 * numbered files; what takes a migration back is left out. Follows no link out of the folder.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { isolationError } from '../../errors.ts';

export type Layout = 'prisma' | 'drizzle' | 'supabase' | 'plain';

export interface MigrationFile {
  /** Relative to the folder that was named, with forward slashes. */
  readonly path: string;
  readonly bytes: Buffer;
  /** What runs: without the part that takes it back, and without what only psql understands. */
  readonly sql: string;
}

export interface Migrations {
  readonly layout: Layout;
  readonly folder: string;
  readonly files: readonly MigrationFile[];
}

/** Where projects keep them, when the project's own folder is named. */
const USUAL_FOLDERS = [
  'supabase/migrations',
  'prisma/migrations',
  'drizzle',
  'db/migrations',
  'database/migrations',
  'migrations',
];

/** @throws `isolation.prove_migrations_missing` */
export async function findMigrations(named: string): Promise<Migrations> {
  for (const folder of [named, ...USUAL_FOLDERS.map((one) => join(named, one))]) {
    const names = await sqlFiles(folder);
    const isProjectFolder = folder === named && (await isProject(named));
    if (names.length === 0 || isProjectFolder) continue;
    const layout = await layoutOf(folder, names);
    const files = await Promise.all(
      (await ordered(folder, layout, names)).map(async (path) => {
        const bytes = await readFile(join(folder, path));
        return { path: path.split(sep).join('/'), bytes, sql: runnable(bytes.toString('utf8')) };
      }),
    );
    return { layout, folder, files };
  }
  throw isolationError('isolation.prove_migrations_missing', {
    message: `No .sql migrations were found in ${named}.`,
  });
}

async function isProject(folder: string): Promise<boolean> {
  const found = await stat(join(folder, 'package.json')).catch(() => undefined);
  return found !== undefined;
}

async function sqlFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|[\\/])(node_modules|seeds?|tests?)[\\/]/.test(path))
    .filter((path) => !TAKES_BACK.test(basename(path)) && !basename(path).startsWith('seed'));
}

const TAKES_BACK = /(^down|[._-]down|[._-]undo|[._-]rollback|^U\d[\d._]*__.*)\.sql$/i;

async function layoutOf(folder: string, names: readonly string[]): Promise<Layout> {
  if (names.some((name) => basename(name) === 'migration.sql')) return 'prisma';
  if ((await journal(folder)) !== undefined) return 'drizzle';
  return /supabase[\\/]migrations[\\/]?$/.test(folder) ? 'supabase' : 'plain';
}

const journalSchema = z.object({
  entries: z.array(z.object({ idx: z.number(), tag: z.string() })),
});

async function journal(folder: string): Promise<string[] | undefined> {
  const text = await readFile(join(folder, 'meta', '_journal.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = journalSchema.safeParse(document);
  if (!parsed.success) return undefined;
  return [...parsed.data.entries].sort((a, b) => a.idx - b.idx).map(({ tag }) => `${tag}.sql`);
}

async function ordered(
  folder: string,
  layout: Layout,
  names: readonly string[],
): Promise<readonly string[]> {
  if (layout === 'drizzle') {
    const present = new Set(names);
    const listed = ((await journal(folder)) ?? []).filter((name) => present.has(name));
    if (listed.length > 0) return listed;
  }
  const chosen =
    layout === 'prisma' ? names.filter((one) => basename(one) === 'migration.sql') : names;
  return [...chosen].sort(byVersion);
}

/** Numbers compare as numbers wherever they stand, so `2_x` comes before `10_x`; repeatable ones last. */
function byVersion(left: string, right: string): number {
  const isRepeatable = (name: string) => Number(/^R__/.test(basename(name)));
  const order = isRepeatable(left) - isRepeatable(right);
  return order || left.localeCompare(right, 'en', { numeric: true });
}

const DOWN_MARK = /^--\s*(migrate:down|\+goose\s+down|@undo|rollback\b|!down).*$/im;
const COPY_DATA = /^COPY [^;]+ FROM stdin;\n[\s\S]*?^\\\.$/gim;
const PSQL_COMMAND = /^\\[a-z!?].*$/gim;

/** Lines are emptied, never removed, so that those of what follows keep their numbers. */
function runnable(text: string): string {
  const down = DOWN_MARK.exec(text);
  const up = down === null ? text : text.slice(0, down.index);
  const blank = (found: string) => found.replace(/[^\n]/g, '');
  return up
    .replace(/^\uFEFF/, '')
    .replace(COPY_DATA, blank)
    .replace(PSQL_COMMAND, blank);
}
