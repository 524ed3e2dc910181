/** `bulkhead work`: everything that happens though no request asks for it, in a process of its own. */
import { z } from 'zod';
import { type CommandIo, defineCommand, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';

const tasks = {
  audit: 'the audit log is sequenced, signed and indexed',
  mail: 'mail is sent',
  domains: 'the records of domains are looked for again',
  sessions: 'sessions that ended long ago are forgotten',
} as const;

export const workCommand = defineCommand({
  name: 'work',
  summary: 'Do what has to be done in the background until stopped.',
  description:
    'Sends mail, keeps the audit log, looks again for the records of mail domains and forgets old sessions: whatever the configuration has the means for. Run it as often as you like; nothing is done twice, and mail that a dead process left is taken over. SIGTERM ends it after the work at hand.',
  arguments: [],
  options: [],
  examples: [{ command: 'bulkhead work', summary: 'Runs until SIGTERM or Ctrl-C.' }],
  input: z.strictObject({}),
  run,
});

async function run(io: CommandIo): Promise<ExitCode> {
  const { createBulkhead } = await import('../../create-bulkhead.ts');
  const bulkhead = createBulkhead((await io.config()) as Parameters<typeof createBulkhead>[0]);
  try {
    const doing = bulkhead.start();
    if (doing.length === 0) {
      throw kernelError('kernel.setting_missing', {
        message:
          'There is nothing to do: neither identity.accountsUrl nor audit.sequencerUrl nor audit.signerUrl is set.',
      });
    }
    for (const task of doing) io.note(`From now on ${tasks[task]}.`);
    // Timers of the work keep no process alive; this does.
    const awake = setInterval(() => undefined, 60_000);
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      else io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    clearInterval(awake);
    io.result({ stopped: true, tasks: doing });
    return exitCodes.done;
  } finally {
    await bulkhead.close();
  }
}
