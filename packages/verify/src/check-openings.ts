/** Openings against the entries they speak of, which pass by one at a time. */
import { holdsCommitment, type Opening, opens } from './openings.ts';
import type { Report } from './report.ts';

interface NamedOpening {
  readonly name: string;
  readonly opening: Opening;
}

export class OpeningsCheck {
  readonly #all: readonly NamedOpening[];
  readonly #byIndex = new Map<number, Opening[]>();
  /** Those whose commitment is in their entry. */
  readonly #held = new Set<Opening>();
  readonly #seen = new Set<number>();

  constructor(all: readonly NamedOpening[]) {
    this.#all = all;
    for (const { opening } of all) {
      const others = this.#byIndex.get(opening.index);
      if (others === undefined) this.#byIndex.set(opening.index, [opening]);
      else others.push(opening);
    }
  }

  indexes(): Iterable<number> {
    return this.#byIndex.keys();
  }

  see(index: number, entry: Uint8Array): void {
    this.#seen.add(index);
    for (const opening of this.#byIndex.get(index) ?? []) {
      if (holdsCommitment(entry, opening)) this.#held.add(opening);
    }
  }

  /** @param isKnown whether the log bears out what was seen at an index */
  check(report: Report, size: number, isKnown: (index: number) => boolean): void {
    for (const { name, opening } of this.#all) {
      const { index, salt } = opening;
      const where = `${name}, line ${opening.line}`;
      if (index >= size) {
        report.fail('opening.index', `${where}: there is no entry ${index} among ${size}`);
      } else if (!this.#seen.has(index) || !isKnown(index)) {
        const said = `entry ${index} is not here, so nothing shows that it holds this commitment`;
        report.fail('opening.commitment', `${where}: ${said}`);
      } else if (!this.#held.has(opening)) {
        report.fail('opening.commitment', `${where}: entry ${index} does not hold this commitment`);
      } else if (salt === undefined) {
        const said = `ERASED; what entry ${index} said here can no longer be known`;
        report.note('opening', `${where}: ${said}`);
      } else if (!opens(opening)) {
        const said = `this is not the value that entry ${index} commits to`;
        report.fail('opening.value', `${where}: ${said}`);
      } else report.pass('opening', `${where}: entry ${index} holds this value`);
    }
  }
}
