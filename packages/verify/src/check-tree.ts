/** The sums of the walk: `entries`, `tiles`, `root`, and what lies about in the directory. */
import type { LogOptions } from './log-options.ts';
import type { Report } from './report.ts';
import { findStrayFiles } from './stray-files.ts';
import type { SignedCheckpoint } from './trust.ts';
import type { WalkedTree } from './walk-tree.ts';

export function checkTree(
  report: Report,
  options: LogOptions,
  { size, root }: SignedCheckpoint,
  tree: WalkedTree,
): void {
  if (!report.failed('entries')) {
    report.pass('entries', `${tree.entries} entries in ${tree.bundles} bundles, none missing`);
  }
  if (tree.pruned > 0) {
    const said = `${tree.pruned} bundles before entry ${options.minIndex} are gone`;
    report.note('entries.pruned', said);
  }
  if (!report.failed('tiles')) {
    report.pass('tiles', `${tree.tiles} tiles hold the hashes of the entries`);
  }
  const computed = tree.rootAt(size);
  if (computed === undefined) report.fail('root', 'cannot be computed: too much is missing');
  else if (Buffer.compare(computed, root) === 0) {
    report.pass('root', 'the entries lead to the root that was signed');
  } else report.fail('root', `the entries do not lead to the root that was signed; ${blame()}`);
  checkSurroundings(report, options, size, tree);

  function blame(): string {
    const stored = tree.storedRoot();
    const whole = stored !== undefined && Buffer.compare(stored, root) === 0;
    return whole ? 'the tiles lead to it, so entries were changed' : 'nor do the tiles';
  }
}

/** `beyond` and `layout.*`: nobody signed for these files, and no reader of the log would ever see them. */
function checkSurroundings(
  report: Report,
  { directory, strictSize }: LogOptions,
  size: number,
  tree: WalkedTree,
): void {
  const stray = findStrayFiles(report, directory, size);
  const beyond = [...tree.beyond, ...stray.beyond];
  if (beyond.length > 0) {
    const said = `beyond the ${size} entries that were signed: ${some(beyond)}`;
    if (strictSize) report.fail('beyond', said);
    else report.note('beyond', said);
  } else if (strictSize) report.pass('beyond', `nothing lies beyond the ${size} entries`);
  if (tree.unchecked.length > 0) {
    const said = `nothing is left to hold these against: ${some(tree.unchecked)}`;
    report.note('layout.unchecked', said);
  }
  if (stray.strange.length > 0) {
    report.note('layout.stray', `not part of any log: ${some(stray.strange)}`);
  }
}

function some(paths: readonly string[]): string {
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return `${paths.slice(0, 5).join(', ')}${more}`;
}
