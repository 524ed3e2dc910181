/** A tenant's events counted over time, for a picture of them. */
import { z } from 'zod';
import { controlOperation } from '../operation.ts';
import { filterFields } from './events.ts';
import { timeField } from './paging.ts';
import { type ControlWork, tenantIdOf } from './work.ts';

const histogramSchema = z.object({
  from: timeField,
  to: timeField,
  slotSeconds: z.int(),
  slots: z.array(z.object({ at: timeField, success: z.int(), failure: z.int(), denied: z.int() })),
  total: z.int(),
  complete: z.boolean().describe('False where only the newest part was counted.'),
});

const SLOT_MS = 900_000;
/** What the counts that are kept can tell of. */
const COUNTED: ReadonlySet<string> = new Set(['from', 'to', 'outcome', 'action']);
const ACTION = /^[a-z][a-z0-9_.]*(?:\.\*)?$/;
const COUNTED_MAX = 20_000;

export const histogramOperation = (work: ControlWork) =>
  controlOperation({
    name: 'event.histogram',
    summary: 'Counts a tenant’s events over time.',
    description: `By action and outcome from counts that are kept; with other filters, the newest ${COUNTED_MAX} events that they find.`,
    permission: 'audit:read',
    kind: 'read',
    input: z.strictObject({
      ...filterFields,
      slots: z.int().min(1).max(400).default(96).describe('How many slots.'),
    }),
    output: histogramSchema,
    errors: ['audit.filter_invalid'],
    async run(call) {
      const { slots, ...filter } = call.input;
      const span = timeSpan(filter.from, filter.to, slots);
      const isCounted =
        Object.entries(filter).every(([name, value]) => value === undefined || COUNTED.has(name)) &&
        // What is short enough is looked at in finer slots than the counts have; what is none, by who refuses it.
        (filter.action === undefined ||
          (span.slotMs >= SLOT_MS && filter.action.every((action) => ACTION.test(action))));
      return isCounted ? counted(work, tenantIdOf(call), span, filter) : found(work, filter, span);
    },
  });

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly slotMs: number;
}

const DAY_MS = 86_400_000;

/** Whole slots of a whole number of minutes; the last 24 hours unless said otherwise. */
function timeSpan(from: string | undefined, to: string | undefined, slots: number): Span {
  const end = readTime(to) ?? Date.now();
  const begin = Math.min(readTime(from) ?? end - DAY_MS, end - 60_000);
  const slotMs = Math.max(60_000, Math.ceil((end - begin) / slots / 60_000) * 60_000);
  const fromMs = Math.floor(begin / slotMs) * slotMs;
  return { fromMs, toMs: Math.ceil(end / slotMs) * slotMs, slotMs };
}

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  // What is no time is the filter's to refuse.
  return Number.isFinite(ms) && ms >= 0 && ms < Date.UTC(9999, 0) ? ms : undefined;
}

const emptySlots = ({ fromMs, toMs, slotMs }: Span) =>
  Array.from(
    { length: Math.max(1, Math.min(1_000, Math.round((toMs - fromMs) / slotMs))) },
    (_, n) => ({
      at: new Date(fromMs + n * slotMs).toISOString(),
      success: 0,
      failure: 0,
      denied: 0,
    }),
  );

const answerOf = (span: Span, slots: ReturnType<typeof emptySlots>, complete: boolean) => ({
  from: new Date(span.fromMs).toISOString(),
  to: new Date(span.toMs).toISOString(),
  slotSeconds: span.slotMs / 1_000,
  slots,
  total: slots.reduce((sum, slot) => sum + slot.success + slot.failure + slot.denied, 0),
  complete,
});

const SUMS = `sum(c.events) as events, sum(c.failures) as failures, sum(c.denials) as denials`;
const slotIn = (from: string, slotMs: string): string =>
  `floor((extract(epoch from c.slot)::float8 * 1000 - ${from}) / ${slotMs})::integer`;
