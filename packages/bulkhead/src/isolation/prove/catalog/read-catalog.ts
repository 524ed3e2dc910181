/**
 * Reads the whole catalog in one snapshot.
 *
 * Promises: one read-only transaction, some thirty queries whatever the size of the database, nothing
 * changed and nothing locked beyond the catalog's own; a part that the reader may not see is left empty
 * and named in `notSeen`; a database that changes underneath is read again. Judges nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientBase, DatabaseError, type QueryResult } from 'pg';
import { aclOf } from './acl.ts';
import {
  column,
  constraint,
  defaultAcl,
  policy,
  relation,
  rewriteRule,
  routine,
  SharedParts,
  trigger,
} from './assemble.ts';
import type { Catalog, Column, Oid, Relation, UnseenPart } from './model.ts';
import * as sql from './queries.sql.ts';
import type * as rows from './rows.ts';

/** One snapshot for all parts, tried this often; then a snapshot a part, each tried this often. */
const SNAPSHOTS_MAX = 3;
const PART_ATTEMPTS_MAX = 20;
const PAUSE_MS = 25;
/** Few enough to be read and forgotten, many enough that nobody waits for the way there and back. */
const PAGE_ROWS = 2_000;

/** `undefined_table`… : an object was dropped between a row of the catalog and its deparse. */
const VANISHED = new Set(['42P01', '42883', '42704', '42703', 'XX000', '40001']);
const INSUFFICIENT_PRIVILEGE = '42501';

/** What leads to a finding at most; everything else may hold up or bring down a proof. */
const DISPENSABLE = new Set([
  'settings',
  'settings of roles',
  'indexes',
  'extended statistics',
  'large objects',
  'publications',
  'event triggers',
  'default privileges',
  'extensions',
  'languages',
  'privileges on parameters',
]);

/** @throws the driver's error when the connection breaks or the server refuses to be read at all. */
export async function readCatalog(client: ClientBase, signal?: AbortSignal): Promise<Catalog> {
  for (let attempt = 1; attempt <= SNAPSHOTS_MAX; attempt += 1) {
    try {
      return await readWithin(client, 'repeatable read', 1, signal);
    } catch (error) {
      if (!isVanished(error)) throw error;
    }
  }
  // Something is being made and dropped all the time. Each part stands for itself then; what one knows
  // and another does not was never there for both, and is left out.
  return readWithin(client, 'read committed', PART_ATTEMPTS_MAX, signal);
}

async function readWithin(
  client: ClientBase,
  level: 'repeatable read' | 'read committed',
  attemptsMax: number,
  signal: AbortSignal | undefined,
): Promise<Catalog> {
  await client.query(`begin transaction isolation level ${level}, read only`);
  try {
    await client.query(
      `set local search_path = ''; set local statement_timeout = '5min'; set local jit = off`,
    );
    return await readParts(client, attemptsMax, signal);
  } finally {
    await client.query('rollback');
  }
}

const isVanished = (error: unknown): boolean =>
  error instanceof DatabaseError && VANISHED.has(error.code ?? '');

/** Of the last statement, where a text holds several. */
const lastRows = <Row>(result: QueryResult | readonly QueryResult[]): Row[] =>
  (Array.isArray(result) ? result.at(-1) : result).rows;

