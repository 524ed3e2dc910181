/** Turns rows of the catalog into the model: one-letter codes become words, NULL access lists their default. */
import { aclOf } from './acl.ts';
import type {
  Acl,
  Column,
  Constraint,
  DefaultAcl,
  ForeignKeyAction,
  Oid,
  Policy,
  Relation,
  RewriteRule,
  Routine,
  RoutineArgument,
  Trigger,
} from './model.ts';
import type {
  ActionCode,
  ColumnRow,
  ConstraintRow,
  DefaultAclRow,
  PolicyRow,
  RelationRow,
  RoutineRow,
  RuleRow,
  TriggerRow,
} from './rows.ts';

const RELATION_KINDS = {
  r: 'table',
  p: 'partitioned-table',
  v: 'view',
  m: 'matview',
  f: 'foreign-table',
  S: 'sequence',
} as const;

const REPLICA_IDENTITIES = { d: 'default', n: 'nothing', f: 'full', i: 'index' } as const;

export interface RelationKin {
  readonly columns: readonly Column[];
  readonly parents: readonly Oid[];
  readonly children: readonly Oid[];
  readonly ownedBy: Relation['ownedBy'];
}

/** Written out field by field, and with what is alike shared: there may be a hundred thousand of them. */
export function relation(row: RelationRow, kin: RelationKin, shared: SharedParts): Relation {
  return {
    oid: row.oid,
    schema: shared.text(row.schema),
    schemaOid: row.schemaOid,
    name: row.name,
    kind: RELATION_KINDS[row.kind],
    owner: row.owner,
    acl: shared.acl(row),
    columns: kin.columns,
    isPartition: row.isPartition,
    parents: kin.parents,
    children: kin.children,
    rlsEnabled: row.rlsEnabled,
    rlsForced: row.rlsForced,
    options: row.options === null ? NO_OPTIONS : options(row.options),
    definition: row.definition,
    rows: row.rows,
    extension: row.extension,
    temporary: row.temporary,
    server: row.server,
    ownedBy: kin.ownedBy,
    replicaIdentity: REPLICA_IDENTITIES[row.replicaIdentity],
  };
}

const NO_OPTIONS: Relation['options'] = new Map();

/** Equal schemas' names and access lists, held once. */
export class SharedParts {
  readonly #texts = new Map<string, string>();
  readonly #acls = new Map<string, Acl>();

  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  acl({ acl, kind, owner }: RelationRow): Acl {
    const of = kind === 'S' ? 'sequence' : 'table';
    const key = `${of} ${owner} ${acl === null ? '' : JSON.stringify(acl)}`;
    let known = this.#acls.get(key);
    if (known === undefined) {
      known = aclOf(acl, of, owner);
      this.#acls.set(key, known);
    }
    return known;
  }
}

export function column(row: ColumnRow): Column {
  const [number, name, type, notNull, fallback, generated, identity, acl] = row;
  return {
    number,
    name,
    type,
    notNull,
    default: fallback,
    generated: generated === 's' ? 'stored' : generated === 'v' ? 'virtual' : null,
    identity: identity === 'a' ? 'always' : identity === 'd' ? 'by-default' : null,
    acl: acl === null ? [] : aclOf(acl, 'column', 0),
  };
}

const COMMANDS = { '*': 'all', r: 'select', a: 'insert', w: 'update', d: 'delete' } as const;

export function policy(row: PolicyRow): Policy {
  return { ...row, command: COMMANDS[row.command] };
}

const ROUTINE_KINDS = { f: 'function', p: 'procedure', a: 'aggregate', w: 'window' } as const;
const VOLATILITIES = { i: 'immutable', s: 'stable', v: 'volatile' } as const;
const MODES = { i: 'in', o: 'out', b: 'inout', v: 'variadic', t: 'table' } as const;

export function routine(row: RoutineRow): Routine {
  const { argumentNames, argumentModes, argumentTypes, argumentDefaults, ...rest } = row;
  return {
    ...rest,
    kind: ROUTINE_KINDS[row.kind],
    volatility: VOLATILITIES[row.volatility],
    config: options(row.config),
    acl: aclOf(row.acl, 'routine', row.owner),
    arguments: argumentTypes.map(
      (type, at): RoutineArgument => ({
        name: argumentNames?.[at] || null,
        type,
        mode: MODES[argumentModes?.[at] ?? 'i'],
        default: argumentDefaults[at] ?? null,
      }),
    ),
  };
}

/** `name=value` pairs; names are folded, since PostgreSQL folds them. */
function options(pairs: readonly string[] | null): ReadonlyMap<string, string> {
  return new Map(
    (pairs ?? []).map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).toLowerCase(), pair.slice(at + 1)];
    }),
  );
}

/** Bits of `pg_trigger.tgtype`. */
const TRIGGER_BITS = {
  row: 1,
  before: 2,
  insert: 4,
  delete: 8,
  update: 16,
  truncate: 32,
  instead: 64,
};

export function trigger(row: TriggerRow): Trigger {
  const has = (bit: number) => (row.type & bit) !== 0;
  return {
    ...row,
    // `R` fires in replica sessions only, which the app's is not.
    enabled: row.enabled === 'O' || row.enabled === 'A',
    timing: has(TRIGGER_BITS.instead)
      ? 'instead-of'
      : has(TRIGGER_BITS.before)
        ? 'before'
        : 'after',
    forEachRow: has(TRIGGER_BITS.row),
    events: (['insert', 'update', 'delete', 'truncate'] as const).filter((event) =>
      has(TRIGGER_BITS[event]),
    ),
  };
}

const RULE_EVENTS = { 1: 'select', 2: 'update', 3: 'insert', 4: 'delete' } as const;

export function rewriteRule(row: RuleRow): RewriteRule {
  return { ...row, event: RULE_EVENTS[row.event] };
}

const CONSTRAINT_KINDS = {
  p: 'primary',
  u: 'unique',
  f: 'foreign',
  c: 'check',
  x: 'exclusion',
  t: 'trigger',
} as const;

const ACTIONS: Readonly<Record<ActionCode, ForeignKeyAction>> = {
  a: 'no-action',
  r: 'restrict',
  c: 'cascade',
  n: 'set-null',
  d: 'set-default',
  ' ': 'no-action',
};

export function constraint(row: ConstraintRow): Constraint {
  const { referenced, referencedColumns, onDelete, onUpdate, onDeleteColumns, match, ...rest } =
    row;
  return {
    ...rest,
    kind: CONSTRAINT_KINDS[row.kind],
    references:
      referenced === null
        ? null
        : {
            relation: referenced,
            columns: referencedColumns,
            onDelete: ACTIONS[onDelete],
            onUpdate: ACTIONS[onUpdate],
            onDeleteColumns,
            match: match === 'f' ? 'full' : match === 'p' ? 'partial' : 'simple',
          },
  };
}

const DEFAULT_ACL_OBJECTS = {
  r: 'tables',
  S: 'sequences',
  f: 'functions',
  T: 'types',
  n: 'schemas',
  L: 'large-objects',
} as const;

export function defaultAcl(row: DefaultAclRow): DefaultAcl {
  return {
    creator: row.creator,
    schema: row.schema,
    objects: DEFAULT_ACL_OBJECTS[row.objects],
    acl: row.acl === null ? [] : aclOf(row.acl, 'table', row.creator),
  };
}
