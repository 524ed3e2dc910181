/** The description says what is there, and every address has its place in it. */
import { expect, it } from 'vitest';
import { capabilities } from '../../capabilities.ts';
import { apiDocument, describedEndpoints } from './api-document.ts';

const errors = Object.assign({}, ...capabilities.map((room) => room.errors));
const document = apiDocument({ errors, version: '0.0.0', serverUrl: 'https://x.example/api/v1' });

it('describes every endpoint once, with a summary and the codes that it answers with', () => {
  const paths = document.paths as Record<
    string,
    Record<string, { operationId: string; responses: object }>
  >;
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  const names = described.map(({ operationId }) => operationId);
  expect(names.sort()).toEqual(
    describedEndpoints()
      .map(({ operation }) => operation.name)
      .sort(),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const { responses } of described) expect(responses).toHaveProperty('default');
});

it('names no code that is not in the catalogue', () => {
  for (const { operation } of describedEndpoints()) {
    for (const code of operation.errors)
      expect(Object.keys(errors), operation.name).toContain(code);
  }
});

it('takes and gives nothing that has no schema', () => {
  for (const { operation, route } of describedEndpoints()) {
    const place = (document.paths as Record<string, Record<string, unknown>>)[route.path];
    expect(JSON.stringify(place?.[route.method.toLowerCase()]), operation.name).not.toContain(
      '"schema":{}',
    );
  }
});
