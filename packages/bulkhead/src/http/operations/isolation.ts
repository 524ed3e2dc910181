/** What the last proof says of the walls, and how to ask for another. */
import { z } from 'zod';
import { moment } from '../../kernel/moment.ts';
import { OPERATORS } from '../control-gate.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import { controlOperation } from '../operation.ts';
import { jobSchema } from './jobs.ts';
import { timeField } from './paging.ts';
import type { ControlWork } from './work.ts';

const verdict = z.enum(['proven', 'leak', 'unknown']);

const finding = z.object({
  kind: z.string(),
  why: z.string(),
  exploit: z.string().nullable(),
  confirmed: z.boolean(),
  fix: z.string().nullable(),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
});

const proofSchema = z.object({
  database: z.string(),
  role: z.string(),
  summary: z.object({ proven: z.int(), leak: z.int(), unknown: z.int() }),
  objects: z.array(
    z.object({
      object: z.string(),
      type: z.string(),
      verdict,
      because: z.string().nullable(),
      findings: z.array(finding),
    }),
  ),
  convention: z.object({
    kind: z.string(),
    setting: z.string().nullable(),
    expression: z.string().nullable(),
    tenantColumns: z.array(z.string()),
    registry: z.string().nullable(),
  }),
  notSeen: z.array(z.string()),
});

const reportSchema = z.object({
  provenAt: timeField.nullable(),
  schemaVersion: z.string().nullable(),
  running: z.boolean(),
  proof: proofSchema.nullable(),
  edges: z
    .array(z.object({ from: z.string(), to: z.string() }))
    .describe('From a view to what it reads.'),
});

/** Of the last proof that ended, and of what is going on now. */
const REPORT = `
  select (select jsonb_build_object('result', j.result, 'at', ${moment('j.finished_at')})
            from bulkhead.control_job j
           where j.tenant_id = '${OPERATORS}' and j.kind = 'proof' and j.status = 'done'
           order by j.finished_at desc limit 1) as last,
         exists (select from bulkhead.control_job j where j.tenant_id = '${OPERATORS}' and j.kind = 'proof'
                    and j.status in ('queued', 'running')) as running,
         (select format('%s %s', room, lpad(number::text, 6, '0')) from bulkhead.migration
           where applied_at is not null order by applied_at desc, number desc limit 1) as schema_version`;

const EDGES = `
  select distinct format('%s.%s', vn.nspname, v.relname) as "from", format('%s.%s', tn.nspname, t.relname) as "to"
    from pg_rewrite r
    join pg_class v on v.oid = r.ev_class and v.relkind in ('v', 'm')
    join pg_namespace vn on vn.oid = v.relnamespace
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    join pg_class t on t.oid = d.refobjid and t.oid <> v.oid and t.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_namespace tn on tn.oid = t.relnamespace
   where vn.nspname not in ('pg_catalog', 'information_schema')
   order by 1, 2 limit 5000`;

export function isolationOperations(work: ControlWork, jobs: JobRunner) {
  return [
    controlOperation({
      name: 'isolation.get',
      summary: 'Shows the last proof: every object that the app reaches, and what holds it.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: reportSchema,
      errors: [],
      async run() {
        const [{ rows }, edges] = await Promise.all([
          work.operatorQuery(REPORT, []),
          work.operatorQuery(EDGES, []),
        ]);
        const row = rows[0] ?? {};
        // Written by the job, as the prover's report.
        const last = row.last as { result: z.input<typeof proofSchema>; at: string } | null;
        return {
          provenAt: last?.at ?? null,
          schemaVersion: row.schema_version === null ? null : String(row.schema_version),
          running: row.running === true,
          proof: last?.result ?? null,
          edges: edges.rows.map(({ from, to }) => ({ from: String(from), to: String(to) })),
        };
      },
    }),
    controlOperation({
      name: 'isolation.prove',
      summary: 'Proves isolation again.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'isolation.proof_started',
      input: z.strictObject({}),
      output: jobSchema,
      errors: ['http.job_running'],
      run: async ({ caller }) => {
        if (caller === null) throw new Error('the route demands credentials');
        return jobs.start(caller, 'proof', 'Proving isolation', 'isolation.proof_started');
      },
    }),
    controlOperation({
      name: 'audit.verify',
      summary: 'Verifies every log against what was signed.',
      permission: 'audit:read',
      kind: 'change',
      event: 'audit.verification_started',
      input: z.strictObject({}),
      output: jobSchema,
      errors: ['http.job_running'],
      run: async ({ caller }) => {
        if (caller === null) throw new Error('the route demands credentials');
        return jobs.start(
          caller,
          'verification',
          'Verifying the audit log',
          'audit.verification_started',
        );
      },
    }),
  ];
}
