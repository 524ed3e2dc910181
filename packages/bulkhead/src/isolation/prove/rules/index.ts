/**
 * The rules, each one kind of hole. To add one: a file, and a line here.
 */
import type { Rule } from '../world.ts';
import { contextSwitches } from './context-switches.ts';
import { defaultPrivileges } from './default-privileges.ts';
import { defaultTenant } from './default-tenant.ts';
import { definerRoutines } from './definer-routines.ts';
import { definerTriggers } from './definer-triggers.ts';
import { foreignData } from './foreign-data.ts';
import { foreignKeys } from './foreign-keys.ts';
import { largeObjects } from './large-objects.ts';
import { materializedViews } from './materialized-views.ts';
import { mislabelledRoutines } from './mislabelled-routines.ts';
import { ownership } from './ownership.ts';
import { policyFilters } from './policy-filters.ts';
import { registry } from './registry.ts';
import { roleAttributes } from './role-attributes.ts';
import { rowSecurity } from './row-security.ts';
import { schemaPrivileges } from './schema-privileges.ts';
import { sequences } from './sequences.ts';
import { serverVersion } from './server-version.ts';
import { shadowedNames } from './shadowed-names.ts';
import { sharedTables } from './shared-tables.ts';
import { signedContext } from './signed-context.ts';
import { systemAccess } from './system-access.ts';
import { tablePrivileges } from './table-privileges.ts';
import { uniqueKeys } from './unique-keys.ts';
import { viewReads } from './view-reads.ts';
import { viewWrites } from './view-writes.ts';

export const RULES: readonly Rule[] = [
  roleAttributes,
  ownership,
  rowSecurity,
  policyFilters,
  viewReads,
  viewWrites,
  definerRoutines,
  contextSwitches,
  definerTriggers,
  shadowedNames,
  mislabelledRoutines,
  tablePrivileges,
  registry,
  sharedTables,
  foreignKeys,
  uniqueKeys,
  materializedViews,
  sequences,
  largeObjects,
  foreignData,
  schemaPrivileges,
  defaultPrivileges,
  defaultTenant,
  signedContext,
  systemAccess,
  serverVersion,
];
