/**
 * The rows that a table may hold, told apart by whose they are: one of tenant A, one of tenant B, one of
 * nobody where the tenant column may be null; and rows that B could plant.
 */
import type { Column, Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { colouringOf } from './colouring.ts';
import { type Environment, type Row, withSources } from './environment.ts';
import { evaluate } from './expression.ts';
import { spend } from './too-large.ts';
import { expressionOf } from './tree.ts';
import { type Colour, NULL_VALUE, only, type Possible } from './value.ts';

export function isTenantData(env: Environment, relation: Relation): boolean {
  const tenancy = env.session.world.tenancy.get(relation.oid);
  if (tenancy !== undefined) return tenancy.kind !== 'shared';
  return colouringOf(env.session.world, relation).size > 0;
}

/** Colours that rows of the table come in. */
export function coloursOf(env: Environment, relation: Relation): readonly (Colour | null)[] {
  if (!isTenantData(env, relation)) return [null];
  return tenantColumns(env, relation).some((column) => !column.notNull)
    ? ['A', 'B', 'N']
    : ['A', 'B'];
}

export function tenantColumns(env: Environment, relation: Relation): readonly Column[] {
  const colouring = colouringOf(env.session.world, relation);
  return relation.columns.filter((column) => colouring.get(column.name) === 'tenant');
}

/** A row all of whose coloured columns have one colour, but for those named in `mixed`. */
export function tableRow(
  env: Environment,
  relation: Relation,
  colour: Colour | null,
  mixed: ReadonlyMap<string, Colour> = new Map(),
): Row {
  env.session.instances += 1;
  const instance = `${relation.name}#${env.session.instances}`;
  const colouring = colouringOf(env.session.world, relation);
  spend(env, 1 + Math.ceil(relation.columns.length / COLUMNS_A_STEP));
  const columns = new Map<string, Possible>();
  for (const column of relation.columns) {
    const role = colouring.get(column.name);
    const own = mixed.get(column.name) ?? colour;
    if (role === undefined || own === null) {
      columns.set(column.name, free(instance, column, colour, isDesignated(env, relation, column)));
    } else if (role === 'tenant' && own === 'N' && !column.notNull)
      columns.set(column.name, NULL_VALUE);
    else {
      const value = only({
        kind: 'coloured',
        colour: own,
        identity: `${instance}.${column.name}`,
        type: column.type,
        context: false,
      });
      // A reference that may be left out shows nobody's thing when it is.
      columns.set(column.name, value);
    }
  }
  computeGenerated(env, relation, columns, colour);
  for (const [name, type] of SYSTEM_COLUMNS) {
    if (!columns.has(name)) {
      columns.set(
        name,
        only({ kind: 'free', identity: `${instance}.${name}`, type, colour, nullable: false }),
      );
    }
  }
  shapes.set(columns, `${relation.oid} ${colour} ${[...mixed].join(';')}`);
  return {
    columns,
    chance: 2,
    colour,
    from: colour === null ? null : relation,
    planted: null,
    because: null,
  };
}

/** What the columns of rows made above look like, but for the instance. */
const shapes = new WeakMap<Row['columns'], string>();

/** The row's shape, if it is as `tableRow` made it. */
export const shapeOfTableRow = ({ columns }: Row): string | undefined => shapes.get(columns);

/** A wide row is more work than a narrow one. */
const COLUMNS_A_STEP = 8;

/** A generated column is what its expression makes of the others. */
function computeGenerated(
  env: Environment,
  relation: Relation,
  columns: Map<string, Possible>,
  colour: Colour | null,
): void {
  const rest = { chance: 2, colour, from: null, planted: null, because: null } as const;
  for (const { name, generated, default: expression } of relation.columns) {
    if (generated === null || expression === null) continue;
    const own = { alias: relation.name, row: { ...rest, columns } };
    const at = withSources({ ...env, scope: null, searchPath: null }, [own]);
    columns.set(name, evaluate(at, expressionOf(expression)));
  }
}

const SYSTEM_COLUMNS = [
  ['ctid', 'tid'],
  ['tableoid', 'oid'],
  ['xmin', 'xid'],
] as const;

/** Users' own tables say who users are, not whose rows these are. */
const USER_COLUMN = /(^|_)(user|profile|member|person|auth|account_holder|sub|uid)(_|$)|^id$/i;

/**
 * Columns that only the owner writes, in lists that belong to no tenant (platform admins, profiles with a
 * role): an ordinary tenant's user is not on them, or the owner meant it.
 */
function isDesignated(env: Environment, relation: Relation, column: Column): boolean {
  const { world } = env.session;
  const known = designated.get(world)?.get(column);
  if (known !== undefined) return known;
  const answer = isWrittenByOwnerAlone(env, relation, column);
  const answers = designated.get(world) ?? new WeakMap<Column, boolean>();
  designated.set(world, answers.set(column, answer));
  return answer;
}

const designated = new WeakMap<World, WeakMap<Column, boolean>>();

function isWrittenByOwnerAlone(env: Environment, relation: Relation, column: Column): boolean {
  const { world } = env.session;
  const tenancy = world.tenancy.get(relation.oid);
  const ofTenant = tenantColumns(env, relation).some((c) => !USER_COLUMN.test(c.name));
  // What the registry says of a tenant (active, paid) holds for ordinary ones too.
  if (ofTenant || tenancy?.kind === 'child' || tenancy?.kind === 'registry') return false;
  const columns = world.surface.relations.get(relation.oid)?.columns;
  return !(['INSERT', 'UPDATE'] as const).some((p) => columns?.get(p)?.has(column.number) === true);
}

function free(
  instance: string,
  column: Column,
  colour: Colour | null,
  designated: boolean,
): Possible {
  return only({
    kind: 'free',
    identity: `${instance}.${column.name}`,
    type: column.type,
    colour,
    nullable: !column.notNull,
    ...(designated ? { designated } : {}),
  });
}
