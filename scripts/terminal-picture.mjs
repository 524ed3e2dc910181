// Draws what `npm start` prints as docs/images/start.svg: `npm run picture`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 22;
const TITLE_BAR = 34;
const COLOURS = { 1: 'strong', 2: 'faint', 31: 'bad', 32: 'good' };
const ESCAPE = String.fromCharCode(27);
const CODE = new RegExp(`${ESCAPE}\\[(\\d+)m`);

const output = execFileSync('node', ['examples/notes/dist/demo.js', '--check'], {
  env: { ...process.env, FORCE_COLOR: '1', NO_COLOR: '' },
  encoding: 'utf8',
});
const lines = output
  .split('\n')
  .filter(
    (line) => !/^\s*(?:\d+\/\d+)?$/.test(line.replaceAll(new RegExp(CODE, 'g'), '')) || line === '',
  );
while (lines.at(-1) === '') lines.pop();
while (lines[0] === '') lines.shift();

const escapeText = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function spans(line) {
  let style = '';
  return line
    .split(new RegExp(CODE.source))
    .map((part, index) => {
      // Odd parts are the codes themselves; a code that is not a colour of ours ends the last one.
      if (index % 2 === 1) {
        style = COLOURS[part] ?? '';
        return '';
      }
      if (part === '') return '';
      return style === ''
        ? escapeText(part)
        : `<tspan class="${style}">${escapeText(part)}</tspan>`;
    })
    .join('');
}

const plain = lines.map((line) => line.replaceAll(new RegExp(CODE, 'g'), ''));
const width = Math.ceil(
  Math.max(...plain.map((line) => line.length)) * CHARACTER_WIDTH + MARGIN * 2,
);
const height = lines.length * LINE_HEIGHT + TITLE_BAR + MARGIN * 1.4;
const rows = lines.map((line, index) => {
  const y = TITLE_BAR + MARGIN + index * LINE_HEIGHT;
  return line === '' ? '' : `<text x="${MARGIN}" y="${y}">${spans(line)}</text>\n`;
});

mkdirSync('docs/images', { recursive: true });
writeFileSync(
  'docs/images/start.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
<title>npm start: the demo's attack, in which not one byte crosses between organizations</title>
<style>
  rect { fill: #10151c }
  circle { fill: #39424e }
  text { font: 14px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d5dbe3; white-space: pre }
  .strong { font-weight: 700; fill: #ffffff } .faint { fill: #7d8896 } .good { fill: #5ec58b } .bad { fill: #ef6b64 }
</style>
<rect width="${width}" height="${height}" rx="10"/>
<circle cx="22" cy="19" r="5.5"/><circle cx="42" cy="19" r="5.5"/><circle cx="62" cy="19" r="5.5"/>
<g xml:space="preserve">
${rows.join('')}</g>
</svg>
`,
);
