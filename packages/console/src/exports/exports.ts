/**
 * Exports under way in this tab: each is one answer that is read as it comes, so that the tray can say how far it is.
 *
 * Promises: what fails is kept with its problem and leaves no half file behind; what is stopped stops at the server.
 */
import { useSyncExternalStore } from 'react';
import { type Query, respond } from '../api/request.ts';
import type { ExportFormat } from '../api/shapes.ts';

export interface Export {
  readonly id: string;
  readonly title: string;
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  readonly done: number;
  readonly total: number | null;
  readonly problem: unknown;
}

export interface ExportOrder {
  readonly tenant: string;
  readonly format: ExportFormat;
  readonly filter: Query;
  readonly total: number | undefined;
}

const watchers = new Set<() => void>();
const stops = new Map<string, AbortController>();
let all: readonly Export[] = [];

function put(changed: Export): void {
  all = all.some(({ id }) => id === changed.id)
    ? all.map((one) => (one.id === changed.id ? changed : one))
    : [changed, ...all];
  for (const watcher of watchers) watcher();
}

export const useExports = (): readonly Export[] =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => all,
  );

export const stopExport = (id: string): void => stops.get(id)?.abort();

/** Resolves once the first bytes are there; a refusal is thrown here, where the form can show it. */
export async function startExport({ tenant, format, filter, total }: ExportOrder): Promise<void> {
  const stop = new AbortController();
  const response = await respond('get', '/tenants/{tenant}/events/export', {
    path: { tenant },
    query: { ...filter, format },
    signal: stop.signal,
  });
  const id = crypto.randomUUID();
  stops.set(id, stop);
  const begun: Export = {
    id,
    title: `Export of ${tenant}’s log, ${format}`,
    status: 'running',
    done: 0,
    total: total ?? null,
    problem: null,
  };
  put(begun);
  void receive(begun, response, nameOf(response, `${tenant}.${format}`));
}

async function receive(begun: Export, response: Response, name: string): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let lines = 0;
  try {
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) break;
      parts.push(piece.value);
      for (const byte of piece.value) if (byte === 0x0a) lines += 1;
      put({ ...begun, done: begun.total === null ? lines : Math.min(lines, begun.total) });
    }
    saveAs(new Blob(parts, { type: response.headers.get('content-type') ?? '' }), name);
    put({ ...begun, status: 'done', done: begun.total ?? lines });
  } catch (problem) {
    const wasStopped = stops.get(begun.id)?.signal.aborted === true;
    put({ ...begun, done: lines, status: wasStopped ? 'cancelled' : 'failed', problem });
  } finally {
    stops.delete(begun.id);
  }
}

const nameOf = (response: Response, otherwise: string): string =>
  /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? otherwise;

function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