const COUNTS = `
  select ${slotIn('$2::float8', '$4::float8')} as nth, ${SUMS} from bulkhead.live_slot c
   where c.tenant_id = $1 and c.slot >= to_timestamp($2 / 1000) and c.slot < to_timestamp($3::float8 / 1000)
   group by 1`;
const COUNTS_OF_ACTIONS = `
  select ${slotIn('$2::float8', '$4::float8')} as nth, ${SUMS}
    from unnest($5::text[], $6::text[]) as r (first, behind)
    join bulkhead.live_action c on c.tenant_id = $1 and c.action >= r.first and c.action < r.behind
   where c.slot >= to_timestamp($2 / 1000) and c.slot < to_timestamp($3::float8 / 1000)
   group by 1`;

/** Where in the order of actions those lie that are asked for; none is in two of the stretches. */
function stretchesOf(actions: readonly string[]): readonly (readonly [string, string])[] {
  const begins = actions.filter((action) => action.endsWith('.*'));
  const covers = (begin: string, action: string): boolean =>
    begin !== action && action.startsWith(begin.slice(0, -1));
  return [...new Set(actions)]
    .filter((action) => !begins.some((begin) => covers(begin, action)))
    .map((action) =>
      action.endsWith('.*')
        ? // The character behind the point.
          ([action.slice(0, -1), `${action.slice(0, -2)}/`] as const)
        : ([action, `${action} `] as const),
    );
}

async function counted(
  work: ControlWork,
  tenant: string,
  given: Span,
  {
    outcome: outcomes = ['success', 'failure', 'denied'],
    action,
  }: {
    readonly outcome?: readonly string[] | undefined;
    readonly action?: readonly string[] | undefined;
  },
) {
  // The counts are of quarters of an hour: nothing finer can be told from them.
  const slotMs = Math.max(SLOT_MS, Math.ceil(given.slotMs / SLOT_MS) * SLOT_MS);
  const fromMs = Math.floor(given.fromMs / slotMs) * slotMs;
  const span = { fromMs, toMs: Math.ceil(given.toMs / slotMs) * slotMs, slotMs };
  const slots = emptySlots(span);
  const stretches = stretchesOf(action ?? []);
  const { rows } = await work.operatorQuery(action === undefined ? COUNTS : COUNTS_OF_ACTIONS, [
    tenant,
    span.fromMs,
    span.toMs,
    slotMs,
    ...(action === undefined
      ? []
      : [stretches.map(([first]) => first), stretches.map(([, behind]) => behind)]),
  ]);
  for (const { nth, events, failures, denials } of rows) {
    const slot = slots[Number(nth)];
    if (slot === undefined) continue;
    const counts = {
      failure: Number(failures),
      denied: Number(denials),
      success: Math.max(0, Number(events) - Number(failures) - Number(denials)),
    };
    for (const [outcome, count] of Object.entries(counts) as [keyof typeof counts, number][]) {
      if (outcomes.includes(outcome)) slot[outcome] += count;
    }
  }
  return answerOf(span, slots, true);
}

async function found(
  work: ControlWork,
  filter: Parameters<ControlWork['audit']['tally']>[0] & object,
  span: Span,
) {
  const slots = emptySlots(span);
  const bounded = {
    ...filter,
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
  };
  // What was asked is checked as it was asked.
  if (filter.from !== undefined && readTime(String(filter.from)) === undefined)
    bounded.from = String(filter.from);
  if (filter.to !== undefined && readTime(String(filter.to)) === undefined)
    bounded.to = String(filter.to);
  const { moments, complete } = await work.audit.tally({ ...bounded, atMost: COUNTED_MAX });
  for (const { time, outcome } of moments) {
    const slot = slots[Math.floor((Date.parse(time) - span.fromMs) / span.slotMs)];
    if (slot !== undefined) slot[outcome] += 1;
  }
  return answerOf(span, slots, complete);
}
