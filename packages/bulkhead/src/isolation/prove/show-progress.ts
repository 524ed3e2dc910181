/** What a person sees while a large database is proved. Small ones are done before anything is drawn. */
import type { CommandIo } from '../../kernel/command.ts';
import type { Progress } from '../../kernel/terminal/index.ts';
import type { ProveStep } from './prove.ts';

export interface ShownProgress {
  readonly onStep: (step: ProveStep) => void;
  done(): void;
}

/** Below this many relations nobody waits long enough to wonder. */
const LARGE_RELATIONS = 300;
const LARGE_TRIALS = 30;

export function showProgress(io: CommandIo): ShownProgress {
  let bar: Progress | undefined;
  let shown = 0;
  const onStep = (step: ProveStep): void => {
    switch (step.step) {
      case 'read':
        if (step.relations >= LARGE_RELATIONS) {
          io.note(`Read ${step.relations} relations and ${step.policies} policies.`);
        }
        break;
      case 'judge':
        io.note(
          `Judging what ${JSON.stringify(step.role)} reaches${step.setting === null ? '' : `, tenant by ${step.setting}`}.`,
        );
        break;
      case 'probe':
        if (step.total < LARGE_TRIALS) break;
        bar ??= io.progress('Confirming leaks', step.total);
        bar.advance(step.done - shown);
        shown = step.done;
    }
  };
  return { onStep, done: () => bar?.done() };
}
