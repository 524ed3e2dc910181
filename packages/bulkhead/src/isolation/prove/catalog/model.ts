/**
 * The database's catalog as plain values, read once in one snapshot (`read-catalog.ts`).
 *
 * Promises: every name is raw (unquoted), every expression is PostgreSQL's own deparse made with an
 * empty search_path, so everything outside pg_catalog is qualified. Objects refer to each other by oid;
 * the maps hold user objects (and extensions', marked), and the few of pg_catalog whose privileges
 * somebody changed. Does not judge.
 */

export type Oid = number;

/** `grantee` of a privilege that everyone has. */
export const PUBLIC: Oid = 0;

export type Privilege =
  | 'SELECT'
  | 'INSERT'
  | 'UPDATE'
  | 'DELETE'
  | 'TRUNCATE'
  | 'REFERENCES'
  | 'TRIGGER'
  | 'MAINTAIN'
  | 'USAGE'
  | 'CREATE'
  | 'EXECUTE'
  | 'CONNECT'
  | 'TEMPORARY'
  | 'SET'
  | 'ALTER SYSTEM';

/** One entry of an access list; where the catalog holds NULL, the built-in default has been written out. */
export interface AclItem {
  readonly grantee: Oid;
  readonly grantor: Oid;
  readonly privilege: Privilege;
  readonly grantable: boolean;
}
export type Acl = readonly AclItem[];

export interface Server {
  readonly version: string;
  /** `180001` for 18.1. */
  readonly versionNumber: number;
  readonly database: string;
  readonly databaseOwner: Oid;
  readonly databaseAcl: Acl;
  /** The role that reads the catalog. */
  readonly reader: string;
  readonly readerIsSuperuser: boolean;
  /** Server settings that matter: `row_security`, `search_path`, `lo_compat_privileges`, `wal_level`… */
  readonly settings: ReadonlyMap<string, string>;
  /** `ALTER ROLE … / DATABASE … SET`, oids 0 meaning every role, every database. */
  readonly roleSettings: readonly {
    readonly role: Oid;
    readonly name: string;
    readonly value: string;
  }[];
}

export interface Role {
  readonly oid: Oid;
  readonly name: string;
  readonly superuser: boolean;
  readonly bypassRls: boolean;
  readonly createRole: boolean;
  readonly createDb: boolean;
  readonly replication: boolean;
  readonly canLogin: boolean;
  readonly inherit: boolean;
}

