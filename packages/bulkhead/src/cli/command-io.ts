/** The `CommandIo` of a real terminal: the one place where commands' words meet stdout and stderr. */
import type { CommandEnvironment, CommandIo } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';
import { createPaint, createProgress, renderTable, wantsColour } from '../kernel/terminal/index.ts';
import { loadConfigFile } from './config-file.ts';
import type { Surroundings } from './surroundings.ts';

export interface GlobalOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly config: string | undefined;
}

const COLUMNS_DEFAULT = 80;

export function createCommandIo(
  options: GlobalOptions,
  environment: CommandEnvironment,
  surroundings: Surroundings,
): CommandIo {
  const { stdin, stdout, stderr, cwd, signal, allowToEnd } = surroundings;
  const { NO_COLOR: noColor, CI } = surroundings.environment;
  const paintFor = (isTerminal: boolean) =>
    createPaint(wantsColour({ isTerminal, noColor, flag: options.color }));
  const paint = paintFor(stdout.isTTY === true);
  const columns = stdout.columns ?? COLUMNS_DEFAULT;
  let config: Promise<Readonly<Record<string, unknown>>> | undefined;
  const loadConfig = () => {
    config ??= loadConfigFile(options.config, cwd, environment);
    return config;
  };
  const print = (text: string): void => {
    if (!options.json) stdout.write(`${text}\n`);
  };

  return {
    json: options.json,
    verbose: options.verbose,
    interactive: stdin.isTTY === true && stdout.isTTY === true && !options.json && !CI,
    cwd,
    signal,
    allowToEnd,
    paint,
    columns,
    environment,
    line: (text = '') => print(text),
    note: (text) => void stderr.write(`${text}\n`),
    table: (head, rows, more) => print(renderTable(head, rows, { paint, columns, ...more })),
    result: (document) => {
      if (options.json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    },
    progress: (label, total) =>
      createProgress(
        {
          isTerminal: stderr.isTTY === true,
          columns: stderr.columns ?? COLUMNS_DEFAULT,
          write: (text) => void stderr.write(text),
          nowMs: () => performance.now(),
        },
        label,
        total,
      ),
    config: loadConfig,
    section: async (name, schema) => schema.parse((await loadConfig())[name]),
    adminUrl: async () => {
      if (environment.adminUrl !== undefined) return environment.adminUrl;
      const { database } = await loadConfig();
      // The whole file has passed the schema, so the section is an object and the URL a text, if any.
      const url = (database as { adminUrl?: string }).adminUrl;
      if (url !== undefined) return url;
      throw kernelError('kernel.setting_missing', {
        message:
          'No administrator URL: set BULKHEAD_ADMIN_URL, or database.adminUrl in the configuration.',
      });
    },
  };
}
