/**
 * The API's reference as one page, made from the OpenAPI document when the process starts: no script, no style
 * in the page, nothing from elsewhere.
 */
type Json = Readonly<Record<string, unknown>>;

interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Json;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
      }
    >
  >;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (value: string): string => value.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? '');

/** Text with its `code` marked. */
const prose = (value: string): string =>
  text(value)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll('\n\n', '<br>');

export function referencePage(document: Json, base: string): string {
  const info = document.info as { title: string; description: string; version: string };
  const paths = document.paths as Readonly<
    Record<string, Readonly<Record<string, OperationObject>>>
  >;
  const sections = new Map<string, string[]>();
  const links = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? '';
      sections.set(tag, [...(sections.get(tag) ?? []), article(path, method, operation)]);
      const link = `<li><a href="#${text(operation.operationId)}">${text(operation.summary)}</a></li>`;
      links.set(tag, [...(links.get(tag) ?? []), link]);
    }
  }
  const menu = [...links]
    .map(([tag, items]) => `<h2>${text(tag)}</h2><ul>${items.join('')}</ul>`)
    .join('');
  const body = [...sections]
    .map(([tag, articles]) => `<section><h2>${text(tag)}</h2>${articles.join('')}</section>`)
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)}</title>
<link rel="stylesheet" href="${base}/reference.css">
</head>
<body>
<nav aria-label="Operations">${menu}</nav>
<main>
<h1>${text(info.title)} <small>${text(info.version)}</small></h1>
<p>${prose(info.description)} The same as <a href="${base}/openapi.json">OpenAPI 3.1</a>.</p>
${body}
</main>
</body>
</html>
`;
}

function article(path: string, method: string, operation: OperationObject): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = (parameters ?? []).map(
    ({ name, in: where, required, description: about, schema }) =>
      `<tr><th scope="row"><code>${text(name)}</code></th><td>${text(where)}${required ? ', required' : ''}</td><td><code>${text(short(schema))}</code></td><td>${prose(about ?? '')}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? ''
      : `<table><caption>Parameters</caption><thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const body = Object.values(requestBody?.content ?? {}).map(
    ({ schema }) => `<h4>Body</h4><pre>${text(JSON.stringify(schema, null, 2))}</pre>`,
  );
  const answers = Object.entries(responses).map(([status, { description: about, content }]) => {
    const schemas = Object.entries(content ?? {})
      .filter(([type]) => !type.includes('problem'))
      .map(
        ([type, { schema }]) =>
          `<p>${text(type)}</p><pre>${text(JSON.stringify(schema, null, 2))}</pre>`,
      );
    return `<details><summary><b>${text(status)}</b> ${prose((about ?? '').split('\n')[0] ?? '')}</summary><p>${prose(about ?? '')}</p>${schemas.join('')}</details>`;
  });
  return `<article id="${text(operationId)}">
<h3>${text(summary)}</h3>
<p class="address"><b>${method.toUpperCase()}</b> <code>/api/v1${text(path)}</code></p>
<p>${prose(description)}</p>${table}${body.join('')}<h4>Answers</h4>${answers.join('')}
</article>`;
}

function short(schema: Json): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(' | ');
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as Json[]).map(short).join(' | ');
  return typeof schema.type === 'string' ? schema.type : 'any';
}

export const referenceStyle = `:root { color-scheme: light dark; --line: #d5dae3; --ink: #1c2430; --faint: #5a6678; --ground: #fbfcfe; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --line: #2b3444; --ink: #dde4ef; --faint: #93a1b7; --ground: #10151e; --accent: #7fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr); color: var(--ink); background: var(--ground); font: 15px/1.55 system-ui, sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 24px 16px; border-right: 1px solid var(--line); }
nav h2 { margin: 24px 0 4px; font-size: 13px; color: var(--faint); font-weight: 600; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: 2px 0; color: inherit; text-decoration: none; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { max-width: 60rem; padding: 32px; }
h1 small { color: var(--faint); font-weight: 400; font-size: 15px; }
article { padding: 24px 0; border-top: 1px solid var(--line); }
h3 { margin: 0; }
.address { margin: 4px 0 8px; color: var(--faint); }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow: auto; max-height: 24rem; padding: 12px; border: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; margin: 8px 0; }
caption { text-align: left; font-weight: 600; }
th, td { padding: 4px 12px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
details { padding: 4px 0; }
@media (max-width: 700px) { body { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 16px; } table { display: block; overflow: auto; } }
`;
