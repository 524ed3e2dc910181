/** Shown once, when they are made. Whoever leaves this page without them can make new ones. */
import { Button } from '../../parts/button.tsx';
import { CodeBlock } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';

export interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onClose: () => void;
}

export function RecoveryCodes({ codes, onClose }: RecoveryCodesProps) {
  return (
    <Dialog label="Your recovery codes" onClose={onClose}>
      <h2>Keep these {codes.length} recovery codes</h2>
      <p className="soft">
        Each lets you in once when your second factor is out of reach. They are shown this once; put
        them where you keep passwords.
      </p>
      <CodeBlock label="Recovery codes" text={codes.join('\n')} download="recovery-codes.txt" />
      <div style={{ display: 'flex', justifyContent: 'flex-end' }}>
        <Button look="main" onClick={onClose}>
          I have kept them
        </Button>
      </div>
    </Dialog>
  );
}
