import { type Html, html } from '../html.ts';
import { moment, plural } from './format.ts';
import { heading, type PageFrame, page, tokenField } from './layout.ts';

export interface NoteRow {
  readonly id: string;
  readonly title: string;
  readonly excerpt: string;
  readonly project: string;
  readonly author: string;
  readonly updated_at: Date;
  readonly pinned?: boolean;
}

export interface Note extends NoteRow {
  readonly body: string;
  readonly created_at: Date;
}

export interface Comment {
  readonly id: string;
  readonly body: string;
  readonly author: string;
  readonly created_at: Date;
}

export interface ProjectChoice {
  readonly id: string;
  readonly name: string;
}

/** The search marks its hits with « and »; here they become marks. */
function marked(excerpt: string): Html[] {
  return excerpt
    .split(/«([^«»]*)»/)
    .map((part, index) => (index % 2 === 1 ? html`<mark>${part}</mark>` : html`${part}`));
}

function newNote(frame: PageFrame, projects: readonly ProjectChoice[]): Html {
  return html`<details class="card"><summary>Write a note</summary><form class="pad fields" method="post" action="${frame.base}/notes">${tokenField(frame)}
<div><label for="project">Project</label><select id="project" name="project_id">${projects.map((project) => html`<option value="${project.id}">${project.name}</option>`)}</select></div>
<div><label for="title">Title</label><input id="title" name="title" required maxlength="200"></div>
<div><label for="body">Note</label><textarea id="body" name="body" rows="6" maxlength="20000"></textarea></div>
<div><button>Save note</button></div></form></details>`;
}

export function notesPage(
  frame: PageFrame,
  found: {
    readonly query: string;
    readonly notes: readonly NoteRow[];
    readonly total: number;
    readonly projects: readonly ProjectChoice[];
  },
): string {
  const { base } = frame;
  const below =
    found.query === ''
      ? plural(found.total, 'note')
      : `${plural(found.notes.length, 'note')} about “${found.query}”`;
  return page(
    frame,
    'notes',
    'Notes',
    html`${heading('Notes', below)}
<form role="search" method="get" action="${base}/notes" class="inline"><div><label for="q">Search notes</label><input id="q" name="q" type="search" value="${found.query}"></div><button>Search</button></form>
<section class="section" aria-label="Notes">${
      found.notes.length === 0
        ? html`<p class="card empty">Nothing here says that. <a href="${base}/notes">Show all notes</a></p>`
        : html`<ul class="rows card">${found.notes.map(
            (
              note,
            ) => html`<li><a class="title" href="${base}/notes/${note.id}">${note.title}</a>${note.pinned && html` <span class="chip warn">Pinned</span>`}
<p class="excerpt">${marked(note.excerpt)}</p>
<p class="meta"><span>${note.project}</span><span>${note.author}</span><span>${moment(note.updated_at)}</span></p></li>`,
          )}</ul>`
    }</section>
<section class="section" aria-label="New note">${newNote(frame, found.projects)}</section>`,
  );
}

export function notePage(frame: PageFrame, note: Note, comments: readonly Comment[]): string {
  const { base } = frame;
  return page(
    frame,
    'notes',
    note.title,
    html`${heading(note.title, html`${note.author} in ${note.project}, last changed ${moment(note.updated_at)}`, note.pinned ? html`<span class="chip warn">Pinned</span>` : undefined)}
<article class="card pad"><div class="prose">${note.body}</div></article>
<section class="section"><header><h2>${comments.length === 0 ? 'No comments yet' : plural(comments.length, 'comment')}</h2></header>
${
  comments.length > 0 &&
  html`<div class="card">${comments.map(
    (comment) =>
      html`<div class="comment"><span class="meta"><strong>${comment.author}</strong><span>${moment(comment.created_at)}</span></span><p>${comment.body}</p></div>`,
  )}</div>`
}
</section>
<form class="section fields" method="post" action="${base}/notes/${note.id}/comments">${tokenField(frame)}
<div><label for="body">Add a comment</label><textarea id="body" name="body" rows="3" required maxlength="4000"></textarea></div>
<div><button>Comment</button></div></form>`,
  );
}
