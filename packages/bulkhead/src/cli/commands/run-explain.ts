/** What `bulkhead explain` does. */
import { readFile } from 'node:fs/promises';
import { capabilities } from '../../capabilities.ts';
import { configSchema } from '../../config.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import type { ErrorEntry } from '../../kernel/errors.ts';
import { type ConfigKey, configKeys } from '../reference/config-reference.ts';
import { pageWidth, terminalPage, wrap } from '../terminal-page.ts';
import type { ExplainInput } from './explain.ts';

/** The build puts the documentation here. */
const PAGES = new URL('../../docs/errors/', import.meta.url);

const errors: ReadonlyMap<string, ErrorEntry> = new Map(
  capabilities.flatMap((capability) => Object.entries(capability.errors)),
);

export async function runExplain(io: CommandIo, { topic }: ExplainInput): Promise<ExitCode> {
  if (topic === undefined) return listErrors(io);
  const entry = errors.get(topic);
  if (entry !== undefined) return explainError(io, topic, entry);
  const keys = keysOf(topic);
  if (keys.length > 0) return explainKeys(io, keys);
  throw kernelError('kernel.usage', {
    message: `Neither an error code nor a configuration key is called ${JSON.stringify(topic)}.${meant(topic)}`,
  });
}

function listErrors(io: CommandIo): ExitCode {
  for (const { name, errors: own } of capabilities) {
    io.line(io.paint.strong(name));
    for (const [code, { title }] of Object.entries(own)) {
      io.line(`  ${code}`);
      io.line(io.paint.faint(wrap(title, pageWidth(io.columns), '    ')));
    }
    io.line();
  }
  io.line('One of them: bulkhead explain <code>. The configuration: bulkhead explain config.');
  io.result([...errors].map(([code, entry]) => ({ code, ...entry })));
  return exitCodes.done;
}

async function explainError(io: CommandIo, code: string, entry: ErrorEntry): Promise<ExitCode> {
  const page = await readFile(new URL(`${code}.md`, PAGES), 'utf8');
  io.line(terminalPage(page, io.paint, io.columns));
  io.result({ code, ...entry, page });
  return exitCodes.done;
}

/** A key, what lies below it, a section, or all; as an error message names it, `[0]` and all. */
function keysOf(topic: string): ConfigKey[] {
  const name = topic.replaceAll(/\[\d*\]/g, '[]').replace(/\[\]$/, '');
  return configKeys(configSchema).filter(
    ({ key }) =>
      name === 'config' ||
      key === name ||
      key.startsWith(`${name}.`) ||
      key.startsWith(`${name}[]`),
  );
}

function explainKeys(io: CommandIo, keys: readonly ConfigKey[]): ExitCode {
  const width = pageWidth(io.columns);
  for (const { key, type, preset, required, words } of keys) {
    const start = required ? ', required' : preset === undefined ? '' : `, default ${preset}`;
    io.line(io.paint.strong(key));
    io.line(io.paint.faint(wrap(`${type.replaceAll('`', '')}${start}`, width, '  ')));
    io.line(`${wrap(words, width, '  ')}\n`);
  }
  io.result(keys);
  return exitCodes.done;
}

function meant(topic: string): string {
  const names = [...errors.keys(), ...configKeys(configSchema).map(({ key }) => key)];
  const last = topic.split('.').at(-1) ?? topic;
  const near = names.filter((name) => last.length > 2 && name.includes(last));
  return near.length === 0 ? '' : ` Did you mean ${near.slice(0, 3).join(' or ')}?`;
}
