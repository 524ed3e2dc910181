/** The control plane's own operations, with what they work with. */
import { accountRoutes } from './account-routes.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { LiveHub } from './live/live-hub.ts';
import type { ControlRoom } from './operation.ts';
import { type AccountDoors, accountOperations } from './operations/account.ts';
import { histogramOperation } from './operations/event-histogram.ts';
import { eventOperations } from './operations/events.ts';
import { isolationOperations } from './operations/isolation.ts';
import { jobOperations } from './operations/jobs.ts';
import { joiningOperations } from './operations/joining.ts';
import { logOperations } from './operations/logs.ts';
import { meOperations } from './operations/me.ts';
import { overviewOperations } from './operations/overview.ts';
import { settingsOperations } from './operations/settings.ts';
import { signInOperations } from './operations/sign-in.ts';
import { streamOperations } from './operations/stream.ts';
import { tenantOperations } from './operations/tenants.ts';
import { userOperations } from './operations/users.ts';
import type { ControlWork } from './operations/work.ts';
import type { AntiForgery } from './request/cross-site.ts';
import { controlRoutes } from './routes.ts';

export interface OwnParts {
  readonly work: ControlWork;
  readonly antiForgery: AntiForgery;
  readonly hub: LiveHub;
  readonly jobs: JobRunner;
  readonly people: AccountDoors;
  readonly streamsPerActor: number;
}

export function ownRoom(parts: OwnParts): ControlRoom {
  const { work, antiForgery, hub, jobs, people, streamsPerActor } = parts;
  return {
    routes: [...controlRoutes, ...accountRoutes],
    operations: [
      ...signInOperations(people),
      ...accountOperations(people, work.operatorQuery, antiForgery),
      ...joiningOperations(people),
      ...userOperations(people, work.operatorQuery),
      ...meOperations(work, people, antiForgery),
      ...overviewOperations(work),
      ...streamOperations(hub, streamsPerActor),
      ...settingsOperations(work),
      ...tenantOperations(work),
      ...eventOperations(work),
      histogramOperation(work),
      ...logOperations(work),
      ...isolationOperations(work, jobs),
      ...jobOperations(jobs),
    ],
  };
}
