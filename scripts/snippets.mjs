// Puts the snippets of the guides in: each is a region of a file that is compiled and run by the tests.
// Between `<!-- snippet: path#name -->` and `<!-- /snippet -->` stands what lies between `// #region name`
// and `// #endregion` of that file. With --check it only compares.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const MARKED = /(<!-- snippet: (\S+?)#(\S+) -->\n)[\s\S]*?(<!-- \/snippet -->)/g;

async function pages() {
  const found = await readdir(join(root, 'docs'), { recursive: true });
  return ['README.md', ...found.map((name) => join('docs', name))].filter((name) =>
    name.endsWith('.md'),
  );
}

function region(source, path, name) {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\s*//+ #region ${name}$`).test(line));
  const end = lines.findIndex((line, index) => index > start && /^\s*\/\/+ #endregion/.test(line));
  if (start === -1 || end === -1) throw new Error(`${path} has no region ${name}`);
  const body = lines.slice(start + 1, end);
  const indents = body.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return body
    .map((line) => line.slice(indent))
    .join('\n')
    .trim();
}

async function withSnippets(text) {
  let made = '';
  let from = 0;
  for (const match of text.matchAll(MARKED)) {
    const [whole, opening, path, name, closing] = match;
    const code = region(await readFile(join(root, path), 'utf8'), path, name);
    const fenced = `\`\`\`${extname(path).slice(1)}\n${code}\n\`\`\`\n`;
    made += `${text.slice(from, match.index)}${opening}${fenced}${closing}`;
    from = match.index + whole.length;
  }
  return made + text.slice(from);
}

for (const page of await pages()) {
  const target = join(root, page);
  const text = await readFile(target, 'utf8').catch(() => '');
  const made = await withSnippets(text);
  if (made === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${page} shows other code than the tests run: npm run snippets`);
    process.exitCode = 1;
  } else {
    await writeFile(target, made);
    console.log(`${page} brought up to date`);
  }
}
