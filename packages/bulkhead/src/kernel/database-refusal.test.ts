/** What the database may say through our errors, and what it may not. */
import { describe, expect, it } from 'vitest';
import { databaseRefusal } from './database-refusal.ts';

const catalogue = {
  'room.denied': { status: 403, title: 'Not allowed.', next: 'Ask an owner.' },
} as const;

function raised(fields: Record<string, unknown>, message = 'room.denied'): Error {
  return Object.assign(new Error(message), { code: 'BH001', ...fields });
}

describe('a refusal of the database', () => {
  it('becomes the error of its code, with the detail as the sentence and the hint for the log', () => {
    const cause = raised({ detail: 'This needs note:read.', hint: 'node 7' });
    expect(databaseRefusal(cause, catalogue)).toMatchObject({
      code: 'room.denied',
      status: 403,
      message: 'This needs note:read.',
      detail: 'node 7',
      cause,
    });
  });

  it('says the title of its code where it says nothing more', () => {
    expect(databaseRefusal(raised({}), catalogue)?.message).toBe('Not allowed.');
  });

  it.each([
    ['another class of errors', raised({ code: '42501' })],
    ['a code that the room does not have', raised({}, 'room.made_up')],
    ['a name that every object has', raised({}, 'constructor')],
    ['no error at all', { code: 'BH001', message: 'room.denied' }],
  ])('is not %s', (_, error) => {
    expect(databaseRefusal(error, catalogue)).toBeUndefined();
  });
});
