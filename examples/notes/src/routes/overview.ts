/** The pages that only read: overview, projects, activity. */
import type { FastifyInstance } from 'fastify';
import { type ActivityRow, activityPage } from '../pages/activity.ts';
import { type Overview, overviewPage } from '../pages/overview.ts';
import { type ProjectSummary, projectsPage } from '../pages/projects.ts';
import { frameOf, type Services } from '../services.ts';

const TOTALS = `select
  coalesce(sum(total_cents) filter (where status = 'open'), 0) as open_cents,
  (count(*) filter (where status = 'open'))::integer as open_count,
  coalesce(sum(total_cents) filter (where status = 'open' and due_on < current_date), 0) as late_cents,
  (count(*) filter (where status = 'open' and due_on < current_date))::integer as late_count,
  (select count(*)::integer from project where status = 'active') as active_projects,
  (select count(*)::integer from note where updated_at > now() - interval '30 days') as recent_notes
  from invoice`;

const PROJECTS = `select id, code, name, summary, status, lead_name, note_count, invoiced_cents, paid_cents
  from project_summary order by array_position(array['active', 'paused', 'done'], status), name limit 200`;

export function overviewRoutes(app: FastifyInstance, services: Services): void {
  const { pool } = services;

  app.get('/', async (request, reply) => {
    const [totals, notes, due] = await Promise.all([
      pool.query<Overview['totals']>(TOTALS),
      pool.query<Overview['notes'][number]>(
        `select n.id, n.title, p.name as project, a.name as author, n.updated_at
         from note n join project p on p.id = n.project_id join person a on a.id = n.author_id
         order by n.updated_at desc limit 6`,
      ),
      pool.query<Overview['due'][number]>(
        `select id, number, customer, due_on::text, total_cents, due_on < current_date as late
         from invoice where status = 'open' order by due_on limit 6`,
      ),
    ]);
    if (totals.rows[0] === undefined) throw new Error('an aggregate returned no row');
    return reply.type('text/html').send(
      overviewPage(frameOf(services, request), {
        totals: totals.rows[0],
        notes: notes.rows,
        due: due.rows,
      }),
    );
  });

  app.get('/projects', async (request, reply) => {
    const projects = await pool.query<ProjectSummary>(PROJECTS);
    return reply.type('text/html').send(projectsPage(frameOf(services, request), projects.rows));
  });

  app.get('/api/projects', async () => ({
    projects: (await pool.query<ProjectSummary>(PROJECTS)).rows,
  }));

  app.get('/activity', async (request, reply) => {
    const rows = await pool.query<ActivityRow>(
      `select a.at, p.name as person, a.verb, a.object from activity a join person p on p.id = a.person_id
       order by a.at desc limit 80`,
    );
    return reply.type('text/html').send(activityPage(frameOf(services, request), rows.rows));
  });
}
