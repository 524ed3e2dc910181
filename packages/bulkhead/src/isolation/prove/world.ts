/**
 * What a rule is given: the catalog, the convention, and what the role reaches.
 *
 * Promises: nothing in it changes while rules run, so rules may run in any order.
 */
import type { Catalog, Column, Command, Oid, Privilege, Relation, Role } from './catalog/model.ts';
import type { ConventionKind, Finding } from './model.ts';

/** How the database tells tenants apart. */
export interface Convention {
  readonly kind: ConventionKind;
  /** The trusted custom setting (`app.tenant_id`, `request.jwt.claims`, `bulkhead.context`). */
  readonly setting: string | null;
  /** Path inside the JSON of the setting; empty for a plain value. `['sub']` for `auth.uid()`. */
  readonly claimPath: readonly string[];
  /** Every setting that is trusted to speak of the tenant or its user; all others belong to the attacker. */
  readonly trustedSettings: readonly string[];
  /** SQL that denotes the context's tenant and is NULL when absent; null if there is no convention. */
  readonly expression: string | null;
  /** `uuid`, `text`, `bigint`… the type of a tenant's id. */
  readonly tenantType: string;
  /** Names of columns that hold a row's tenant, most common first. */
  readonly tenantColumns: readonly string[];
  /** The tables that tenant columns reference (`tenants`); usually one. */
  readonly registries: ReadonlySet<Oid>;
  /** Relations with `(user, tenant)` rows that policies ask who belongs to whom. */
  readonly memberships: ReadonlySet<Oid>;
}

/** Why a relation needs isolation, or why it does not. */
export type TenantKind =
  /** It carries the tenant itself. */
  | { readonly kind: 'tenant'; readonly column: Column }
  /** Its tenant is its parent's, along this foreign key. */
  | { readonly kind: 'child'; readonly parent: Oid; readonly columns: readonly number[] }
  /** It lists the tenants. */
  | { readonly kind: 'registry' }
  /** Its policies speak of the context, though no column does plainly. */
  | { readonly kind: 'guarded' }
  /** The same for everyone. */
  | { readonly kind: 'shared' };

export interface Reach {
  readonly relation: Relation;
  /** The role owns it, or may act as its owner. */
  readonly owned: boolean;
  readonly privileges: ReadonlySet<Privilege>;
  /** Columns that may be read, inserted, updated, referenced; `all` columns when the table privilege is there. */
  readonly columns: ReadonlyMap<Privilege, ReadonlySet<number>>;
  /** Which policies apply to it for the role: none when `rlsApplies` is false. */
  readonly rlsApplies: boolean;
}

export interface Surface {
  readonly role: Role;
  /** The role and every role whose privileges it has without `SET ROLE`. */
  readonly inherited: ReadonlySet<Oid>;
  /** Roles it may become by `SET ROLE`, itself included. */
  readonly settable: ReadonlySet<Oid>;
  /** Relations in schemas the role may use, on which it holds any privilege. */
  readonly relations: ReadonlyMap<Oid, Reach>;
  /** Routines the role may call. */
  readonly routines: ReadonlySet<Oid>;
  readonly usableSchemas: ReadonlySet<Oid>;
  /** May the role do `command` on the relation (on any column)? */
  can(relation: Oid, command: Command): boolean;
}

export interface World {
  readonly catalog: Catalog;
  readonly convention: Convention;
  readonly surface: Surface;
  /** Every table, partition and foreign table is in it. */
  readonly tenancy: ReadonlyMap<Oid, TenantKind>;
  /** What lies elsewhere is not reported; it counts all the same where it is used. */
  readonly schemas?: readonly string[];
}

/** One kind of hole. Rules that look long yield null between their objects: a moment to pause. */
export type Rule = (world: World) => Iterable<Finding | null>;
