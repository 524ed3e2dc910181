/** A tenant's log: searching it, one event and its proof, counts to look at, and all of it as a file. */
import { z } from 'zod';
import { builtInActions, subjectSchema } from '../../audit/index.ts';
import { moment } from '../../kernel/moment.ts';
import { controlOperation, type OperationCall, streamOperation } from '../operation.ts';
import { afterField, limitField, pageOf, timeField } from './paging.ts';
import type { ControlWork } from './work.ts';

const named = z.object({ type: z.string(), id: z.string(), name: z.string().optional() });
const free = z.record(z.string(), z.unknown());

export const eventSchema = z.object({
  id: z.string(),
  tenant: z.string(),
  class: z.string(),
  leafIndex: z.int(),
  action: z.string(),
  actor: named,
  targets: z.array(named),
  outcome: z.enum(['success', 'failure', 'denied']),
  source: z.string(),
  time: timeField,
  recorded: timeField,
  claimedTime: z.string().optional(),
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  location: z
    .object({
      country: z.string().optional(),
      region: z.string().optional(),
      city: z.string().optional(),
      latitude: z.number().optional(),
      longitude: z.number().optional(),
    })
    .optional(),
  requestId: z.string().optional(),
  sessionId: z.string().optional(),
  reason: z.string().optional(),
  metadata: free.optional(),
  before: free.optional(),
  after: free.optional(),
  closed: z.record(z.string(), z.enum(['erased', 'sealed'])).optional(),
});

const moments = z.string().max(40).optional();
const words = (of: string) =>
  z.array(z.string().min(1).max(330)).min(1).max(20).optional().describe(of);

const filterFields = {
  from: moments.describe('Events that happened then or later.'),
  to: moments.describe('Events that happened before then.'),
  action: words('An action, or its first words and `.*`.'),
  actor: words('A type, or type:id.'),
  target: words('A type, or type:id.'),
  outcome: z
    .array(z.enum(['success', 'failure', 'denied']))
    .min(1)
    .max(3)
    .optional(),
  text: z.string().min(1).max(300).optional().describe('Words that must all stand in the event.'),
  class: z.string().min(1).max(32).optional().describe('The retention class.'),
};

const histogramSchema = z.object({
  from: timeField,
  to: timeField,
  slotSeconds: z.int(),
  slots: z.array(z.object({ at: timeField, success: z.int(), failure: z.int(), denied: z.int() })),
  total: z.int(),
  complete: z.boolean().describe('False where only the newest part was counted.'),
});

const proofSchema = z.object({
  proof: z.object({
    leafIndex: z.int(),
    treeSize: z.int(),
    hashes: z.array(z.string()),
    leafHash: z.string(),
    rootHash: z.string(),
    entry: z.string(),
  }),
  checkpoint: z.string(),
  log: z.object({ tenant: z.string(), class: z.string() }),
  signedAt: timeField.nullable(),
  verifierKeys: z.array(z.string()),
});

const logStatus = z.object({
  items: z.array(
    z.object({
      class: z.string(),
      origin: z.string(),
      size: z.int(),
      signedSize: z.int(),
      signedAt: timeField.nullable(),
      rootHash: z.string().nullable(),
      checkpoint: z.string().nullable(),
      verifierKeys: z.array(z.string()),
    }),
  ),
});

const exportFormats = ['ndjson', 'csv', 'ocsf', 'ecs', 'cef', 'rfc5424'] as const;
const MEDIA: Readonly<
  Record<(typeof exportFormats)[number], readonly [type: string, extension: string]>
> = {
  ndjson: ['application/x-ndjson', 'ndjson'],
  csv: ['text/csv; charset=utf-8', 'csv'],
  ocsf: ['application/x-ndjson', 'ocsf.ndjson'],
  ecs: ['application/x-ndjson', 'ecs.ndjson'],
  cef: ['text/plain; charset=utf-8', 'cef'],
  rfc5424: ['text/plain; charset=utf-8', 'log'],
};

const SLOT_MS = 900_000;
/** What the counts that are kept can tell of. */
const COUNTED: ReadonlySet<string> = new Set(['from', 'to', 'outcome', 'action']);
const ACTION = /^[a-z][a-z0-9_.]*(?:\.\*)?$/;
const ACTIONS_MAX = 500;
const COUNTED_MAX = 20_000;
const SEARCHED = ['audit.filter_invalid', 'audit.search_too_wide', 'audit.cursor_invalid'];

