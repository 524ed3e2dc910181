import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAttack } from './attack/run-attack.ts';
import { type NotesFixture, openNotes } from './testdata/notes-fixture.ts';

let notes: NotesFixture;
beforeAll(async () => {
  notes = await openNotes();
});
afterAll(() => notes.close());

const RUN_TIMEOUT_MS = 150_000;

function attack(attacker: 'acme' | 'borealis' | 'cobalt', victim: 'acme' | 'borealis' | 'cobalt') {
  const { origin, admin, contextKey, people } = notes;
  return runAttack({
    origin,
    admin,
    contextKey,
    attacker: people[attacker],
    victim: people[victim],
  });
}

test(
  'no injection through the vulnerable routes brings back a byte of another organization’s, nor poisons a session',
  async () => {
    const report = await attack('borealis', 'acme');
    expect(report.leaks).toEqual([]);
    expect(report.foreignBytes).toBe(0);
    expect(report.attempts).toBeGreaterThan(250);
  },
  RUN_TIMEOUT_MS,
);

test(
  'the attack is one that finds leaks: with row-level security taken off one table it reports them',
  async () => {
    await notes.admin.query('alter table note disable row level security');
    try {
      const report = await attack('cobalt', 'borealis');
      const families = new Set(report.leaks.map((leak) => leak.attempt.family));
      for (const family of [
        'forgotten WHERE',
        'wrong id in the URL',
        'widened condition',
        'UNION and sub-select',
        'error messages',
        'yes/no and timing',
        'writes across the wall',
      ]) {
        expect(families).toContain(family);
      }
      expect(report.foreignBytes).toBeGreaterThan(1000);
    } finally {
      await notes.admin.query('alter table note enable row level security');
    }
  },
  RUN_TIMEOUT_MS,
);
