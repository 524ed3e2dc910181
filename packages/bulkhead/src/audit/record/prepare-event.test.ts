import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { checkActions, defineActions } from '../catalogue/define-actions.ts';
import { EVENT_BYTES_MAX, recordedEventSchema } from '../event.ts';
import { readPending } from '../read-pending.ts';
import { findAction, prepareEvent, prepareUnusual } from './prepare-event.ts';

const actions = defineActions({
  'free.form': { description: 'Takes any metadata.' },
  'strict.form': {
    description: 'Takes two fields.',
    metadata: z.object({
      email: z.string(),
      people: z.array(z.object({ name: z.string() })).optional(),
    }),
    personal: {
      'metadata.email': { type: 'customer', id: 'metadata.email' },
      'metadata.people.*.name': 'target',
      reason: 'actor',
    },
  },
});
const around = { actor: { type: 'user', id: 'alice' } };
const prepare = (event: unknown) => prepareEvent(actions, event, around);
const refusal = (event: unknown): { code?: string; message: string } => {
  try {
    prepare(event);
  } catch (error) {
    return error as { code: string; message: string };
  }
  return { message: 'was taken' };
};

test('a plain event becomes canonical JSON with a UUID of version 7', () => {
  const { id, class: name, text } = prepare({ action: 'free.form' });
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(name).toBe('standard');
  expect(text).toBe('{"action":"free.form","outcome":"success","targets":[]}');
});

test('personal fields are named with whose they are, each element of a list by itself', () => {
  const { text } = prepare({
    action: 'strict.form',
    targets: [{ type: 'guest', id: 'g1' }],
    reason: 'on the phone',
    metadata: { email: 'x@y.example', people: [{ name: 'A' }, { name: 'B' }] },
  });
  expect(JSON.parse(text).personal).toEqual([
    { path: '/metadata/email', subject: { type: 'customer', id: 'x@y.example' } },
    { path: '/metadata/people/0/name', subject: { type: 'guest', id: 'g1' } },
    { path: '/metadata/people/1/name', subject: { type: 'guest', id: 'g1' } },
    { path: '/reason', subject: { type: 'user', id: 'alice' } },
  ]);
});

test.each([
  ['an unknown action', { action: 'no.such' }, 'audit.action_unknown', 'no.such'],
  ['no action', {}, 'audit.event_invalid', 'action: is required'],
  ['no event', null, 'audit.event_invalid', 'action: is required'],
  [
    'an unknown field',
    { action: 'free.form', colour: 'red' },
    'audit.event_invalid',
    'colour: is not a known key',
  ],
  [
    'unknown metadata',
    { action: 'strict.form', metadata: { email: 'x', e_mail: 'y' } },
    'audit.event_invalid',
    'metadata.: e_mail',
  ],
  ['absent metadata', { action: 'strict.form' }, 'audit.event_invalid', 'metadata'],
  [
    'metadata that is no object',
    { action: 'free.form', metadata: [1] },
    'audit.event_invalid',
    'must be an object',
  ],
  [
    'a date',
    { action: 'free.form', metadata: { at: new Date() } },
    'audit.event_invalid',
    'metadata/at',
  ],
  ['a big integer', { action: 'free.form', metadata: { n: 1n } }, 'audit.event_invalid', 'bigint'],
  [
    'NaN',
    { action: 'free.form', metadata: { n: Number.NaN } },
    'audit.event_invalid',
    'metadata/n',
  ],
  [
    'undefined in a list',
    { action: 'free.form', metadata: { l: [undefined] } },
    'audit.event_invalid',
    'metadata/l/0',
  ],
  [
    'half a surrogate pair',
    { action: 'free.form', metadata: { t: '\ud800' } },
    'audit.event_invalid',
    'metadata/t',
  ],
  [
    'the same in a name',
    { action: 'free.form', targets: [{ type: 'a', id: 'x', name: '\udfff' }] },
    'audit.event_invalid',
    'targets[0].name',
  ],
  ['NUL', { action: 'free.form', reason: 'a\0' }, 'audit.event_invalid', 'reason'],
  [
    'a prototype',
    { action: 'free.form', metadata: JSON.parse('{"__proto__":{}}') },
    'audit.event_invalid',
    'prototype',
  ],
  ['an id that is none', { action: 'free.form', id: '17' }, 'audit.event_invalid', 'id: '],
  [
    'a time that is none',
    { action: 'free.form', time: new Date(Number.NaN) },
    'audit.event_invalid',
    'time',
  ],
  [
    'a time before 1970',
    { action: 'free.form', time: '1969-12-31T23:59:59Z' },
    'audit.event_invalid',
    'time',
  ],
  ['an address that is none', { action: 'free.form', ip: '1.2.3' }, 'audit.event_invalid', 'ip: '],
  [
    '33 targets',
    { action: 'free.form', targets: Array.from({ length: 33 }, () => ({ type: 'a', id: 'b' })) },
    'audit.event_invalid',
    'targets',
  ],
  [
    'ten megabytes',
    { action: 'free.form', metadata: { text: 'x'.repeat(10_000_000) } },
    'audit.event_too_large',
    `${EVENT_BYTES_MAX}`,
  ],
  [
    'personal data of nobody',
    { action: 'strict.form', metadata: { email: 'x', people: [{ name: 'A' }] } },
    'audit.event_invalid',
    'no target',
  ],
])('%s is refused, and said where', (_what, event, code, said) => {
  const error = refusal(event);
  expect(error.code).toBe(code);
  expect(error.message).toContain(said.split(': e_mail')[0]);
});

