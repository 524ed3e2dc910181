/** `bulkhead init`: a configuration, a key, and the two lines to add. Never overwrites unasked. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CommandIo, defineCommand, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { roleNameSchema } from '../../kernel/config/index.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { addEnvironmentSecret } from '../../kernel/secret-file.ts';
import { detectProject, type Framework, frameworks } from './detect-project.ts';
import { configFileText, initSnippet } from './init-snippet.ts';

const CONFIG_FILE = 'bulkhead.config.mjs';
const KEY_VARIABLE = 'BULKHEAD_CONTEXT_KEY';

const TENANT_SOURCES = {
  domain: "{ from: 'domain' }",
  subdomain: "{ from: 'subdomain', of: 'example.com' }",
  header: "{ from: 'header', name: 'x-tenant' }",
  path: "{ from: 'path', prefix: '/t/' }",
  claim: "{ from: 'claim', name: 'tenant_id' }",
} as const;

const tenantSources = Object.keys(TENANT_SOURCES) as (keyof typeof TENANT_SOURCES)[];

const inputSchema = z.strictObject({
  framework: z.enum(frameworks).optional(),
  appRole: roleNameSchema.optional(),
  tenantFrom: z.enum(tenantSources).optional(),
  yes: z.boolean().optional(),
  force: z.boolean().optional(),
});

interface Answers {
  readonly framework: Framework;
  readonly appRole: string;
  readonly tenantFrom: keyof typeof TENANT_SOURCES;
}

export const init = defineCommand({
  name: 'init',
  summary: 'Write the configuration and a key, and show the two lines to add.',
  description:
    'Reads package.json for the framework and the query layer, writes bulkhead.config.mjs, adds a fresh BULKHEAD_CONTEXT_KEY to .env (0600, never printed) and prints what to add to the app. Replaces nothing without --force.',
  arguments: [],
  options: [
    { flags: '--framework <name>', summary: 'Instead of the detected one.', choices: frameworks },
    { flags: '--app-role <role>', summary: 'The role the app logs in as (default: app).' },
    {
      flags: '--tenant-from <source>',
      summary: 'Where a request names its tenant (default: subdomain).',
      choices: tenantSources,
    },
    { flags: '-y, --yes', summary: 'Ask nothing; take what was detected and the defaults.' },
    { flags: '--force', summary: 'Replace the configuration file.' },
  ],
  examples: [
    { command: 'bulkhead init', summary: 'Asks, on a terminal.' },
    { command: 'bulkhead init --yes --app-role notes_app', summary: 'Asks nothing.' },
  ],
  input: inputSchema,
  run: async (io, input) => {
    const project = await detectProject(io.cwd);
    const path = join(io.cwd, CONFIG_FILE);
    if (existsSync(path) && !input.force) {
      throw kernelError('kernel.file_exists', { message: `${path} is already there.` });
    }
    const defaults: Answers = {
      framework: input.framework ?? project.framework ?? 'fetch',
      appRole: input.appRole ?? 'app',
      tenantFrom: input.tenantFrom ?? 'subdomain',
    };
    const answers = io.interactive && !input.yes ? await ask(io, defaults) : defaults;
    if (answers === undefined) return exitCodes.interrupted;
    const tenantFrom = TENANT_SOURCES[answers.tenantFrom];
    await writeFile(path, configFileText({ appRole: answers.appRole, tenantFrom }));
    const key = await ensureKey(io);
    return show(io, {
      path,
      key,
      answers,
      ...initSnippet({ ...project, framework: answers.framework }),
      project,
    });
  },
});

interface KeyOutcome {
  readonly kid: string | undefined;
  readonly file: string;
  readonly gitignoreAmended: boolean;
}

/** A key that is there stays, even with --force: the database may already trust it. */
async function ensureKey(io: CommandIo): Promise<KeyOutcome> {
  const file = join(io.cwd, '.env');
  if (io.environment.contextKey !== undefined) {
    return { kid: undefined, file, gitignoreAmended: false };
  }
  const { generateContextKey, parseContextKey } = await import('../../isolation/index.ts');
  const value = generateContextKey();
  const { ignored } = await addEnvironmentSecret({
    folder: io.cwd,
    file: '.env',
    name: KEY_VARIABLE,
    value,
    replace: false,
  });
  return { kid: parseContextKey(value).kid, file, gitignoreAmended: ignored };
}

function show(
  io: CommandIo,
  done: ReturnType<typeof initSnippet> & {
    readonly path: string;
    readonly key: KeyOutcome;
    readonly answers: Answers;
    readonly project: Awaited<ReturnType<typeof detectProject>>;
  },
): ExitCode {
  const { paint } = io;
  const { key, answers, project } = done;
  io.line(`${paint.ok('✔')} ${CONFIG_FILE} written (${answers.framework}, ${project.modules}).`);
  io.line(
    key.kid === undefined
      ? `${paint.ok('✔')} ${KEY_VARIABLE} is already set and was kept.`
      : `${paint.ok('✔')} ${KEY_VARIABLE} ${key.kid} added to .env (0600).`,
  );
  if (key.gitignoreAmended) io.line(`${paint.warning('!')} .env was added to .gitignore.`);
  io.line();
  io.line('Set up once:');
  for (const line of done.setup) io.line(`  ${paint.faint(line)}`);
  io.line();
  io.line('Then these two lines:');
  for (const line of done.lines) io.line(`  ${paint.accent(line)}`);
  if (done.note !== undefined) io.line(`\n${done.note}`);
  io.line();
  io.line('The app must read .env as well: node --env-file=.env …, or your own way.');
  io.line('Next: set BULKHEAD_ADMIN_URL and run `bulkhead migrate`.');
  io.result({
    config: done.path,
    framework: answers.framework,
    queryLayer: project.queryLayer ?? null,
    modules: project.modules,
    key: { kid: key.kid ?? null, file: key.file, gitignoreAmended: key.gitignoreAmended },
    setup: done.setup,
    lines: done.lines,
  });
  return exitCodes.done;
}

/** Undefined when the person cancelled. */
async function ask(io: CommandIo, defaults: Answers): Promise<Answers | undefined> {
  const prompts = await import('@clack/prompts');
  prompts.intro(io.paint.strong('bulkhead init'));
  const framework = await prompts.select({
    message: 'Which framework?',
    initialValue: defaults.framework,
    options: frameworks.map((value) => ({ value, label: value })),
  });
  if (prompts.isCancel(framework)) return undefined;
  const tenantFrom = await prompts.select({
    message: 'Where does a request name its tenant?',
    initialValue: defaults.tenantFrom,
    options: tenantSources.map((value) => ({ value, label: value })),
  });
  if (prompts.isCancel(tenantFrom)) return undefined;
  const appRole = await prompts.text({
    message: 'Which database role does the app log in as?',
    initialValue: defaults.appRole,
    validate: (value) => roleNameSchema.safeParse(value).error?.issues[0]?.message,
  });
  if (prompts.isCancel(appRole)) return undefined;
  prompts.outro('Writing.');
  return { framework, tenantFrom, appRole };
}
