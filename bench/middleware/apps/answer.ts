/** What every app answers: nothing that takes time, so that all that is measured is the way to it. */
export const ANSWER = { notes: [{ id: 1, title: 'A note' }] };

export interface RunningApp {
  readonly port: number;
}

export const HOST = '127.0.0.1';
