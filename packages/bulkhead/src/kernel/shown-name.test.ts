import { expect, it } from 'vitest';
import { shownName } from './shown-name.ts';

it('takes names of all scripts', () => {
  for (const name of ['Zoë O’Brien', 'ルリ 株式会社', 'شركة\u200f ١', '👩‍🚀 Co']) {
    expect(shownName.parse(` ${name} `)).toBe(name);
  }
});

it('refuses what breaks a line, turns text around or is half a character', () => {
  for (const part of ['\n', '\0', '\u0085', '\u2028', '\u202e', '\u2066', '\ud800', '\udc00']) {
    expect(shownName.safeParse(`a${part}b`).success).toBe(false);
  }
  expect(shownName.safeParse(' ').success).toBe(false);
  expect(shownName.safeParse('x'.repeat(201)).success).toBe(false);
});
