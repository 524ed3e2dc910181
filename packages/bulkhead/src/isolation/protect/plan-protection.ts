/**
 * Plans how tables come into isolation. Pure: the same catalog and request give the same plan, and a plan
 * made after an interruption holds exactly what is left to do.
 */
import { type Catalog, primaryKey, protectedBy } from './catalog.ts';
import type { Draft } from './draft.ts';
import { type Plan, type ProtectRequest, requestSchema, type Stage } from './plan.ts';
import { planColumn } from './plan-column.ts';
import { planEnforcement, planViews } from './plan-enforcement.ts';
import { planForeignKeys } from './plan-foreign-keys.ts';
import { planKeys } from './plan-keys.ts';
import { judgeServer, judgeTable } from './plan-refusals.ts';
import { planSubjects } from './plan-source.ts';
import { displayRelation } from './quote.ts';

const STAGES: readonly Stage[] = ['prepare', 'enforce', 'contract'];

export function planProtection(catalog: Catalog, request: ProtectRequest = {}): Plan {
  const draft: Draft = {
    catalog,
    request: requestSchema.parse(request),
    subjects: [],
    steps: [],
    refusals: [],
    notes: [],
    probes: [],
  };
  judgeServer(draft);
  const listed = catalog.listed.flatMap((oid) =>
    catalog.tables.filter((table) => table.oid === oid),
  );
  const able = listed.filter((table) => judgeTable(draft, table));
  planSubjects(
    draft,
    able.filter((table) => primaryKey(table) !== undefined),
  );
  // A plan around a refused table would be a plan for something else.
  if (draft.subjects.length === listed.length) planSteps(draft);
  const refused = draft.refusals.length > 0;
  const touched = new Set(draft.steps.map((step) => step.table));
  return {
    tables: listed.map(displayRelation),
    alreadyProtected: listed
      .filter((table) => protectedBy(table) !== undefined && !touched.has(displayRelation(table)))
      .map(displayRelation),
    steps: refused
      ? []
      : STAGES.flatMap((stage) => draft.steps.filter((step) => step.stage === stage)),
    refusals: draft.refusals,
    notes: draft.steps.length === 0 && !refused ? [] : draft.notes,
    probes: refused ? [] : draft.probes,
  };
}

/** Parents before children throughout: a child takes its tenant from a parent that is complete. */
function planSteps(draft: Draft): void {
  for (const subject of draft.subjects) planColumn(draft, subject);
  // Building an index after the backfill spares it every filled row; swaps sort behind by their stage.
  for (const subject of draft.subjects) planKeys(draft, subject);
  planForeignKeys(draft);
  for (const subject of draft.subjects) planViews(draft, subject);
  for (const subject of draft.subjects) planEnforcement(draft, subject);
}
