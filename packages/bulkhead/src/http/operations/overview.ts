/** What a glance must answer: are tenants isolated, is the log whole, is something wrong, what waits. */
import { z } from 'zod';
import { moment } from '../../kernel/moment.ts';
import { controlOperation } from '../operation.ts';
import { activitySlot, readActivity } from './activity.ts';
import { denialNotice, latestDenials } from './notices.ts';
import { timeField } from './paging.ts';
import type { ControlWork } from './work.ts';

const waitingItem = z.object({
  kind: z.enum(['leak', 'denials', 'invitation_expiring', 'log_fault', 'unprotected_table', 'job']),
  title: z.string(),
  detail: z.string(),
  href: z.string().describe('Below the console.'),
  state: z.enum(['proven', 'attention', 'breach', 'quiet', 'unknown']),
  since: timeField.nullable(),
});

export const overviewSchema = z.object({
  serverTime: timeField,
  isolation: z.object({
    tenants: z.int(),
    proven: z.int().describe('Objects of the database, of the last proof.'),
    leaks: z.int(),
    unknown: z.int(),
    provenAt: timeField.nullable(),
    schemaVersion: z.string().nullable(),
  }),
  log: z.object({
    events: z.int(),
    logs: z.int(),
    verifiedEvents: z.int(),
    verifiedAt: timeField.nullable(),
    whole: z.boolean().nullable().describe('Null until it was verified for the first time.'),
    fault: z.string().nullable(),
    unsigned: z.int().describe('Logs that have grown since their last checkpoint.'),
  }),
  denials: z.object({ lastHour: z.int(), last24Hours: z.int(), tenants: z.int() }),
  activity: z.array(activitySlot),
  waiting: z.array(waitingItem),
  latestDenials: z.array(denialNotice),
});

const hullSchema = z.object({
  ids: z.array(z.string()),
  slugs: z.array(z.string()),
  names: z.array(z.string()),
  disabled: z.array(z.boolean()),
  events: z.array(z.int()).describe('In the last 24 hours.'),
  denials: z.array(z.int()),
});

const FACTS = `
  select (select count(*) from bulkhead.tenant where id <> '00000000-0000-0000-0000-000000000000') as tenants,
         (select coalesce(sum(next), 0) from bulkhead.audit_log) as events,
         (select count(*) from bulkhead.audit_log) as logs,
         (select count(*) from bulkhead.audit_unsigned where since < clock_timestamp() - interval '10 seconds') as unsigned,
         (select format('%s %s', room, lpad(number::text, 6, '0')) from bulkhead.migration
           where applied_at is not null order by applied_at desc, number desc limit 1) as schema_version,
         (select coalesce(sum(denials), 0) from bulkhead.live_slot where slot >= clock_timestamp() - interval '1 hour') as hour,
         (select coalesce(sum(denials), 0) from bulkhead.live_slot where slot >= clock_timestamp() - interval '24 hours') as day,
         (select count(distinct tenant_id) from bulkhead.live_slot
           where slot >= clock_timestamp() - interval '24 hours' and denials > 0) as denied_tenants,
         ${moment('clock_timestamp()')} as now`;

const LAST = `
  select distinct on (kind) kind, result, ${moment('finished_at')} as at
    from bulkhead.control_job
   where tenant_id = '00000000-0000-0000-0000-000000000000' and status = 'done' and kind in ('proof', 'verification')
   order by kind, finished_at desc`;

const FAILED = `
  select id, title, problem, ${moment('finished_at')} as at from bulkhead.control_job j
   where tenant_id = '00000000-0000-0000-0000-000000000000' and status = 'failed'
     and finished_at > clock_timestamp() - interval '24 hours'
     and not exists (select from bulkhead.control_job k where k.tenant_id = j.tenant_id and k.kind = j.kind
                      and k.status = 'done' and k.finished_at > j.finished_at)
   order by finished_at desc limit 5`;

interface ProofResult {
  readonly summary: { readonly proven: number; readonly leak: number; readonly unknown: number };
}
export interface VerificationResult {
  readonly ok: boolean;
  readonly events: number;
  readonly logs: number;
  readonly faults: readonly {
    readonly tenant: string;
    readonly class: string;
    readonly detail: string;
  }[];
}

