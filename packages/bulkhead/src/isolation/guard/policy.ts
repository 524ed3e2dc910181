/** What an app lists as allowed beyond the guard's own rules. Everything it lists appears in reports. */
export interface GuardPolicy {
  /**
   * Functions: `name` stands for the unqualified spelling and the one in `pg_catalog`, `schema.name`
   * for that spelling only. As PostgreSQL folds them: lower case unless created quoted.
   */
  readonly functions: readonly string[];
  /** Relations, spelled by the same rule. */
  readonly relations: readonly string[];
  /** `DO` or `CALL`. A listed `DO` is opaque to the guard: its body can do all that the role can. */
  readonly statements: readonly string[];
}

/** True if the policy lists the name as the statement spells it. */
export function lists(
  entries: ReadonlySet<string>,
  schema: string | undefined,
  name: string,
): boolean {
  if (entries.size === 0) return false;
  if (schema === undefined) return entries.has(name);
  return entries.has(`${schema}.${name}`) || (schema === 'pg_catalog' && entries.has(name));
}