export function eventOperations(work: ControlWork) {
  const { audit } = work;
  const idOf = ({ tenant }: OperationCall<unknown>): string => {
    if (tenant === null) throw new Error('the route names a tenant');
    return tenant.id;
  };
  return [
    controlOperation({
      name: 'event.search',
      summary: 'Searches a tenant’s events, the newest first.',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({ ...filterFields, after: afterField, limit: limitField(50) }),
      output: pageOf(eventSchema),
      errors: SEARCHED,
      async run({ input: { after, ...filter } }) {
        const { events, next } = await audit.search({ ...filter, cursor: after });
        return { items: events.map(readable), next };
      },
    }),
    controlOperation({
      name: 'event.get',
      summary: 'Shows one event.',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({ event: z.uuid() }),
      output: eventSchema,
      errors: ['audit.leaf_absent'],
      run: async ({ input: { event } }) => readable(await audit.get(event)),
    }),
    controlOperation({
      name: 'event.prove',
      summary: 'Proves that an event is in the signed log.',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({ event: z.uuid() }),
      output: proofSchema,
      errors: ['audit.leaf_absent'],
      async run(call) {
        const proven = await audit.prove(call.input.event);
        const { rows } = await work.contextQuery(
          `select ${moment('signed_at')} as at from bulkhead.audit_checkpoint
            where tenant_id = $1 and class = $2 and size = $3`,
          [idOf(call), proven.log.class, proven.proof.treeSize],
        );
        const origin = proven.checkpoint.split('\n', 1)[0] ?? '';
        return {
          ...proven,
          proof: { ...proven.proof, hashes: [...proven.proof.hashes] },
          signedAt: rows[0] === undefined ? null : String(rows[0].at),
          verifierKeys: [...work.verifierKeys(origin)],
        };
      },
    }),
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
          Object.entries(filter).every(
            ([name, value]) => value === undefined || COUNTED.has(name),
          ) &&
          // What is short enough is looked at in finer slots than the counts have; what is none, by who refuses it.
          (filter.action === undefined ||
            (span.slotMs >= SLOT_MS && filter.action.every((action) => ACTION.test(action))));
        return isCounted ? counted(work, idOf(call), span, filter) : found(work, filter, span);
      },
    }),
    controlOperation({
      name: 'event.facets',
      summary: 'Suggests what to search for.',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({}),
      output: z.object({
        actions: z.array(z.object({ action: z.string(), description: z.string() })),
        actors: z.array(named),
        targetTypes: z.array(z.string()),
      }),
      errors: [],
      async run(call) {
        const [{ events }, done] = await Promise.all([
          audit.search({ limit: 100 }),
          work.operatorQuery(DONE, [idOf(call), ACTIONS_MAX]),
        ]);
        const actors = new Map(
          events.map(({ actor }) => [`${actor.type}:${actor.id}`, readableActor(actor)]),
        );
        const known = new Map(
          [
            ...builtInActions.actions.values(),
            ...work.actions.map((of) => ({ ...of, name: of.action })),
          ].map(({ name, description }) => [name, description]),
        );
        for (const { action } of [...done.rows, ...events]) {
          if (!known.has(String(action))) known.set(String(action), '');
        }
        return {
          actions: [...known].map(([action, description]) => ({ action, description })),
          actors: [...actors.values()],
          targetTypes: [
            ...new Set(events.flatMap(({ targets }) => targets.map(({ type }) => type))),
          ],
        };
      },
    }),
    streamOperation({
      name: 'event.export',
      summary: 'Writes all events that a filter finds, in a format of SIEMs or spreadsheets.',
      permission: 'audit:export',
      input: z.strictObject({ ...filterFields, format: z.enum(exportFormats).default('ndjson') }),
      mediaTypes: [...new Set(Object.values(MEDIA).map(([type]) => type.split(';', 1)[0] ?? type))],
      errors: ['audit.filter_invalid'],
      async run(call) {
        const { format, ...filter } = call.input;
        // Its first piece is asked for now, so that a filter at fault is a problem and not half a file.
        const pieces = audit.export(format, filter);
        const first = await pieces.next();
        const [mediaType, extension] = MEDIA[format];
        return {
          mediaType,
          fileName: `${call.tenant?.slug ?? 'events'}.${extension}`,
          pieces: (async function* () {
            if (first.done === true) return;
            yield first.value;
            yield* pieces;
          })(),
        };
      },
    }),
    controlOperation({
      name: 'audit.erase',
      summary:
        'Makes a person’s data in the tenant’s log unreadable for ever; the log stays whole.',
      description:
        'Done again it changes nothing. The app’s own tables and exports made before are not touched.',
      permission: 'audit:erase',
      kind: 'change',
      event: 'subject.erased',
      input: z.strictObject({
        subject: subjectSchema,
        reason: z.string().trim().min(1).max(1_000).describe('Why, for the record.'),
      }),
      output: z.object({
        pseudonym: z.string().describe('What the log calls the person from now on.'),
        wasKnown: z.boolean(),
        openingsDeleted: z.int(),
      }),
      errors: ['audit.erasure_unconfigured'],
      async run({ input: { subject, reason } }) {
        const { pseudonym, wasKnown, openingsDeleted } = await audit.eraseSubject(subject, {
          reason,
        });
        return { pseudonym, wasKnown, openingsDeleted };
      },
    }),
    controlOperation({
      name: 'log.prove',
      summary: 'Proves that a log continues what it was at an earlier signed size.',
      description:
        'Whoever kept an earlier checkpoint shows by it that nothing before was changed or taken out (RFC 6962, 2.1.2).',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({
        class: z.string().min(1).max(32),
        from: z.int().min(1).describe('The earlier size, as a checkpoint says it.'),
        to: z.int().min(1).describe('The later one.'),
      }),
      output: z.object({
        oldSize: z.int(),
        newSize: z.int(),
        hashes: z.array(z.string()),
        oldRoot: z.string(),
        newRoot: z.string(),
      }),
      errors: ['audit.filter_invalid', 'audit.leaf_absent'],
      async run({ input: { class: name, ...sizes } }) {
        const proof = await audit.proveConsistency(sizes, { class: name });
        return { ...proof, hashes: [...proof.hashes] };
      },
    }),
    controlOperation({
      name: 'log.list',
      summary: 'Shows a tenant’s logs: their size, and how far they are signed.',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({}),
      output: logStatus,
      errors: [],
      async run(call) {
        const { rows } = await work.contextQuery(
          `select l.class, l.origin, l.next, c.size, c.note, encode(c.root, 'base64') as root, ${moment('c.signed_at')} as signed_at
             from bulkhead.audit_log l
             left join lateral (select k.size, k.root, k.note, k.signed_at from bulkhead.audit_checkpoint k
               where k.tenant_id = l.tenant_id and k.class = l.class order by k.size desc limit 1) c on true
            where l.tenant_id = $1 order by l.class`,
          [idOf(call)],
        );
        const text = (value: unknown): string | null => (value == null ? null : String(value));
        return {
          items: rows.map((row) => ({
            class: String(row.class),
            origin: String(row.origin),
            size: Number(row.next),
            signedSize: Number(row.size ?? 0),
            signedAt: text(row.signed_at),
            rootHash: text(row.root),
            checkpoint: text(row.note),
            verifierKeys: [...work.verifierKeys(String(row.origin))],
          })),
        };
      },
    }),
  ];
}

type ReadEvent = Awaited<ReturnType<ControlWork['audit']['get']>>;

/** An event as it travels: the log's own bookkeeping stays behind. */
function readable(event: ReadEvent): z.input<typeof eventSchema> {
  const { v: _, commitments: _c, committedJson: _j, pseudonyms: _p, ...rest } = event;
  return {
    ...rest,
    actor: readableActor(event.actor),
    targets: event.targets.map(readableActor),
  } as z.input<typeof eventSchema>;
}

const readableActor = ({ type, id, name }: ReadEvent['actor']) => ({
  type,
  id,
  ...(name !== undefined && { name }),
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

/** Each action that is counted, by a step in the index for each. */
const DONE = `
  with recursive done (action) as (
    (select a.action from bulkhead.live_action a where a.tenant_id = $1 order by a.action limit 1)
    union all
    select (select a.action from bulkhead.live_action a
             where a.tenant_id = $1 and a.action > d.action order by a.action limit 1)
      from done d where d.action is not null)
  select action from done where action is not null limit $2`;

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
