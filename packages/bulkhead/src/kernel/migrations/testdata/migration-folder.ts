/** A room with the given migrations, in a folder of its own that ends with the test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Capability } from '../../capability.ts';

export interface TestRoom extends Capability {
  readonly migrations: URL;
}

/** @param files by name without `.sql`, such as `000001_first` */
export async function createTestRoom(files: Readonly<Record<string, string>>): Promise<TestRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-room-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await Promise.all(
    Object.entries(files).map(([name, sql]) => writeFile(join(folder, `${name}.sql`), sql)),
  );
  return { name: 'room', migrations: pathToFileURL(`${folder}/`), errors: {} };
}