async function readParts(
  client: ClientBase,
  attemptsMax: number,
  signal: AbortSignal | undefined,
): Promise<Catalog> {
  const notSeen: UnseenPart[] = [];
  // The savepoint goes with the part's first statement: three dozen parts, each a round trip less.
  const attempted = async <T>(
    part: string,
    nothing: T,
    query: (before: string) => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await query(attempt === 1 ? 'savepoint part; ' : '');
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        const isHidden = error.code === INSUFFICIENT_PRIVILEGE;
        if (!isHidden && (!isVanished(error) || attempt >= attemptsMax)) throw error;
        await client.query('rollback to savepoint part');
        if (isHidden) {
          notSeen.push({ part, complaint: error.message, isEssential: !DISPENSABLE.has(part) });
          return nothing;
        }
        await sleep(PAUSE_MS);
      }
    }
  };
  const read: Read = <Row>(part: string, text: string) =>
    attempted<readonly Row[]>(part, [], async (before) =>
      lastRows(await client.query(before + text)),
    );
  const readPages: ReadPages = <Row>(
    part: string,
    text: string,
    take: (page: readonly Row[] | null) => void,
  ) =>
    attempted<void>(part, undefined, async (before) => {
      take(null);
      let open = `${before}declare pages no scroll cursor for ${text}; `;
      for (;;) {
        const page = lastRows<Row>(await client.query(`${open}fetch ${PAGE_ROWS} from pages`));
        take(page);
        if (page.length < PAGE_ROWS) break;
        open = '';
        signal?.throwIfAborted();
      }
      await client.query('close pages');
    });

  const server = (await read<rows.ServerRow>('database', sql.serverSql))[0];
  const settings = await read<rows.SettingRow>('settings', sql.settingsSql);
  const roleSettings = await read<rows.RoleSettingRow>('settings of roles', sql.roleSettingsSql);
  const roles = await read<rows.RoleRow>('roles', sql.rolesSql);
  const memberships = await read<rows.MembershipRow>('role memberships', sql.membershipsSql);
  const schemas = await read<rows.SchemaRow>('schemas', sql.schemasSql);
  const relations = await readRelations(read, readPages);
  const policies = await read<rows.PolicyRow>('policies', sql.policiesSql);
  const routines = await read<rows.RoutineRow>('functions', sql.routinesSql);
  const triggers = await read<rows.TriggerRow>('triggers', sql.triggersSql);
  const rewriteRules = await read<rows.RuleRow>('rules', sql.rulesSql);
  const constraints = await read<rows.ConstraintRow>('constraints', sql.constraintsSql);
  const indexes = await read<rows.IndexRow>('indexes', sql.indexesSql);
  const statistics = await read<rows.StatisticsRow>('extended statistics', sql.statisticsSql);
  const foreignServers = await read<rows.ForeignServerRow>(
    'foreign servers',
    sql.foreignServersSql,
  );
  const userMappings = await read<rows.UserMappingRow>('user mappings', sql.userMappingsSql);
  const largeObjects = await read<rows.LargeObjectRow>('large objects', sql.largeObjectsSql);
  const publications = await read<rows.PublicationRow>('publications', sql.publicationsSql);
  const eventTriggers = await read<rows.EventTriggerRow>('event triggers', sql.eventTriggersSql);
  const defaultAcls = await read<rows.DefaultAclRow>('default privileges', sql.defaultAclsSql);
  const operators = await read<rows.OperatorRow>('operators', sql.operatorsSql);
  const casts = await read<rows.CastRow>('casts', sql.castsSql);
  const types = await read<rows.TypeRow>('types', sql.typesSql);
  const extensions = await read<Catalog['extensions'][number]>('extensions', sql.extensionsSql);
  const languages = await read<rows.LanguageRow>('languages', sql.languagesSql);
  const parameterAcls = await read<rows.ParameterAclRow>(
    'privileges on parameters',
    sql.parameterAclsSql,
  );
  const dependencies = await read<rows.DependencyRow>('dependencies', sql.dependenciesSql);

  return {
    server: {
      version: server?.version ?? 'unknown',
      versionNumber: server?.versionNumber ?? 0,
      database: server?.database ?? '',
      databaseOwner: server?.databaseOwner ?? 0,
      databaseAcl: aclOf(server?.acl ?? null, 'database', server?.databaseOwner ?? 0),
      reader: server?.reader ?? '',
      readerIsSuperuser: server?.readerIsSuperuser ?? false,
      settings: new Map(settings.map((row) => [row.name, row.value])),
      roleSettings,
    },
    roles: byOid(roles),
    memberships,
    schemas: byOid(schemas.map((row) => ({ ...row, acl: aclOf(row.acl, 'schema', row.owner) }))),
    relations,
    policies: byRelation(policies.map(policy)),
    routines: byOid(routines.map(routine)),
    triggers: byRelation(triggers.map(trigger)),
    rules: byRelation(rewriteRules.map(rewriteRule)),
    constraints: byRelation(constraints.map(constraint)),
    indexes: byRelation(indexes),
    statistics,
    foreignServers: byOid(
      foreignServers.map((row) => ({ ...row, acl: aclOf(row.acl, 'server', row.owner) })),
    ),
    userMappings,
    largeObjects: largeObjects.map((row) => ({
      ...row,
      acl: aclOf(row.acl, 'large-object', row.owner),
    })),
    publications,
    eventTriggers,
    defaultAcls: defaultAcls.map(defaultAcl),
    operators,
    casts: casts.map((row) => ({
      ...row,
      context: row.context === 'e' ? 'explicit' : row.context === 'a' ? 'assignment' : 'implicit',
    })),
    types: byOid(types.map((row) => ({ ...row, kind: TYPE_KINDS[row.kind] }))),
    extensions,
    languages: languages.map((row) => ({ ...row, acl: aclOf(row.acl, 'language', 0) })),
    parameterAcls: parameterAcls.map((row) => ({ ...row, acl: aclOf(row.acl, 'parameter', 0) })),
    dependencies: dependenciesOf(dependencies),
    notSeen,
  };
}

