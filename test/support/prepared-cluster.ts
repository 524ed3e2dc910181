/**
 * A cluster that `initdb` has made once for the whole run: a copy of it takes a tenth of the time, and is what a
 * first start leaves behind. For what is not about the first start.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inject } from 'vitest';

/** @param dataDir a folder that is there, and empty. */
export async function copyPreparedCluster(dataDir: string): Promise<void> {
  // As root, the cluster belongs to the user that its server runs as: owners are copied too.
  await promisify(execFile)('cp', ['-a', `${inject('preparedCluster')}/.`, dataDir]);
}
