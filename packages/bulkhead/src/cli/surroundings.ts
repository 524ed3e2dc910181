/** What a command line stands in: a process has it, and so has whatever stands for one. */
import type { CommandIo } from '../kernel/command.ts';

export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface Surroundings extends Pick<CommandIo, 'cwd' | 'signal' | 'allowToEnd'> {
  readonly stdin: { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Values of a `.env` are added to it, so that a configuration file finds them in `process.env`. */
  readonly environment: NodeJS.ProcessEnv;
}
