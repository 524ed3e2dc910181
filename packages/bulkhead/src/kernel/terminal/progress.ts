/**
 * Progress on stderr: a bar that redraws itself on a terminal, a plain line now and then elsewhere, so
 * that a log file of CI stays readable. Never writes to stdout.
 */
export interface Progress {
  /** `note` says what is being done right now. */
  advance(by?: number, note?: string): void;
  /** Ends the bar; later calls do nothing. */
  done(note?: string): void;
}

export interface ProgressTarget {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
  nowMs(): number;
}

const BAR_WIDTH = 24;
const REDRAW_INTERVAL_MS = 80;
/** Off a terminal a line is printed at each tenth, never more often. */
const PLAIN_STEPS = 10;

export function createProgress(target: ProgressTarget, label: string, total: number): Progress {
  const bound = Math.max(1, total);
  let count = 0;
  let ended = false;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let step = 0;

  const draw = (note: string): void => {
    const filled = Math.round((Math.min(count, bound) / bound) * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const text = `${label} ${bar} ${count}/${total}${note === '' ? '' : ` ${note}`}`;
    target.write(`\r\x1b[2K${text.slice(0, Math.max(1, target.columns - 1))}`);
  };

  return {
    advance(by = 1, note = '') {
      if (ended) return;
      count += by;
      if (target.isTerminal) {
        const nowMs = target.nowMs();
        if (nowMs - drawnAtMs < REDRAW_INTERVAL_MS && count < bound) return;
        drawnAtMs = nowMs;
        draw(note);
        return;
      }
      const reached = Math.floor((Math.min(count, bound) / bound) * PLAIN_STEPS);
      if (reached <= step) return;
      step = reached;
      target.write(`${label}: ${count}/${total}${note === '' ? '' : ` ${note}`}\n`);
    },
    done(note = '') {
      if (ended) return;
      ended = true;
      if (target.isTerminal) target.write('\r\x1b[2K');
      if (note !== '') target.write(`${note}\n`);
    },
  };
}
