/** The versions that a policy had, the newest first, each with what it changed. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { questions } from '../../api/queries.ts';
import type { Policy, PolicyKind } from '../../api/shapes.ts';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { labelOf } from './labels.ts';
import css from './policy-history.module.css';

export interface PolicyHistoryProps {
  readonly tenant: string;
  readonly kind: PolicyKind;
}

export function PolicyHistory({ tenant, kind }: PolicyHistoryProps) {
  const found = useInfiniteQuery(questions.policyHistory(tenant, kind));
  const versions = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className={css.history} aria-labelledby="policy-history">
      <h2 id="policy-history">How it came to be so</h2>
      {found.isPending && <Loading what="the history" rows={3} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      <ol>
        {versions.map((version, index) => (
          <li key={version.version}>
            <p>
              Version {version.version}, <Moment at={version.changedAt} />
              {version.changedBy !== null && <span className="soft"> by {version.changedBy}</span>}
            </p>
            <ul className="soft">
              {changesOf(version, versions[index + 1]).map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      <MoreRows query={found} what="versions" shown={versions.length} />
    </section>
  );
}

/** Against the version before; the first against what everybody has. */
function changesOf(version: Policy, before: Policy | undefined): readonly string[] {
  const is = { ...version.defaults, ...version.body };
  const was: Readonly<Record<string, unknown>> = { ...version.defaults, ...before?.body };
  const changes = Object.entries(is)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]))
    .map(([name, value]) => `${labelOf(name)}: ${textOf(was[name])} → ${textOf(value)}`);
  return changes.length === 0 ? ['Nothing differs from the version before.'] : changes;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.join(', ') || 'none';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
