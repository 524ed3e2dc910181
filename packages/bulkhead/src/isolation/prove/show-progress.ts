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
  let isLarge = false;
  let judging: Progress | undefined;
  let judged = 0;
  let bar: Progress | undefined;
  let shown = 0;
  const onStep = (step: ProveStep): void => {
    switch (step.step) {
      case 'read':
        isLarge = step.relations >= LARGE_RELATIONS;
        if (isLarge) {
          io.note(`Read ${step.relations} relations and ${step.policies} policies.`);
        }
        break;
      case 'judge':
        io.note(
          `Judging what ${JSON.stringify(step.role)} reaches${step.setting === null ? '' : `, tenant by ${step.setting}`}.`,
        );
        break;
      case 'rule':
        if (!isLarge) break;
        judging ??= io.progress('Judging', step.total);
        judging.advance(step.done - judged);
        judged = step.done;
        if (step.done === step.total) judging.done();
        break;
      case 'probe':
        if (step.total < LARGE_TRIALS) break;
        bar ??= io.progress('Confirming leaks', step.total);
        bar.advance(step.done - shown);
        shown = step.done;
    }
  };
  const done = (): void => {
    judging?.done();
    bar?.done();
  };
  return { onStep, done };
}
