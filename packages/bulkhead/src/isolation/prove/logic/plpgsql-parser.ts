/**
 * PL/pgSQL's own parser, compiled to WebAssembly, in an instance apart from the guard's.
 *
 * Promises: the tree of a body, or undefined; a body that makes the parser trap costs this instance only.
 */
import createInstance, { type ParserInstance } from 'libpg-query/wasm/libpg-query.js';
import { loadParser } from '../../guard/parser.ts';
import type { Routine } from '../catalog/model.ts';
import { as, isTree, list, type Tree } from './tree.ts';

interface PlPgSqlInstance extends ParserInstance {
  _wasm_parse_plpgsql(text: number): number;
  _wasm_free_string(pointer: number): void;
}

let instance: PlPgSqlInstance | undefined;
let loading: Promise<void> | undefined;

/** Loads both parsers; call once before any rule runs. */
export function loadLogic(): Promise<void> {
  loading ??= (async () => {
    await loadParser();
    // The package's module has more functions than the guard's declaration names.
    instance = (await createInstance()) as PlPgSqlInstance;
  })();
  return loading;
}

const bodies = new Map<string, Tree | undefined>();

/** The function's tree (`PLpgSQL_function`), or undefined when it cannot be read. */
export function bodyOf(routine: Routine): Tree | undefined {
  const text = creation(routine, routine.source);
  if (bodies.has(text)) return bodies.get(text);
  // Row types are not known to the parser, which then takes the variable for a plain one.
  const tree = parseOnce(text) ?? parseOnce(creation(routine, recordsFor(routine.source)));
  bodies.set(text, tree);
  return tree;
}

function recordsFor(source: string): string {
  return source
    .replace(/[\w".]+%rowtype/gi, 'record')
    .replace(
      /^(\s*(?:declare\s+)?\w+\s+)(?!record\b|alias\b|constant\b|cursor\b)("?\w+"?\.)?"?\w+"?(\s*;)/gim,
      (all, name: string, schema: string | undefined, end: string) =>
        schema === undefined ? all : `${name}record${end}`,
    );
}

function creation(routine: Routine, source: string): string {
  const trigger = /^(event_)?trigger$/.test(routine.returns);
  const args = routine.arguments.map((argument, at) => {
    const mode = argument.mode === 'table' ? 'out' : argument.mode;
    const name =
      argument.name === null || argument.name === ''
        ? `"$${at + 1} unnamed"`
        : `"${argument.name.replaceAll('"', '""')}"`;
    return `${mode} ${name} ${plainType(argument.type)}`;
  });
  const hasOut = routine.arguments.some((a) => a.mode !== 'in' && a.mode !== 'variadic');
  const one = plainType(routine.returns);
  const returns = trigger
    ? `returns ${routine.returns}`
    : hasOut
      ? routine.returnsSet
        ? 'returns setof record'
        : ''
      : `returns ${routine.returnsSet ? 'setof ' : ''}${one}`;
  let tag = '$body$';
  while (source.includes(tag)) tag = tag.replace('$body', '$body_');
  return `create function f(${trigger ? '' : args.join(', ')}) ${routine.kind === 'procedure' ? 'returns void' : returns} language plpgsql as ${tag}${source}${tag}`;
}

const plainType = (type: string): string =>
  /^[a-z ]+(\(\d+(,\d+)?\))?(\[\])*$/.test(type) ? type : 'record';

function parseOnce(text: string): Tree | undefined {
  if (instance === undefined || text.includes('\0')) return undefined;
  try {
    const sizeMax = instance.lengthBytesUTF8(text) + 1;
    const pointer = instance._malloc(sizeMax);
    instance.stringToUTF8(text, pointer, sizeMax);
    const result = instance._wasm_parse_plpgsql(pointer);
    const answer = instance.UTF8ToString(result);
    instance._free(pointer);
    instance._wasm_free_string(result);
    if (!answer.startsWith('{')) return undefined;
    const parsed = JSON.parse(answer) as unknown;
    const first = isTree(parsed) ? list(parsed.plpgsql_funcs)[0] : undefined;
    return as(first, 'PLpgSQL_function');
  } catch {
    instance = undefined;
    void createInstance().then((fresh) => {
      instance = fresh as PlPgSqlInstance;
    });
    return undefined;
  }
}
