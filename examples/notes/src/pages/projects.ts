import { html } from '../html.ts';
import { money, plural } from './format.ts';
import { heading, type PageFrame, page } from './layout.ts';

export interface ProjectSummary {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly summary: string;
  readonly status: 'active' | 'paused' | 'done';
  readonly lead_name: string;
  readonly note_count: number;
  readonly invoiced_cents: string;
  readonly paid_cents: string;
}

const TONE = { active: 'good', paused: 'warn', done: '' } as const;

export function projectsPage(frame: PageFrame, projects: readonly ProjectSummary[]): string {
  return page(
    frame,
    'projects',
    'Projects',
    html`${heading('Projects', plural(projects.length, 'project'))}
<ul class="cards">${projects.map((project) => {
      const invoiced = Number(project.invoiced_cents);
      return html`<li class="card pad"><div class="meta"><span class="code">${project.code}</span><span class="chip ${TONE[project.status]}">${project.status}</span></div>
<h2>${project.name}</h2><p class="soft">${project.summary}</p>
${invoiced > 0 && html`<div class="small"><span id="paid-${project.id}">${money(project.paid_cents)} paid of ${money(project.invoiced_cents)}</span><meter aria-labelledby="paid-${project.id}" min="0" max="${invoiced}" value="${Number(project.paid_cents)}"></meter></div>`}
<div class="foot"><span>${project.lead_name}</span><span>${plural(project.note_count, 'note')}</span></div></li>`;
    })}</ul>`,
  );
}
