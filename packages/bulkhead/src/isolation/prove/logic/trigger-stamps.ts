/**
 * Columns that a BEFORE trigger fills whatever the statement said: `NEW.tenant_id := …` on every path.
 *
 * Promises: only assignments at the top of a PL/pgSQL body of an enabled row trigger without WHEN count;
 * a policy's check sees the row after them.
 */
import type { Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { bodyOf } from './plpgsql-parser.ts';
import { as, list, textOf } from './tree.ts';

/** Column to expression. */
export function stampedColumns(
  world: World,
  relation: Relation,
  command: 'insert' | 'update',
): ReadonlyMap<string, string> {
  const stamps = new Map<string, string>();
  for (const trigger of world.catalog.triggers.get(relation.oid) ?? []) {
    const fires =
      trigger.enabled &&
      trigger.forEachRow &&
      trigger.timing === 'before' &&
      trigger.events.includes(command);
    if (!fires || / WHEN \(| UPDATE OF /.test(trigger.definition)) continue;
    const routine = world.catalog.routines.get(trigger.function);
    if (routine === undefined || routine.language !== 'plpgsql') continue;
    const block = as(bodyOf(routine)?.action, 'PLpgSQL_stmt_block');
    for (const item of list(block?.body)) {
      const inner = as(item, 'PLpgSQL_stmt_block');
      for (const statement of inner === undefined ? [item] : list(inner.body)) {
        const expr = as(as(statement, 'PLpgSQL_stmt_assign')?.expr, 'PLpgSQL_expr');
        const found = /^\s*new\.(?:"([^"]+)"|(\w+))\s*:?=\s*([\s\S]+)$/i.exec(
          textOf(expr?.query) ?? '',
        );
        const name = found?.[1] ?? found?.[2];
        if (name !== undefined && found?.[3] !== undefined) stamps.set(name, found[3]);
      }
    }
  }
  return stamps;
}
