/**
 * Lets a child process of another user reach folders and files whose parents that user cannot traverse,
 * such as a data folder in a checkout below /root.
 *
 * On Linux we open the paths and hand over the descriptors: `/proc/self/fd/N` is a magic link, resolved
 * without touching the parents. Permission on the object itself is still checked, so nothing is opened
 * that its owner did not allow. Elsewhere the plain paths are passed on.
 */
import { closeSync, openSync } from 'node:fs';
import type { Account } from './account.ts';

export interface HandedPaths {
  /** What to pass as arguments in place of the paths, in their order. */
  readonly names: readonly string[];
  /** To append to the child's stdio after stdin, stdout and stderr. */
  readonly descriptors: readonly number[];
  /** Closes our side; call it once the child is spawned. */
  close(): void;
}

const FIRST_DESCRIPTOR = 3;

export function handPaths(account: Account | undefined, paths: readonly string[]): HandedPaths {
  if (account === undefined || process.platform !== 'linux') {
    return { names: paths, descriptors: [], close: () => {} };
  }
  const descriptors: number[] = [];
  const close = (): void => {
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
  };
  try {
    for (const path of paths) descriptors.push(openSync(path, 'r'));
  } catch (error) {
    close();
    throw error;
  }
  const names = paths.map((_, index) => `/proc/self/fd/${FIRST_DESCRIPTOR + index}`);
  return { names, descriptors, close };
}