test('a hundred thousand levels, and a circle, end at the bound and not with the stack', () => {
  let deep: unknown = 1;
  for (let n = 0; n < 100_000; n += 1) deep = [deep];
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const metadata of [{ deep }, circle]) {
    expect(refusal({ action: 'free.form', metadata })).toMatchObject({
      code: 'audit.event_invalid',
      message: expect.stringContaining('deeper than'),
    });
  }
  // Also where a schema would walk it first.
  expect(refusal({ action: 'strict.form', metadata: { email: deep } }).code).toBe(
    'audit.event_invalid',
  );
});

test('whatever is given is either refused with a code, or in bounds and readable by the sequencer', () => {
  const field = fc.oneof(
    fc.anything({ maxDepth: 4 }),
    fc.string({ unit: 'binary' }),
    fc.date({ noInvalidDate: false }),
  );
  const given = fc.record(
    {
      action: fc.constantFrom('free.form', 'strict.form', 'no.such'),
      metadata: fc.oneof(field, fc.dictionary(fc.string(), fc.jsonValue())),
      targets: fc.oneof(
        field,
        fc.array(
          fc.record({ type: fc.constantFrom('user', 'note'), id: fc.string({ unit: 'binary' }) }),
        ),
      ),
      reason: field,
      time: field,
      id: fc.oneof(field, fc.uuid()),
      ip: fc.oneof(field, fc.ipV6()),
      outcome: fc.oneof(field, fc.constantFrom('success', 'denied')),
      actor: field,
    },
    { requiredKeys: ['action'] },
  );
  fc.assert(
    fc.property(given, (event) => {
      let prepared: ReturnType<typeof prepare>;
      try {
        prepared = prepare(event);
      } catch (error) {
        expect((error as { code: string }).code).toMatch(
          /^audit\.(?:event_invalid|event_too_large|action_unknown)$/,
        );
        return;
      }
      expect(Buffer.byteLength(prepared.text)).toBeLessThanOrEqual(EVENT_BYTES_MAX);
      // Whichever way it went, the schema takes it and says the same.
      expect(prepareUnusual(findAction(actions, event), event, around).text).toBe(prepared.text);
      const read = JSON.parse(prepared.text);
      expect(canonicalJson(read)).toBe(prepared.text);
      expect(recordedEventSchema.safeParse(read).success).toBe(true);
      const row = {
        tenant: '',
        recorded: '2026-01-01T00:00:00.000Z',
        actor: 'user:a',
        source: 'record',
      };
      expect(readPending({ ...row, id: prepared.id, event: prepared.text }).event.action).toBe(
        event.action,
      );
    }),
    { numRuns: 1_000 },
  );
});

test('a refusal never repeats a value, which may be a secret', () => {
  const secret = 'hunter2-hunter2';
  for (const event of [
    { action: 'free.form', ip: secret },
    { action: 'free.form', id: secret },
    { action: 'free.form', outcome: secret },
    { action: `x ${secret}` },
    { action: 'strict.form', metadata: { email: 7, people: secret } },
    { action: 'free.form', time: secret },
  ]) {
    expect(JSON.stringify(refusal(event))).not.toContain(secret);
    expect(refusal(event).message).not.toContain(secret);
  }
});

test('a catalogue with faults is refused whole, each fault by its action', () => {
  expect(() =>
    defineActions({
      Wrong: { description: 'x' },
      'tenant.created': { description: 'One of ours.' },
      'a.b': { description: '' },
      'a.c': { description: 'x', personal: { outcome: 'actor' } },
      'a.d': { description: 'x', class: 'No Class' },
      'a.e': { description: 'x', personal: { reason: { type: 'user', id: 'nowhere' } } },
    }),
  ).toThrow(
    /Wrong: .*\n.*tenant\.created: .*own\n.*a\.b: description.*\n.*a\.c: .*outcome.*\n.*a\.d: class.*\n.*a\.e: /,
  );
  expect(checkActions({ 'tenant.created': { description: 'x' } }, () => false).actions.size).toBe(
    1,
  );
});
