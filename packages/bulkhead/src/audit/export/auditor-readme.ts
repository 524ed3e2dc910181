/** What an auditor finds beside the log: what this is, how to check it, and what checking does not show. */
export interface ExportManifest {
  readonly format: 'bulkhead-audit-export/1';
  readonly tenant: string;
  readonly class: string;
  readonly origin: string;
  /** Keys that the exporter says are the log's. Have them from somewhere better than here. */
  readonly verifierKeys: readonly string[];
  readonly checkpoint: { readonly size: number; readonly root: string };
  /** Leaves whose entries are here; all leaf hashes are. */
  readonly entries: { readonly first: number; readonly end: number };
  readonly time: { readonly from: string | null; readonly to: string | null };
  /** Null when personal values were left out. */
  readonly openings: { readonly open: number; readonly erased: number } | null;
  readonly proofs: readonly string[];
  readonly exportedAt: string;
}

export function auditorReadme(manifest: ExportManifest): string {
  const { entries, checkpoint, verifierKeys, time } = manifest;
  const keys = verifierKeys.length === 0 ? ['<the log’s verifier key>'] : verifierKeys;
  const command = [
    'npx bulkhead-verify log .',
    ...keys.map((key) => `--vkey '${key}'`),
    ...(entries.first > 0 ? [`--min-index ${entries.first}`] : []),
    ...(manifest.openings === null ? [] : ['--openings openings.jsonl']),
    ...manifest.proofs.map((path) => `--inclusion ${path}`),
  ].join(' \\\n      ');
  const span =
    time.from === null && time.to === null
      ? 'the whole log'
      : `every event from ${time.from ?? 'the beginning'} to ${time.to ?? 'the end'}, and what lies between`;
  return `AUDIT LOG OF ONE TENANT
=======================

Log        ${manifest.origin}
Holds      ${span}: entries ${entries.first} to ${entries.end - 1} of ${checkpoint.size}
Root       ${checkpoint.root}
Exported   ${manifest.exportedAt}

Check it, on a machine of your own with Node.js 20 or later and no network:

      ${command}

Exit status 0: everything holds. 1: something does not, and the lines that begin with FAIL say what.

Where the key must come from
  The key above is only as good as the place you have it from. Compare it with the one that the operator of the
  service has published or given you before; a directory that brings its own key proves nothing.

What it shows
  That the entries are, in number, order and every byte, those that the holder of the key signed for at
  this size of the log; that none was changed, dropped, inserted or moved. With a checkpoint that you kept
  from an earlier time (add --pin FILE), also that nothing of that time was changed since.

What it does not show
  That what was recorded was true when it was recorded; that others were shown the same log (compare
  checkpoints with them); what an erased value was: its commitment stays, and nobody can open it any more.

Files
  checkpoint            the signed size and root of the log (C2SP tlog-checkpoint)
  tile/                 hashes of the tree and entries (C2SP tlog-tiles); an entry is one event as JSON
  openings.jsonl        the personal values that entries only commit to, unless they were left out
  proofs/               inclusion proofs of single events; each stands for itself
  manifest.json         this page for programs
`;
}
