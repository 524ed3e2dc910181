/** A tenant's events: searching them, one and its proof, what to search for, all as a file, and erasing a person. */
import { z } from 'zod';
import { builtInActions, subjectSchema } from '../../audit/index.ts';
import { moment } from '../../kernel/moment.ts';
import { controlOperation, streamOperation } from '../operation.ts';
import { afterField, limitField, pageOf, timeField } from './paging.ts';
import { type ControlWork, tenantIdOf } from './work.ts';

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

export const filterFields = {
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

const SEARCHED = ['audit.filter_invalid', 'audit.search_too_wide', 'audit.cursor_invalid'];

export function eventOperations(work: ControlWork) {
  const { audit } = work;
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
          [tenantIdOf(call), proven.log.class, proven.proof.treeSize],
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
          work.operatorQuery(DONE, [tenantIdOf(call), ACTIONS_MAX]),
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

const ACTIONS_MAX = 500;
/** Each action that is counted, by a step in the index for each. */
const DONE = `
  with recursive done (action) as (
    (select a.action from bulkhead.live_action a where a.tenant_id = $1 order by a.action limit 1)
    union all
    select (select a.action from bulkhead.live_action a
             where a.tenant_id = $1 and a.action > d.action order by a.action limit 1)
      from done d where d.action is not null)
  select action from done where action is not null limit $2`;
