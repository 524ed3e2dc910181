/** Long work: what runs, how far it is, where the result lies. The control plane keeps it, so a reload loses nothing. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { questions } from '../api/queries.ts';
import { apiUrl, ask } from '../api/request.ts';
import type { Job } from '../api/shapes.ts';
import { type Export, stopExport, useExports } from '../exports/exports.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { SidePanel } from '../parts/side-panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { count } from '../parts/time.ts';
import { useMe } from '../session/session.ts';
import css from './tray.module.css';

const POLL_MS = 1_500;

export function Tray({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient();
  const exports = useExports();
  const isOperator = useMe().plane === 'operator';
  const jobs = useQuery({
    ...questions.jobs(),
    enabled: isOperator,
    refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? POLL_MS : false),
  });
  const cancel = async (job: Job): Promise<void> => {
    await ask('delete', '/jobs/{job}', { path: { job: job.id } });
    await client.invalidateQueries({ queryKey: questions.jobs().queryKey });
  };
  return (
    <SidePanel title="Long work" label="Long work" onClose={onClose}>
      {jobs.isLoading && <Loading what="the list of work" rows={3} />}
      {jobs.isError && <Failure error={jobs.error} retry={() => void jobs.refetch()} />}
      {(jobs.data?.items.length === 0 || !isOperator) && exports.length === 0 && (
        <Empty>
          Nothing runs. Exports and proofs appear here, and stay when you leave the page.
        </Empty>
      )}
      <ul className={css.jobs}>
        {exports.map((one) => (
          <ExportItem key={one.id} one={one} />
        ))}
        {jobs.data?.items.map((job) => (
          <li key={job.id}>
            <div className={css.head}>
              <h3>{job.title}</h3>
              {isUnderWay(job) && (
                <Button look="quiet" onClick={() => void cancel(job)}>
                  Stop
                </Button>
              )}
              {job.status === 'done' && job.resultHref !== null && (
                <a href={apiUrl(job.resultHref).href} download>
                  Download
                </a>
              )}
            </div>
            {isUnderWay(job) && (
              <progress
                className={css.progress}
                max={job.total ?? undefined}
                value={job.total === null ? undefined : job.done}
                aria-label={job.title}
              />
            )}
            <p className="small faint">{wordsOf(job)}</p>
            {job.problem !== null && <Failure error={job.problem} />}
          </li>
        ))}
      </ul>
    </SidePanel>
  );
}

function ExportItem({ one }: { readonly one: Export }) {
  return (
    <li>
      <div className={css.head}>
        <h3>{one.title}</h3>
        {one.status === 'running' && (
          <Button look="quiet" onClick={() => stopExport(one.id)}>
            Stop
          </Button>
        )}
      </div>
      {one.status === 'running' && (
        <progress
          className={css.progress}
          max={one.total ?? undefined}
          value={one.total === null ? undefined : one.done}
          aria-label={one.title}
        />
      )}
      <p className="small faint">
        {
          {
            running: `${count(one.done, 'event')} so far. Stay on these pages until it is done.`,
            done: `${count(one.done, 'event')}, saved where your browser saves files.`,
            cancelled: 'Stopped; nothing was saved.',
            failed: 'It broke off; nothing was saved.',
          }[one.status]
        }
      </p>
      {one.status === 'failed' && <Failure error={one.problem} />}
    </li>
  );
}

const isUnderWay = (job: Job): boolean => job.status === 'running' || job.status === 'queued';

function wordsOf(job: Job) {
  const amount = `${job.done.toLocaleString('en')}${job.total === null ? '' : ` of ${job.total.toLocaleString('en')}`}`;
  switch (job.status) {
    case 'queued':
      return 'Waits for a worker.';
    case 'running':
      return `${amount} so far`;
    case 'cancelled':
      return 'Stopped.';
    case 'failed':
      return (
        <>
          Failed <Moment at={job.finishedAt} />
        </>
      );
    case 'done':
      return (
        <>
          Done <Moment at={job.finishedAt} />
          {job.done > 0 && `, ${amount}`}
        </>
      );
  }
}
