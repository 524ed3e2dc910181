/** What a verification found: one line a check, the first few places where it failed, and how many there were. */
export type Status = 'PASS' | 'FAIL' | 'NOTE';

export interface Finding {
  /** Names what was tampered with, such as `leaf.changed`; never renamed. */
  readonly id: CheckId;
  readonly status: Status;
  readonly detail: string;
}

/** In the order in which they are told. What each means is in the guide. */
export const checkIds = [
  'log.name',
  'log.missing',
  'checkpoint.form',
  'checkpoint.origin',
  'checkpoint.signature',
  'checkpoint.size',
  'checkpoint.root',
  'checkpoint.missing',
  'leaf.missing',
  'leaf.overlap',
  'leaf.changed',
  'leaf.unreadable',
  'leaf.tenant',
  'leaf.reordered',
  'leaf.inserted',
  'leaf.removed',
  'leaf.time',
  'tile.changed',
  'tile.missing',
  'tile.surplus',
  'head.size',
  'head.frontier',
  'pin.form',
  'pin.rollback',
  'pin.split-view',
  'subject.changed',
  'subject.missing',
  'subject.erased',
  'opening.changed',
  'opening.missing',
  'opening.surplus',
  'search.changed',
  'search.missing',
  'search.surplus',
] as const;
export type CheckId = (typeof checkIds)[number];

const SHOWN_MAX = 3;

export class Findings {
  readonly #failed = new Map<CheckId, { count: number; places: string[] }>();
  readonly #notes: Finding[] = [];
  readonly #passed: Finding[] = [];

  get ok(): boolean {
    return this.#failed.size === 0;
  }

  fail(id: CheckId, detail: string): void {
    const known = this.#failed.get(id) ?? { count: 0, places: [] };
    known.count += 1;
    if (known.places.length < SHOWN_MAX) known.places.push(detail);
    this.#failed.set(id, known);
  }

  note(id: CheckId, detail: string): void {
    this.#notes.push({ id, status: 'NOTE', detail });
  }

  /** Told only when nothing failed under any of these names. */
  pass(id: CheckId, detail: string, also: readonly CheckId[] = []): void {
    if ([id, ...also].some((name) => this.#failed.has(name))) return;
    this.#passed.push({ id, status: 'PASS', detail });
  }

  all(): Finding[] {
    const failed = [...this.#failed].map(([id, { count, places }]): Finding => {
      const more = count > places.length ? `; and ${count - places.length} more` : '';
      return { id, status: 'FAIL', detail: `${places.join('; ')}${more}` };
    });
    return [...this.#passed, ...failed, ...this.#notes].sort(
      (a, b) => checkIds.indexOf(a.id) - checkIds.indexOf(b.id),
    );
  }
}
