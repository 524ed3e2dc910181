import type { State, Verdict } from '../../api/shapes.ts';

export const stateOf = (verdict: Verdict): State =>
  ({ proven: 'proven', leak: 'breach', unknown: 'unknown' })[verdict] as State;
export const wordOf = (verdict: Verdict): string =>
  ({ proven: 'proven', leak: 'leak', unknown: 'undecided' })[verdict];
