import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = 'src/csi/proto';

/** Messages and services of CSI and of kubelet's plugin registration, from their `.proto` files. */
export function protocolBuffers(): { path: string; content: string }[] {
  const out = mkdtempSync(join(tmpdir(), 'hwameistor-proto-'));
  try {
    execFileSync('buf', ['generate', folder, '--template', join(folder, 'buf.gen.yaml'), '--output', out]);
    return readdirSync(out).map((name) => ({
      path: join(folder, name),
      content: readFileSync(join(out, name), 'utf8'),
    }));
  } finally {
    rmSync(out, { recursive: true });
  }
}
