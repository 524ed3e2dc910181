/** Work that takes longer than a request: how it stands, and calling it off. */
import { z } from 'zod';
import type { JobRunner } from '../jobs/job-runner.ts';
import { controlOperation } from '../operation.ts';
import { timeField } from './paging.ts';

export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(['proof', 'verification', 'export']),
  title: z.string(),
  status: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  done: z.int(),
  total: z.int().nullable(),
  createdAt: timeField,
  finishedAt: timeField.nullable(),
  resultHref: z.string().nullable().describe('Below the API.'),
  problem: z
    .object({ status: z.int(), code: z.string(), title: z.string(), next: z.string() })
    .nullable(),
});

export type Job = z.output<typeof jobSchema>;

export function jobOperations(jobs: JobRunner) {
  return [
    controlOperation({
      name: 'job.list',
      summary: 'Lists the work of the last days, the newest first.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: z.object({ items: z.array(jobSchema), next: z.null() }),
      errors: [],
      run: async () => ({ items: await jobs.list(), next: null }),
    }),
    controlOperation({
      name: 'job.get',
      summary: 'Shows how a piece of work stands.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({ job: z.uuid() }),
      output: jobSchema,
      errors: [],
      run: ({ input: { job } }) => jobs.get(job),
    }),
    controlOperation({
      name: 'job.cancel',
      summary: 'Calls a piece of work off.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'job.cancelled',
      input: z.strictObject({ job: z.uuid() }),
      output: jobSchema,
      errors: ['http.job_finished'],
      run: async ({ caller, input: { job } }) => {
        if (caller === null) throw new Error('the route demands credentials');
        return jobs.cancel(caller, job);
      },
    }),
  ];
}