function dependenciesOf(found: readonly rows.DependencyRow[]): Catalog['dependencies'] {
  const made = new Map<Oid, { relations: Set<Oid>; routines: Set<Oid> }>();
  for (const row of found) {
    const entry = made.get(row.dependent) ?? { relations: new Set(), routines: new Set() };
    const into = row.isRoutine ? entry.routines : entry.relations;
    for (const oid of row.referenced) if (oid !== row.dependent) into.add(oid);
    made.set(row.dependent, entry);
  }
  return made;
}

const TYPE_KINDS = {
  d: 'domain',
  e: 'enum',
  c: 'composite',
  r: 'range',
  b: 'base',
  m: 'multirange',
} as const;

type Read = <Row>(part: string, text: string) => Promise<readonly Row[]>;
/** The same in pages, so that never all rows are held; `null` says that reading begins anew. */
type ReadPages = <Row>(
  part: string,
  text: string,
  take: (page: readonly Row[] | null) => void,
) => Promise<void>;

async function readRelations(
  read: Read,
  readPages: ReadPages,
): Promise<ReadonlyMap<Oid, Relation>> {
  const columns = new Map<Oid, readonly Column[]>();
  for (const row of await read<rows.ColumnsRow>('columns', sql.columnsSql)) {
    columns.set(row.relation, row.columns.map(column));
  }
  const { parents, children } = kinshipOf(
    await read<rows.InheritanceRow>('inheritance', sql.inheritanceSql),
  );
  const sequences = new Map(
    (await read<rows.SequenceOwnerRow>('sequences', sql.sequenceOwnersSql)).map((row) => [
      row.sequence,
      { relation: row.relation, column: row.column },
    ]),
  );
  /** A partition of a partition borrows from the first ancestor that has columns of its own. */
  const columnsOf = (oid: Oid): readonly Column[] => {
    const own = columns.get(oid);
    const parent = parents.get(oid)?.[0];
    return own ?? (parent === undefined ? [] : columnsOf(parent));
  };
  const shared = new SharedParts();
  const relations = new Map<Oid, Relation>();
  await readPages<rows.RelationRow>('relations', sql.relationsSql, (page) => {
    if (page === null) relations.clear();
    for (const row of page ?? []) {
      const kin = {
        columns: columnsOf(row.oid),
        parents: parents.get(row.oid) ?? NONE,
        children: children.get(row.oid) ?? NONE,
        ownedBy: sequences.get(row.oid) ?? null,
      };
      relations.set(row.oid, relation(row, kin, shared));
    }
  });
  return relations;
}

const NONE: readonly Oid[] = [];

/** Children of one parent share their list of parents. */
function kinshipOf(found: readonly rows.InheritanceRow[]): {
  readonly parents: ReadonlyMap<Oid, readonly Oid[]>;
  readonly children: ReadonlyMap<Oid, readonly Oid[]>;
} {
  const several = new Map<Oid, { readonly parent: Oid; readonly place: number }[]>();
  const parents = new Map<Oid, readonly Oid[]>();
  for (const { parent, children, places } of found) {
    const alone = [parent];
    children.forEach((child, at) => {
      if (places[at] === 1) parents.set(child, alone);
      else append(several, child, { parent, place: places[at] ?? 0 });
    });
  }
  for (const [child, others] of several) {
    const ordered = [...others].sort((a, b) => a.place - b.place).map(({ parent }) => parent);
    parents.set(child, [...(parents.get(child) ?? []), ...ordered]);
  }
  return { parents, children: new Map(found.map((row) => [row.parent, row.children])) };
}

function append<T>(map: Map<Oid, T[]>, key: Oid, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function byOid<T extends { readonly oid: Oid }>(items: readonly T[]): ReadonlyMap<Oid, T> {
  return new Map(items.map((item) => [item.oid, item]));
}

function byRelation<T extends { readonly relation: Oid }>(
  items: readonly T[],
): ReadonlyMap<Oid, readonly T[]> {
  const map = new Map<Oid, T[]>();
  for (const item of items) append(map, item.relation, item);
  return map;
}
