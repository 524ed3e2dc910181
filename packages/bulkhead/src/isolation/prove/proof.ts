/**
 * Findings put together object by object, with every object the role reaches beside them.
 *
 * An object without findings is proven, and says why.
 */
import type { Relation, Routine } from './catalog/model.ts';
import { meantBecause } from './meant-routines.ts';
import type { Finding, ObjectType, Proof, ProvedObject, Verdict } from './model.ts';
import { objectName, roleObject } from './names.ts';
import { NOT_SEEN } from './not-seen.ts';
import { orderProof } from './report/order.ts';
import { relationType } from './rules/finding.ts';
import { isSystemSchema } from './system-schema.ts';
import type { Reach, World } from './world.ts';

interface Draft {
  readonly object: string;
  readonly type: ObjectType;
  readonly schema: string | null;
  readonly because: string | null;
  readonly findings: Finding[];
}

export function proofOf(
  world: World,
  findings: readonly Finding[],
  schemas: readonly string[] | undefined,
): Proof {
  const drafts = new Map<string, Draft>();
  const hidden = hiddenFrom(world);
  for (const draft of reachable(world)) {
    if (hidden !== null) draft.findings.push({ ...hidden, object: draft.object, type: draft.type });
    drafts.set(keyOf(draft), draft);
  }
  for (const finding of findings) {
    const key = keyOf(finding);
    const draft = drafts.get(key) ?? {
      object: finding.object,
      type: finding.type,
      schema: schemaOf(world, finding.object),
      because: null,
      findings: [],
    };
    draft.findings.push(finding);
    drafts.set(key, draft);
  }
  const objects = [...drafts.values()]
    .filter(({ schema }) => schemas === undefined || schema === null || schemas.includes(schema))
    .map(proved);
  const count = (verdict: Verdict) => objects.filter((one) => one.verdict === verdict).length;
  const { convention, catalog, surface } = world;
  const registry = [...convention.registries].map((oid) => catalog.relations.get(oid))[0];
  return orderProof({
    version: 1,
    database: catalog.server.database,
    role: surface.role.name,
    summary: { proven: count('proven'), leak: count('leak'), unknown: count('unknown') },
    objects,
    convention: {
      kind: convention.kind,
      setting: convention.setting,
      expression: convention.expression,
      tenantColumns: convention.tenantColumns,
      registry: registry === undefined ? null : objectName(registry.schema, registry.name),
    },
    notSeen: [
      ...NOT_SEEN,
      ...catalog.notSeen.map(
        ({ part, complaint }) => `The catalog did not show its ${part}: ${complaint}.`,
      ),
    ],
  });
}

/** A reader that was shown too little proves nothing, though a leak it sees is one. */
function hiddenFrom({ catalog }: World): Omit<Finding, 'object' | 'type'> | null {
  const parts = catalog.notSeen.filter(({ isEssential }) => isEssential).map(({ part }) => part);
  if (parts.length === 0) return null;
  return {
    kind: 'catalog-hidden',
    why: `${catalog.server.reader} was not shown the catalog's ${parts.join(', ')}, without which nothing is proven.`,
    exploit: null,
    confirmed: false,
    fix: null,
    severity: 'low',
    verdict: 'unknown',
  };
}

const keyOf = ({ object, type }: { object: string; type: ObjectType }) =>
  JSON.stringify([object, type]);

function proved({ object, type, because, findings }: Draft): ProvedObject {
  const verdict = findings.some((one) => one.verdict === 'leak')
    ? 'leak'
    : findings.length > 0
      ? 'unknown'
      : 'proven';
  return {
    object,
    type,
    verdict,
    because: verdict === 'proven' ? because : null,
    findings: findings.map(({ kind, why, exploit, confirmed, fix, severity }) => ({
      kind,
      why,
      exploit,
      confirmed,
      fix,
      severity,
    })),
  };
}

/** Every object that the role reaches, and the role itself. */
function reachable(world: World): readonly Draft[] {
  const drafts: Draft[] = [];
  for (const reach of world.surface.relations.values()) {
    const { relation } = reach;
    if (isSystemSchema(relation.schema) || relation.extension !== null) continue;
    drafts.push({
      object: objectName(relation.schema, relation.name),
      type: relationType(relation),
      schema: relation.schema,
      because: because(world, reach),
      findings: [],
    });
  }
  for (const oid of world.surface.routines) {
    const routine = world.catalog.routines.get(oid);
    if (!routine || isSystemSchema(routine.schema) || routine.extension !== null) continue;
    drafts.push({
      object: objectName(routine.schema, routine.name),
      type: routine.kind === 'procedure' ? 'procedure' : 'function',
      schema: routine.schema,
      because: becauseOfRoutine(routine),
      findings: [],
    });
  }
  drafts.push({
    object: roleObject(world.surface.role.name),
    type: 'role',
    schema: null,
    because: 'It bypasses nothing, owns no table of tenants and may become no role that does.',
    findings: [],
  });
  return drafts;
}

function becauseOfRoutine(routine: Routine): string {
  if (!routine.securityDefiner) {
    return "It runs with the caller's rights, to which the tables' policies apply.";
  }
  return (
    meantBecause(routine) ??
    "It runs with its owner's rights and lets no other tenant's row through."
  );
}

function because(world: World, { relation, rlsApplies }: Reach): string {
  const byKind = becauseOfKind(relation);
  if (byKind !== null) return byKind;
  const { role } = world.surface;
  switch (world.tenancy.get(relation.oid)?.kind) {
    case 'registry':
      return rlsApplies
        ? "It lists the tenants, and its policies let through only the context's."
        : `It lists the tenants; ${role.name} cannot change another tenant's entry.`;
    case 'shared':
      return `Nothing in it belongs to a tenant, and ${role.name} cannot carry anything from one tenant to another by it.`;
    default:
      return "Its policies let through only rows of the context's tenant.";
  }
}

function becauseOfKind({ kind, options }: Relation): string | null {
  if (kind === 'sequence') return 'It yields numbers and cannot be set.';
  if (kind === 'matview') return 'It reads no table of tenants.';
  if (kind !== 'view') return null;
  return options.get('security_invoker') === 'true' || options.get('security_invoker') === 'on'
    ? "It reads with the caller's rights, to which the tables' policies apply."
    : "It reads with its owner's rights and lets no other tenant's row through.";
}

/** The schema of an object that only a finding named, for `--schema`; null for what lies in none. */
function schemaOf(world: World, object: string): string | null {
  let longest: string | null = null;
  for (const { name } of world.catalog.schemas.values()) {
    const isWithin = object.startsWith(objectName(name, 'x').slice(0, -1));
    if (isWithin && name.length > (longest?.length ?? -1)) longest = name;
  }
  return longest;
}
