/**
 * Reads configuration at the edge, once.
 *
 * Promises: all faults are told together, each with its path; an unknown key is a fault; no value of the
 * input is ever part of the message, because any of them may be a secret put in the wrong place.
 */
import type { z } from 'zod';
import { kernelError } from '../error-codes.ts';

/** One thing wrong with a configuration. */
export interface ConfigFault {
  /** `isolation.contextKeys[0]`; empty for the whole. */
  readonly path: string;
  readonly fault: string;
}

/**
 * Checks `input` and fills in defaults.
 *
 * @throws `kernel.config_invalid`, its message listing every fault with its path.
 */
export function parseConfig<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = configFaults(result.error, input);
  const lines = faults.map(
    ({ path, fault }) => `  ${path === '' ? '(the whole)' : path}: ${fault}`,
  );
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  throw kernelError('kernel.config_invalid', {
    message: `The configuration has ${count}:\n${lines.join('\n')}`,
  });
}

/** Every fault, in the order of the schema, with no word of the values. */
export function configFaults(error: z.ZodError, input: unknown): ConfigFault[] {
  return error.issues.flatMap((issue) => describe(issue, input));
}

function describe(issue: z.core.$ZodIssue, input: unknown): ConfigFault[] {
  const path = formatPath(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, isPlainKey(key) ? key : '(unprintable key)']),
        fault: 'is not a known key',
      }));
    case 'invalid_type': {
      // A schema that has words of its own for this says more than we could.
      if (!issue.message.startsWith('Invalid input')) return [{ path, fault: issue.message }];
      const isAbsent = valueAt(input, issue.path) === undefined;
      return [{ path, fault: isAbsent ? 'is required' : `must be ${article(issue.expected)}` }];
    }
    case 'invalid_value':
      return [
        {
          path,
          fault: `must be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`,
        },
      ];
    case 'invalid_union': {
      // A discriminated union knows its choices; else the branch that came furthest is told.
      const closest = [...issue.errors].sort(
        (a, b) => depth(b) - depth(a) || a.length - b.length,
      )[0];
      if (closest === undefined || closest.length === 0) return [{ path, fault: issue.message }];
      return closest.flatMap((inner) =>
        describe({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, input),
      );
    }
    case 'invalid_key':
    case 'invalid_element':
      return [{ path, fault: 'holds an entry that is not valid' }];
    default:
      // Formats, bounds and refinements: the texts are the schema's own and hold limits, not values.
      return [{ path, fault: lowerFirst(issue.message) }];
  }
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length));

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** A secret may have been pasted where a key belongs; only what looks like an identifier is repeated. */
const isPlainKey = (key: string): boolean => /^[A-Za-z][A-Za-z]{0,39}$/.test(key);

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    input,
  );
}

const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