export function overviewOperations(work: ControlWork) {
  const { operatorQuery: query } = work;
  return [
    controlOperation({
      name: 'overview.get',
      summary: 'Says whether tenants are isolated, the log is whole and something is wrong.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: overviewSchema,
      errors: [],
      async run() {
        const [facts, last, failed, activity, denials] = await Promise.all([
          query(FACTS, []),
          query(LAST, []),
          query(FAILED, []),
          readActivity(query, null, 900, 96),
          latestDenials(query, null, 12),
        ]);
        const row = facts.rows[0] ?? {};
        const of = (kind: string) => last.rows.find((job) => job.kind === kind);
        const proof = of('proof');
        const summary = (proof?.result as ProofResult | undefined)?.summary;
        const verification = of('verification');
        const verified = verification?.result as VerificationResult | undefined;
        const waiting: z.input<typeof waitingItem>[] = [];
        const leaks = summary?.leak ?? 0;
        if (leaks > 0) {
          waiting.push({
            kind: 'leak',
            title: leaks === 1 ? 'One object leaks.' : `${leaks} objects leak.`,
            detail: 'The last proof shows the SQL by which one tenant reads another, and the fix.',
            href: '/isolation',
            state: 'breach',
            since: String(proof?.at),
          });
        }
        const fault = verified?.faults[0];
        if (fault !== undefined) {
          waiting.push({
            kind: 'log_fault',
            title: 'The audit log is not whole.',
            detail: fault.detail,
            href: `/audit?tenant=${fault.tenant}`,
            state: 'breach',
            since: String(verification?.at),
          });
        }
        for (const { title, problem, at } of failed.rows) {
          waiting.push({
            kind: 'job',
            title: `${String(title)} failed.`,
            detail: String((problem as { title?: unknown } | null)?.title ?? 'It ended early.'),
            href: '/isolation',
            state: 'attention',
            since: String(at),
          });
        }
        if (Number(row.hour) > 0) {
          waiting.push({
            kind: 'denials',
            title:
              Number(row.hour) === 1
                ? 'One denial in the last hour.'
                : `${Number(row.hour)} denials in the last hour.`,
            detail: 'Somebody asked for what is not theirs, and was refused.',
            href: '/audit?outcome=denied',
            state: 'attention',
            since: denials[0]?.at ?? null,
          });
        }
        return {
          serverTime: String(row.now),
          isolation: {
            tenants: Number(row.tenants),
            proven: summary?.proven ?? 0,
            leaks,
            unknown: summary?.unknown ?? 0,
            provenAt: proof === undefined ? null : String(proof.at),
            schemaVersion: row.schema_version === null ? null : String(row.schema_version),
          },
          log: {
            events: Number(row.events),
            logs: Number(row.logs),
            verifiedEvents: verified?.events ?? 0,
            verifiedAt: verification === undefined ? null : String(verification.at),
            whole: verified?.ok ?? null,
            fault: fault?.detail ?? null,
            unsigned: Number(row.unsigned),
          },
          denials: {
            lastHour: Number(row.hour),
            last24Hours: Number(row.day),
            tenants: Number(row.denied_tenants),
          },
          activity,
          waiting,
          latestDenials: denials,
        };
      },
    }),
    controlOperation({
      name: 'overview.hull',
      summary: 'Shows all tenants as compartments.',
      description: 'Columns of equal length, so that thousands of tenants are small.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: hullSchema,
      errors: [],
      async run() {
        const { rows } = await query(
          `select t.id, t.slug, t.name, t.status, coalesce(s.events, 0) as events, coalesce(s.denials, 0) as denials
             from bulkhead.tenant t
             left join (select tenant_id, sum(events) as events, sum(denials) as denials from bulkhead.live_slot
                         where slot >= clock_timestamp() - interval '24 hours' group by tenant_id) s on s.tenant_id = t.id
            where t.id <> '00000000-0000-0000-0000-000000000000'
            order by t.slug limit 100000`,
          [],
        );
        return {
          ids: rows.map(({ id }) => String(id)),
          slugs: rows.map(({ slug }) => String(slug)),
          names: rows.map(({ name }) => String(name)),
          disabled: rows.map(({ status }) => status !== 'active'),
          events: rows.map(({ events }) => Number(events)),
          denials: rows.map(({ denials }) => Number(denials)),
        };
      },
    }),
  ];
}
