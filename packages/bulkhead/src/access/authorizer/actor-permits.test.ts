import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActorPermits } from './actor-permits.ts';
import { PermissionIndex } from './permission-index.ts';
import { readAnswer, type SnapshotAnswer } from './snapshot-answer.ts';

const TENANT = uuid(0);

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

function answer(given: Partial<SnapshotAnswer>): SnapshotAnswer {
  return {
    epoch: 1,
    tree: 1,
    catalogue: 1,
    everything: false,
    endsInMs: null,
    permissions: [
      ['invoice:read', false],
      ['invoice:void', true],
      ['report:read', false],
    ],
    roles: [],
    grants: [],
    limit: null,
    nodes: [],
    paths: null,
    ...given,
  };
}

function permitsOf(given: Partial<SnapshotAnswer>, nowMs = 0): ActorPermits {
  const facts = readAnswer(TENANT, answer(given), { masks: undefined, tree: undefined }, 0);
  return new ActorPermits(facts, nowMs);
}

describe('what an actor may do', () => {
  it('flows down from the node of a grant and not up or sideways', () => {
    const permits = permitsOf({
      roles: [['invoice:read']],
      nodes: [
        [uuid(1), TENANT],
        [uuid(2), uuid(1)],
        [uuid(3), TENANT],
      ],
      grants: [[uuid(1), 0, null]],
    });
    expect(permits.ask('invoice:read', uuid(1))).toBe('granted');
    expect(permits.ask('invoice:read', uuid(2))).toBe('granted');
    expect(permits.ask('invoice:read', uuid(2).toUpperCase())).toBe('granted');
    expect(permits.ask('invoice:read', uuid(3))).toBe('refused');
    expect(permits.ask('invoice:read', undefined)).toBe('refused');
    expect(permits.ask('report:read', uuid(2))).toBe('refused');
  });

  it('says of a node that it does not know, and of a permission that nobody knows', () => {
    const permits = permitsOf({ everything: true });
    expect(permits.ask('invoice:read', uuid(9))).toBe('unknown');
    expect(permits.ask('invoice:read', 'not a uuid')).toBe('unknown');
    expect(permits.ask('invoice:reed', undefined)).toBeUndefined();
    expect(permits.ask('__proto__', undefined)).toBeUndefined();
  });

  it('ends with each grant, by itself', () => {
    const permits = permitsOf({
      roles: [['invoice:read'], ['report:read']],
      grants: [
        [TENANT, 0, 100],
        [TENANT, 1, 500],
      ],
    });
    expect(permits.endsAtMs).toBe(100);
    const later = permits.at(100);
    expect(later.ask('invoice:read', undefined)).toBe('refused');
    expect(later.ask('report:read', undefined)).toBe('granted');
    expect(later.endsAtMs).toBe(500);
    expect(later.at(500).ask('report:read', undefined)).toBe('refused');
    expect(later.at(500).endsAtMs).toBeUndefined();
  });

  it('ends with the delegation it came by', () => {
    const permits = permitsOf({
      roles: [['invoice:read']],
      grants: [[TENANT, 0, null]],
      endsInMs: 50,
    });
    expect(permits.ask('invoice:read', undefined)).toBe('granted');
    expect(permits.endsAtMs).toBe(50);
    expect(permits.at(50).ask('invoice:read', undefined)).toBe('refused');
  });

  it('is only ever narrowed by limits', () => {
    const permits = permitsOf({
      roles: [['invoice:read', 'report:read']],
      nodes: [
        [uuid(1), TENANT],
        [uuid(2), uuid(1)],
      ],
      grants: [[TENANT, 0, null]],
      limit: { permissions: ['invoice:read', 'invoice:void'], nodes: [uuid(1)] },
    });
    expect(permits.ask('invoice:read', uuid(2))).toBe('granted');
    expect(permits.ask('report:read', uuid(2))).toBe('refused');
    expect(permits.ask('invoice:void', uuid(2))).toBe('refused');
    expect(permits.ask('invoice:read', undefined)).toBe('refused');
  });

  it('is nothing where the limit names only nodes that are gone', () => {
    const permits = permitsOf({ everything: true, limit: { permissions: null, nodes: [uuid(7)] } });
    expect(permits.ask('invoice:read', undefined)).toBe('refused');
  });

  it('holds more than 64 permissions apart, and many different masks', () => {
    const names = Array.from({ length: 100 }, (_, n) => `thing${n}:do`);
    const nodes = Array.from({ length: 400 }, (_, n) => [uuid(n + 1), TENANT] as const);
    const permits = permitsOf({
      permissions: names.map((name) => [name, false]),
      nodes,
      roles: nodes.map((_, n) => [
        names[n % 100] ?? '',
        names[(n * 7 + 3) % 100] ?? '',
        names[Math.floor(n / 100)] ?? '',
      ]),
      grants: nodes.map(([id], n) => [id, n, null]),
    });
    for (let round = 0; round < 2; round += 1) {
      for (const [n, [id]] of nodes.entries()) {
        const expected = new Set([n % 100, (n * 7 + 3) % 100, Math.floor(n / 100)]);
        for (const [bit, name] of names.entries()) {
          if (permits.ask(name, id) !== (expected.has(bit) ? 'granted' : 'refused')) {
            expect.fail(`${name} on node ${n}`);
          }
        }
      }
    }
  });

  it('sees a node that was added to a shared tree after it was made', () => {
    const facts = readAnswer(
      TENANT,
      answer({
        roles: [['invoice:read']],
        grants: [[uuid(1), 0, null]],
        nodes: null,
        paths: [[uuid(1)]],
      }),
      { masks: undefined, tree: undefined },
      0,
    );
    const permits = new ActorPermits(facts, 0);
    expect(permits.ask('invoice:read', uuid(2))).toBe('unknown');
    facts.tree.addPath(TENANT, [uuid(1), uuid(2)]);
    facts.tree.addPath(TENANT, [uuid(3)]);
    expect(permits.ask('invoice:read', uuid(2))).toBe('granted');
    expect(permits.ask('invoice:read', uuid(3))).toBe('refused');
  });

  it('answers like a naive model on any tree, grants, ends and limits', () => {
    const names = Array.from({ length: 70 }, (_, n) => `p${n}:do`);
    const index = new PermissionIndex(
      1,
      names.map((name) => [name, false]),
    );
    expect(index.width).toBe(3);
    const tenantArbitrary = fc.record({
      parents: fc.array(fc.nat(1000), { maxLength: 30 }),
      roles: fc.array(fc.array(fc.nat(69), { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
      grants: fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.option(fc.nat(10))), {
        maxLength: 12,
      }),
      limitNames: fc.option(fc.array(fc.nat(69), { maxLength: 40 })),
      limitNodes: fc.option(fc.array(fc.nat(1000), { maxLength: 3 })),
      at: fc.nat(11),
    });
    fc.assert(
      fc.property(tenantArbitrary, (t) => {
        const parents = [-1, ...t.parents.map((p, n) => p % (n + 1))];
        const nodeOf = (n: number) => n % parents.length;
        const grants = t.grants.map(([n, r, end]) => ({
          node: nodeOf(n),
          role: r % t.roles.length,
          end,
        }));
        const permits = permitsOf({
          permissions: names.map((name) => [name, false]),
          nodes: parents.slice(1).map((p, n) => [uuid(n + 1), uuid(p)]),
          roles: t.roles.map((bits) => bits.map((bit) => names[bit] ?? '')),
          grants: grants.map(({ node, role, end }) => [uuid(node), role, end]),
          limit:
            t.limitNames === null && t.limitNodes === null
              ? null
              : {
                  permissions: t.limitNames?.map((bit) => names[bit] ?? '') ?? null,
                  nodes: t.limitNodes?.map((n) => uuid(nodeOf(n))) ?? null,
                },
        }).at(t.at);
        for (let node = 0; node < parents.length; node += 1) {
          const chain: number[] = [];
          for (let up = node; up !== -1; up = parents[up] ?? -1) chain.push(up);
          const within =
            t.limitNodes === null || t.limitNodes.some((n) => chain.includes(nodeOf(n)));
          for (let bit = 0; bit < names.length; bit += 1) {
            const held =
              within &&
              (t.limitNames === null || t.limitNames.includes(bit)) &&
              grants.some(
                (g) =>
                  chain.includes(g.node) &&
                  (g.end === null || t.at < g.end) &&
                  t.roles[g.role]?.includes(bit),
              );
            expect(permits.ask(names[bit] ?? '', uuid(node))).toBe(held ? 'granted' : 'refused');
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
