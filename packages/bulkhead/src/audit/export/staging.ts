/**
 * A directory that is either whole or not there: everything is written beside it, and the last step gives it
 * its name.
 *
 * Promises: killed at any moment, nothing of the wanted name is left; the next run of the same export goes on
 * from the files that are whole, whatever their checkpoint was when it began. A run that was asked for something
 * else does not touch what is there.
 */
import { createHash } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { auditError } from '../errors.ts';

export interface Staging<P> {
  readonly directory: string;
  /** What this run does; of a run before it, where one was cut off. */
  readonly plan: P;
  readonly resumed: boolean;
  /** Whether a run before this one has written the file, whole. */
  has(path: string): Promise<boolean>;
  write(path: string, content: Uint8Array | string): Promise<void>;
  /** Gives the directory its name. */
  finish(): Promise<void>;
}

/**
 * @param asked what was asked for, as text: only the same goes on where a run was cut off
 * @param makePlan fixes what the run does, such as which checkpoint it covers
 * @throws `audit.export_exists`
 */
export async function openStaging<P>(
  target: string,
  asked: string,
  makePlan: () => Promise<P>,
): Promise<Staging<P>> {
  const whole = resolve(target);
  if (await exists(whole)) {
    throw auditError('audit.export_exists', { message: `${target} is there already.` });
  }
  const directory = `${whole}.partial`;
  const planFile = `${directory}.json`;
  const askedFor = createHash('sha256').update(asked).digest('hex');
  const before = await readPlan<P>(planFile);
  if (before === undefined && (await exists(directory))) {
    throw auditError('audit.export_exists', { message: `${directory} is there already.` });
  }
  if (before !== undefined && before.asked !== askedFor) {
    throw auditError('audit.export_exists', {
      message: `${directory} is left of an export with other options.`,
    });
  }
  const plan = before?.plan ?? (await makePlan());
  if (before === undefined) {
    await mkdir(dirname(directory), { recursive: true });
    await writeWhole(planFile, JSON.stringify({ asked: askedFor, plan }));
  }
  const made = new Set<string>();
  return {
    directory,
    plan,
    resumed: before !== undefined,
    has: (path) => (before === undefined ? Promise.resolve(false) : exists(join(directory, path))),
    async write(path, content) {
      const full = join(directory, path);
      const folder = dirname(full);
      if (!made.has(folder)) {
        await mkdir(folder, { recursive: true });
        made.add(folder);
      }
      await writeWhole(full, content);
    },
    async finish() {
      const parent = await open(dirname(whole), 'r');
      try {
        await rename(directory, whole);
        await parent.sync();
      } finally {
        await parent.close();
      }
      await rm(planFile, { force: true });
    },
  };
}

/** Under its own name only once it is whole. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, content);
  await rename(draft, path);
}

async function readPlan<P>(path: string): Promise<{ asked: string; plan: P } | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { asked: string; plan: P };
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
