/** An earlier checkpoint, wherever it comes from, against the tree that was just recomputed. */
import type { Checkpoint } from './checkpoint.ts';
import type { Report } from './report.ts';

/**
 * `<id>.origin`, `.rollback`, `.split-view` and `.rewritten`: that the earlier tree is the beginning of this
 * one. `rootAt` gives the root that the log's own entries had at the earlier size.
 */
export function checkEarlier(
  report: Report,
  id: string,
  name: string,
  earlier: Checkpoint,
  current: Checkpoint,
  rootAt: (size: number) => Uint8Array | undefined,
): void {
  if (earlier.origin !== current.origin) {
    report.fail(
      `${id}.origin`,
      `${name} is of the log "${earlier.origin}", not "${current.origin}"`,
    );
    return;
  }
  if (earlier.size > current.size) {
    report.fail(
      `${id}.rollback`,
      `${name} has ${earlier.size} entries, this log only ${current.size}: it was rolled back`,
    );
    return;
  }
  if (earlier.size === current.size) {
    if (Buffer.compare(earlier.root, current.root) !== 0) {
      report.fail(
        `${id}.split-view`,
        `${name} has another root for the same ${current.size} entries`,
      );
    } else report.pass(id, `${name} is of the same ${current.size} entries`);
    return;
  }
  const root = rootAt(earlier.size);
  if (root === undefined) {
    report.fail(
      `${id}.unknown`,
      `too much is gone to know the root at the ${earlier.size} entries of ${name}`,
    );
  } else if (Buffer.compare(root, earlier.root) !== 0) {
    report.fail(
      `${id}.rewritten`,
      `${name} has another root for the first ${earlier.size} entries: they were changed since`,
    );
  } else
    report.pass(
      id,
      `the ${earlier.size} entries of ${name} are the first of the ${current.size} here`,
    );
}
