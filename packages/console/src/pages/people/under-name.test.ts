import { expect, it } from 'vitest';
import { underName } from './under-name.ts';

it('calls nobody a service account who is a person without an address', () => {
  expect(underName({ type: 'user', email: null })).toBe('');
  expect(underName({ type: 'user', email: 'ada@notes.example' })).toBe('ada@notes.example');
  expect(underName({ type: 'service_account', email: null })).toBe('service account');
});
