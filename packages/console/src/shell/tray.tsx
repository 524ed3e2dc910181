/** Long work: what runs, how far it is, where the result lies. The control plane keeps it, so a reload loses nothing. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { questions } from '../api/queries.ts';
import { apiUrl, request } from '../api/request.ts';
import type { Job } from '../api/shapes.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { SidePanel } from '../parts/side-panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import css from './tray.module.css';

const POLL_MS = 1_500;

export function Tray({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient();
  const jobs = useQuery({
    ...questions.jobs(),
    refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? POLL_MS : false),
  });
  const cancel = async (job: Job): Promise<void> => {
    await request(`jobs/${job.id}`, { method: 'DELETE' });
    await client.invalidateQueries({ queryKey: questions.jobs().queryKey });
  };
  return (
    <SidePanel title="Long work" label="Long work" onClose={onClose}>
      {jobs.isPending && <Loading what="the list of work" rows={3} />}
      {jobs.isError && <Failure error={jobs.error} retry={() => void jobs.refetch()} />}
      {jobs.data?.items.length === 0 && (
        <Empty>
          Nothing runs. Exports and proofs appear here, and stay when you leave the page.
        </Empty>
      )}
      <ul className={css.jobs}>
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
