/** The answers to `queries.sql.ts` where they differ from the model: codes of one letter, access lists. */
import type { AclRow } from './acl.ts';
import type {
  Constraint,
  EventTrigger,
  ExtendedStatistics,
  Index,
  Language,
  Membership,
  Oid,
  Publication,
  Role,
  Routine,
  Schema,
  UserCast,
  UserMapping,
  UserOperator,
  UserType,
} from './model.ts';

type WithAcl<T, Replaced extends keyof T = never> = Omit<T, 'acl' | Replaced> & {
  readonly acl: readonly AclRow[] | null;
};

export interface ServerRow {
  readonly version: string;
  readonly versionNumber: number;
  readonly database: string;
  readonly databaseOwner: Oid;
  readonly acl: readonly AclRow[] | null;
  readonly reader: string;
  readonly readerIsSuperuser: boolean;
}

export interface SettingRow {
  readonly name: string;
  readonly value: string;
}

export interface RoleSettingRow extends SettingRow {
  readonly role: Oid;
}

export type RoleRow = Role;
export type MembershipRow = Membership;
export type SchemaRow = WithAcl<Schema>;

export interface RelationRow {
  readonly oid: Oid;
  readonly schema: string;
  readonly schemaOid: Oid;
  readonly name: string;
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f' | 'S';
  readonly owner: Oid;
  readonly acl: readonly AclRow[] | null;
  readonly isPartition: boolean;
  readonly rlsEnabled: boolean;
  readonly rlsForced: boolean;
  readonly options: readonly string[] | null;
  readonly definition: string | null;
  readonly rows: number;
  readonly temporary: boolean;
  readonly server: Oid | null;
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i';
  readonly extension: string | null;
}

/** Number, name, type, not null, default, generated, identity, access list. */
export type ColumnRow = readonly [
  number,
  string,
  string,
  boolean,
  string | null,
  '' | 's' | 'v',
  '' | 'a' | 'd',
  readonly AclRow[] | null,
];

export interface ColumnsRow {
  readonly relation: Oid;
  readonly columns: readonly ColumnRow[];
}

export interface InheritanceRow {
  readonly parent: Oid;
  readonly children: readonly Oid[];
  readonly places: readonly number[];
}

export interface SequenceOwnerRow {
  readonly sequence: Oid;
  readonly relation: Oid;
  readonly column: number;
}

export interface PolicyRow {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly command: '*' | 'r' | 'a' | 'w' | 'd';
  readonly permissive: boolean;
  readonly roles: readonly Oid[];
  readonly using: string | null;
  readonly check: string | null;
}

export type RoutineRow = WithAcl<Routine, 'kind' | 'volatility' | 'config' | 'arguments'> & {
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly volatility: 'i' | 's' | 'v';
  readonly config: readonly string[] | null;
  readonly argumentNames: readonly string[] | null;
  readonly argumentModes: readonly ('i' | 'o' | 'b' | 'v' | 't')[] | null;
  readonly argumentTypes: readonly string[];
  readonly argumentDefaults: readonly (string | null)[];
};

export interface TriggerRow {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly function: Oid;
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  /** Bits of `tgtype`. */
  readonly type: number;
  readonly definition: string;
}

export interface RuleRow {
  readonly oid: Oid;
  readonly relation: Oid;
  readonly name: string;
  readonly event: '1' | '2' | '3' | '4';
  readonly instead: boolean;
  readonly enabled: boolean;
  readonly definition: string;
}

export type ActionCode = 'a' | 'r' | 'c' | 'n' | 'd' | ' ';

export type ConstraintRow = Omit<Constraint, 'kind' | 'references'> & {
  readonly kind: 'p' | 'u' | 'f' | 'c' | 'x' | 't';
  readonly referenced: Oid | null;
  readonly referencedColumns: readonly number[];
  readonly onDelete: ActionCode;
  readonly onUpdate: ActionCode;
  readonly onDeleteColumns: readonly number[];
  readonly match: 's' | 'f' | 'p' | ' ';
};

export type IndexRow = Index;
export type StatisticsRow = ExtendedStatistics;

export interface ForeignServerRow {
  readonly oid: Oid;
  readonly name: string;
  readonly owner: Oid;
  readonly acl: readonly AclRow[] | null;
  readonly wrapper: string;
}

export type UserMappingRow = UserMapping;

export interface LargeObjectRow {
  readonly oid: Oid;
  readonly count: number;
  readonly owner: Oid;
  readonly acl: readonly AclRow[] | null;
}

export type PublicationRow = Publication;
export type EventTriggerRow = EventTrigger;

export interface DefaultAclRow {
  readonly creator: Oid;
  readonly schema: Oid | null;
  readonly objects: 'r' | 'S' | 'f' | 'T' | 'n' | 'L';
  readonly acl: readonly AclRow[] | null;
}

export type OperatorRow = UserOperator;
export type CastRow = Omit<UserCast, 'context'> & { readonly context: 'e' | 'a' | 'i' };
export type TypeRow = Omit<UserType, 'kind'> & { readonly kind: 'd' | 'e' | 'c' | 'r' | 'b' | 'm' };
export type LanguageRow = WithAcl<Language>;

export interface ParameterAclRow {
  readonly name: string;
  readonly acl: readonly AclRow[] | null;
}

export interface DependencyRow {
  readonly dependent: Oid;
  readonly isRoutine: boolean;
  readonly referenced: readonly Oid[];
}
