/**
 * Finds and loads the configuration file.
 *
 * Promises: what it returns has passed the whole schema. Running a `.mjs` or `.js` file runs its code; that
 * is the point of it.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandEnvironment } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';

const FILE_NAMES = ['bulkhead.config.mjs', 'bulkhead.config.js', 'bulkhead.config.json'];

/** The nearest file at or above `cwd`. */
export function findConfigFile(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = FILE_NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * @param path as given by `--config`; searched for when absent.
 * @throws `kernel.config_missing`, `kernel.config_invalid`, `kernel.file_unreadable`
 */
export async function loadConfigFile(
  path: string | undefined,
  cwd: string,
  environment: CommandEnvironment,
): Promise<Readonly<Record<string, unknown>>> {
  const file = path === undefined ? findConfigFile(cwd) : resolve(cwd, path);
  if (file === undefined) throw kernelError('kernel.config_missing');
  if (!existsSync(file)) {
    throw kernelError('kernel.config_missing', { message: `There is no file ${file}.` });
  }
  const config = withEnvironment(await read(file), environment);
  const { resolveConfig } = await import('../config.ts');
  resolveConfig(config);
  return config as Record<string, unknown>;
}

async function read(file: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8'));
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default;
  } catch (cause) {
    // The parser's own message may quote the file, and the file may hold a secret.
    throw kernelError('kernel.config_invalid', {
      message: `${file} could not be loaded; run with --verbose to see why.`,
      cause,
    });
  }
}

/** BULKHEAD_CONTEXT_KEY stands in where the file names no keys, so that a JSON file needs no secret. */
function withEnvironment(config: unknown, environment: CommandEnvironment): unknown {
  if (typeof config !== 'object' || config === null) return config;
  const sections = { ...(config as Record<string, unknown>) };
  const isolation = sections.isolation;
  if (environment.contextKey === undefined) return sections;
  if (isolation === undefined) {
    sections.isolation = { contextKeys: [environment.contextKey] };
  } else if (typeof isolation === 'object' && isolation !== null && !('contextKeys' in isolation)) {
    sections.isolation = { ...isolation, contextKeys: [environment.contextKey] };
  }
  return sections;
}