/** `member` is a member of `role`. Before PostgreSQL 16 `inherit` is the member's own attribute and `set` is true. */
export interface Membership {
  readonly role: Oid;
  readonly member: Oid;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

export interface Schema {
  readonly oid: Oid;
  readonly name: string;
  readonly owner: Oid;
  readonly acl: Acl;
  readonly extension: string | null;
}

export type RelationKind =
  | 'table'
  | 'partitioned-table'
  | 'view'
  | 'matview'
  | 'foreign-table'
  | 'sequence';

export interface Column {
  readonly number: number;
  readonly name: string;
  /** `format_type` with an empty search_path: `uuid`, `character varying(20)`, `public.mood`. */
  readonly type: string;
  readonly notNull: boolean;
  /** Deparsed default or generation expression. */
  readonly default: string | null;
  readonly generated: 'stored' | 'virtual' | null;
  readonly identity: 'always' | 'by-default' | null;
  readonly acl: Acl;
}

export interface Relation {
  readonly oid: Oid;
  readonly schema: string;
  readonly schemaOid: Oid;
  readonly name: string;
  readonly kind: RelationKind;
  readonly owner: Oid;
  readonly acl: Acl;
  /** A partition that nothing was granted on borrows its parent's. */
  readonly columns: readonly Column[];
  readonly isPartition: boolean;
  /** Partition parents and inheritance parents, direct ones. */
  readonly parents: readonly Oid[];
  readonly children: readonly Oid[];
  readonly rlsEnabled: boolean;
  readonly rlsForced: boolean;
  /** `security_invoker=true`, `security_barrier=true`… as stored, keys lower-cased. */
  readonly options: ReadonlyMap<string, string>;
  /** Deparsed `SELECT` of a view or materialized view. */
  readonly definition: string | null;
  /** Planner's estimate; -1 never analysed. */
  readonly rows: number;
  readonly extension: string | null;
  readonly temporary: boolean;
  /** Server of a foreign table. */
  readonly server: Oid | null;
  /** For a sequence: the column that owns it. */
  readonly ownedBy: { readonly relation: Oid; readonly column: number } | null;
  readonly replicaIdentity: 'default' | 'nothing' | 'full' | 'index';
}

export type Command = 'select' | 'insert' | 'update' | 'delete';

export interface Policy {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly command: Command | 'all';
  readonly permissive: boolean;
  /** `[PUBLIC]` for everyone. */
  readonly roles: readonly Oid[];
  readonly using: string | null;
  readonly check: string | null;
}

export interface Routine {
  readonly oid: Oid;
  readonly schema: string;
  readonly schemaOid: Oid;
  readonly name: string;
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window';
  readonly owner: Oid;
  readonly acl: Acl;
  readonly language: string;
  readonly languageTrusted: boolean;
  readonly securityDefiner: boolean;
  readonly leakproof: boolean;
  readonly strict: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** `SET name = value` of the function, names lower-cased. */
  readonly config: ReadonlyMap<string, string>;
  readonly arguments: readonly RoutineArgument[];
  /** `format_type` of the result; `trigger`, `event_trigger`, `void`… */
  readonly returns: string;
  readonly returnsSet: boolean;
  /** The oid of the relation whose row type it returns, else null. */
  readonly returnsRelation: Oid | null;
  /** `prosrc`: the text between the `$$`, or the C symbol. */
  readonly source: string;
  /** `BEGIN ATOMIC … END` or `RETURN …`, deparsed; null for a body held as text. */
  readonly sqlBody: string | null;
  /** `schema.name(argtypes)` quoted, as `regprocedure` writes it. */
  readonly signature: string;
  readonly extension: string | null;
}

export interface RoutineArgument {
  readonly name: string | null;
  readonly type: string;
  readonly mode: 'in' | 'out' | 'inout' | 'variadic' | 'table';
  readonly default: string | null;
}

export interface Trigger {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly function: Oid;
  readonly enabled: boolean;
  readonly timing: 'before' | 'after' | 'instead-of';
  readonly forEachRow: boolean;
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  /** `pg_get_triggerdef`. */
  readonly definition: string;
}

/** Rewrite rules other than the `_RETURN` of views. */
export interface RewriteRule {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly event: Command;
  readonly instead: boolean;
  readonly enabled: boolean;
  /** `pg_get_ruledef`. */
  readonly definition: string;
}

export type ForeignKeyAction = 'no-action' | 'restrict' | 'cascade' | 'set-null' | 'set-default';

/** The copies that a partition inherits from its parent are left out, here and among triggers and indexes. */
export interface Constraint {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly kind: 'primary' | 'unique' | 'foreign' | 'check' | 'exclusion' | 'not-null' | 'trigger';
  readonly columns: readonly number[];
  readonly validated: boolean;
  /** `pg_get_constraintdef`. */
  readonly definition: string;
  readonly references: {
    readonly relation: Oid;
    readonly columns: readonly number[];
    readonly onDelete: ForeignKeyAction;
    readonly onUpdate: ForeignKeyAction;
    /** Columns of `ON DELETE SET NULL (…)`; empty for all. */
    readonly onDeleteColumns: readonly number[];
    readonly match: 'simple' | 'full' | 'partial';
  } | null;
  /** Index behind a key or an exclusion. */
  readonly index: Oid | null;
  /** PostgreSQL 18: `NOT ENFORCED` is false. */
  readonly enforced: boolean;
}

export interface Index {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly schema: string;
  readonly name: string;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly exclusion: boolean;
  /** Key columns; 0 stands for an expression. */
  readonly columns: readonly number[];
  readonly expressions: string | null;
  readonly predicate: string | null;
  readonly valid: boolean;
}

export interface ExtendedStatistics {
  readonly oid: Oid;
  readonly schema: string;
  readonly name: string;
  readonly owner: Oid;
  readonly relation: Oid;
}

export interface ForeignServer {
  readonly oid: Oid;
  readonly name: string;
  readonly owner: Oid;
  readonly acl: Acl;
  readonly wrapper: string;
}

/** `user` 0 is PUBLIC. Options (passwords) are never read. */
export interface UserMapping {
  readonly server: Oid;
  readonly user: Oid;
}

/** One large object of each owner and access list. */
export interface LargeObject {
  readonly oid: Oid;
  readonly count: number;
  readonly owner: Oid;
  readonly acl: Acl;
}

/** `GRANT SET ON PARAMETER`. */
export interface ParameterAcl {
  readonly name: string;
  readonly acl: Acl;
}

export interface Publication {
  readonly oid: Oid;
  readonly name: string;
  readonly owner: Oid;
  readonly allTables: boolean;
}

export interface EventTrigger {
  readonly oid: Oid;
  readonly name: string;
  readonly owner: Oid;
  readonly function: Oid;
  readonly enabled: boolean;
  readonly event: string;
}

/** `ALTER DEFAULT PRIVILEGES`: what objects that `creator` makes later will grant. `schema` null is every schema. */
export interface DefaultAcl {
  readonly creator: Oid;
  readonly schema: Oid | null;
  readonly objects: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas' | 'large-objects';
  readonly acl: Acl;
}

export interface UserOperator {
  readonly oid: Oid;
  readonly schema: string;
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly function: Oid;
  readonly owner: Oid;
}

export interface UserCast {
  readonly source: string;
  readonly target: string;
  readonly function: Oid | null;
  readonly context: 'explicit' | 'assignment' | 'implicit';
}

export interface UserType {
  readonly oid: Oid;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'domain' | 'enum' | 'composite' | 'range' | 'base' | 'multirange';
  readonly owner: Oid;
  /** What a domain is made of. */
  readonly base: string | null;
  readonly enumLabels: readonly string[];
}

export interface Extension {
  readonly name: string;
  readonly version: string;
  readonly schema: string;
}

export interface Language {
  readonly oid: Oid;
  readonly name: string;
  readonly trusted: boolean;
  readonly acl: Acl;
}

/** What an object's stored expression refers to, by `pg_depend`; bodies held as text are not in it. */
export interface Dependencies {
  readonly relations: ReadonlySet<Oid>;
  readonly routines: ReadonlySet<Oid>;
}

export interface UnseenPart {
  /** In words for the report: `policies`. */
  readonly part: string;
  /** The server's own words. */
  readonly complaint: string;
  /** Without it nothing can be called proven. */
  readonly isEssential: boolean;
}

export interface Catalog {
  readonly server: Server;
  readonly roles: ReadonlyMap<Oid, Role>;
  readonly memberships: readonly Membership[];
  readonly schemas: ReadonlyMap<Oid, Schema>;
  readonly relations: ReadonlyMap<Oid, Relation>;
  /** By relation; a table without policies has no entry. */
  readonly policies: ReadonlyMap<Oid, readonly Policy[]>;
  readonly routines: ReadonlyMap<Oid, Routine>;
  readonly triggers: ReadonlyMap<Oid, readonly Trigger[]>;
  readonly rules: ReadonlyMap<Oid, readonly RewriteRule[]>;
  readonly constraints: ReadonlyMap<Oid, readonly Constraint[]>;
  readonly indexes: ReadonlyMap<Oid, readonly Index[]>;
  readonly statistics: readonly ExtendedStatistics[];
  readonly foreignServers: ReadonlyMap<Oid, ForeignServer>;
  readonly userMappings: readonly UserMapping[];
  readonly largeObjects: readonly LargeObject[];
  readonly publications: readonly Publication[];
  readonly eventTriggers: readonly EventTrigger[];
  readonly defaultAcls: readonly DefaultAcl[];
  readonly operators: readonly UserOperator[];
  readonly casts: readonly UserCast[];
  readonly types: ReadonlyMap<Oid, UserType>;
  readonly extensions: readonly Extension[];
  readonly languages: readonly Language[];
  readonly parameterAcls: readonly ParameterAcl[];
  /** By the oid of a view, a policy, a routine with a parsed body, a trigger, a constraint or a relation with defaults. */
  readonly dependencies: ReadonlyMap<Oid, Dependencies>;
  /** Parts that the reader was not allowed to see. */
  readonly notSeen: readonly UnseenPart[];
}
