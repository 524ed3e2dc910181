import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEvent } from '../event.ts';
import { ecsDocument } from './ecs.ts';
import { pictured } from './event-format.ts';
import { eventFormat, formatNames } from './index.ts';
import { ocsfEvent } from './ocsf.ts';
import { everyEvent, hostile, invoicePaid, memberErased, signedIn } from './testdata/events.ts';
import { readCef, readCsv, readSyslog } from './testdata/read-back.ts';
import { themeOf, verbOf } from './theme.ts';

const options = { version: '0.1.0', hostname: 'app-1' };
const written = (name: (typeof formatNames)[number], events: readonly AuditEvent[]) => {
  const format = eventFormat(name, options);
  return format.head + events.map((event) => format.write(event)).join('');
};

test.each(formatNames)('%s is written as it always was', async (name) => {
  const golden = join(import.meta.dirname, 'testdata', `golden.${name}`);
  expect(written(name, everyEvent)).toBe(await readFile(golden, 'utf8'));
});

/** Anything a caller can put into a field: control characters, separators, quotes, brackets, formulas. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r\n', '\n', '"', '\\', ']', '|', '=', ' k=', ',', '\u2028', '\u0085', '\t'),
      fc.constantFrom('=1+1', '@a', '+', '-', "'", '<13>1 ', 'CEF:0|', '\ufeff', '\u001b[2J'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
  .filter(
    (text) =>
      text !== '' &&
      !/[\ud800-\udfff]/.test(text.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, '')),
  );

const withText = (text: string): AuditEvent => ({
  ...hostile,
  actor: { ...hostile.actor, name: text },
  targets: [{ type: 'note', id: text, name: text }],
  userAgent: text,
  requestId: text,
  reason: text,
  metadata: { text },
});

test.each(formatNames)('in %s no value makes a second line, or ends the first one', (name) => {
  const format = eventFormat(name, options);
  fc.assert(
    fc.property(nasty, (text) => {
      const line = format.write(withText(text));
      expect(line.endsWith('\n')).toBe(true);
      const body = line.replace(/\r?\n$/, '');
      expect(body).not.toMatch(/[\n\r]/);
      if (name !== 'ndjson' && name !== 'ocsf' && name !== 'ecs') {
        expect(body).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }
    }),
  );
});

test('CSV: no cell is a formula, and a reader by RFC 4180 finds every cell', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const [head = [], cells = []] = readCsv(written('csv', [withText(text)]));
      expect(cells).toHaveLength(head.length);
      for (const cell of cells) expect(cell.trimStart()).not.toMatch(/^[=+\-@|%＝＋－＠]/);
      const at = head.indexOf('metadata');
      expect(cells[at]).toBe(pictured(canonicalJson({ text })));
    }),
  );
});

test('CEF: a reader by the specification finds every value in its own field', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const { header, extension } = readCef(
        eventFormat('cef', options).write(withText(text)).trimEnd(),
      );
      expect(header).toEqual([
        'CEF:0',
        'Bulkhead',
        'Bulkhead',
        '0.1.0',
        'note.created',
        'note created',
        '1',
      ]);
      const kept = text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (found) =>
        /[\n\r]/.test(found) ? found : ' ',
      );
      expect(extension.suser).toBe(kept);
      expect(JSON.parse(extension.cs5 ?? '')).toEqual(
        JSON.parse(JSON.stringify({ text }).replaceAll(/[\u0080-\u009f\u007f\u2028\u2029]/g, ' ')),
      );
      expect(extension.cs5Label).toBe('metadata');
      expect(extension.cn1).toBe('4');
    }),
  );
});

test('CEF: what is longer than its field is cut at the length of the dictionary', () => {
  const { extension } = readCef(
    eventFormat('cef', options)
      .write(withText(`${'a'.repeat(1022)}😀😀`))
      .trimEnd(),
  );
  expect(extension.suser).toBe(`${'a'.repeat(1022)}…`);
});

test('RFC 5424: a reader by its grammar finds every value in its own parameter', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const message = readSyslog(eventFormat('rfc5424', options).write(withText(text)).trimEnd());
      const parameters = new Map(message?.elements['audit@32473']);
      expect(parameters.get('actorName')).toBe(pictured(text));
      expect(parameters.get('reason')).toBe(pictured(text));
      expect(message?.messageId).toBe('note.created');
    }),
    { examples: [['] [forged@1 a="b"] '], ['\\"]']] },
  );
});

test('a control character is shown as its picture', () => {
  expect(pictured('a\0b\r\nc\u001bd\u007fe\u0085f\u2028g')).toBe('a␀b␍␊c␛d␡e␤f␤g');
});

test('RFC 5424: an erased person and a refusal are told as such', () => {
  const message = readSyslog(eventFormat('rfc5424', options).write(memberErased).trimEnd());
  expect(message?.priority).toBe(13 * 8 + 4);
  expect(new Map(message?.elements['audit@32473']).get('closed')).toBe(
    '/actor/id=erased /actor/name=erased',
  );
});

test('NDJSON holds the event, whole', () => {
  for (const event of everyEvent) {
    expect(JSON.parse(eventFormat('ndjson', options).write(event))).toEqual(event);
  }
});

test('OCSF: an action is told as the class that it belongs to', () => {
  const told = (action: string, outcome: AuditEvent['outcome'] = 'success') => {
    const { class_uid, activity_id, type_uid, status_id } = ocsfEvent(
      { ...invoicePaid, action, outcome },
      '0.1.0',
    ) as Record<string, number>;
    expect(type_uid).toBe((class_uid ?? 0) * 100 + (activity_id ?? 0));
    expect(status_id).toBe(outcome === 'success' ? 1 : 2);
    return [class_uid, activity_id];
  };
  expect(told('session.signed_in')).toEqual([3002, 1]);
  expect(told('session.sign_in_failed', 'failure')).toEqual([3002, 1]);
  expect(told('session.started')).toEqual([3002, 1]);
  expect(told('session.refused', 'denied')).toEqual([3002, 1]);
  expect(told('session.ended')).toEqual([3002, 2]);
  expect(told('user.logged_out')).toEqual([3002, 2]);
  expect(told('user.created')).toEqual([3001, 1]);
  expect(told('user.password_changed')).toEqual([3001, 3]);
  expect(told('member.disabled', 'denied')).toEqual([3001, 5]);
  expect(told('user.mfa_enabled')).toEqual([3001, 10]);
  expect(told('api_key.revoked')).toEqual([3005, 2]);
  expect(told('role.granted')).toEqual([3005, 1]);
  expect(told('note.created')).toEqual([6003, 1]);
  expect(told('invoice.exported')).toEqual([6003, 2]);
  expect(told('project.renamed')).toEqual([6003, 3]);
  expect(told('note.deleted')).toEqual([6003, 4]);
  expect(told('backup.frobnicated')).toEqual([6003, 99]);
});

test('a word inside another decides nothing', () => {
  expect(verbOf({ action: 'block.flocked' })).toBe('other');
  expect(themeOf({ action: 'obsession.noted' })).toBe('other');
  expect(verbOf({ action: 'asset.settled' })).toBe('other');
});

test('ECS: outcomes and types are of its lists, and what is absent is not written', () => {
  const denied = ecsDocument(memberErased) as { event: object };
  expect(denied.event).toMatchObject({
    category: ['iam'],
    outcome: 'failure',
    type: ['user', 'change', 'denied'],
  });
  const text = eventFormat('ecs', options).write(signedIn);
  expect(JSON.parse(text)).toMatchObject({
    '@timestamp': '2026-11-03T09:15:02.120Z',
    event: { category: ['authentication', 'session'], type: ['start'], outcome: 'success' },
    source: { geo: { country_iso_code: 'DE', location: { lat: 52.52, lon: 13.4 } } },
    related: { ip: ['203.0.113.7'], user: ['u-ada', 'Ada Lovelace'] },
  });
  expect(text).not.toContain('undefined');
  expect(text).not.toContain('null');
});
