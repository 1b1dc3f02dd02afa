import { spawn, spawnSync } from 'node:child_process';
import { RequirementError } from './requirement-error.ts';

const progressMs = 15_000;

/** @throws RequirementError when Go is not there */
export function requireGo(): void {
  const found = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (found.status === 0) return;
  throw new RequirementError(
    'Go 1.26 or later is needed to build the control plane, and "go" is not on the PATH. Install it from go.dev, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl (api level only).',
  );
}

/**
 * Builds one command of a Go module to a file, and says every fifteen seconds that it is still at it.
 * @throws Error with the compiler's last words
 */
export async function goBuild(
  build: { moduleDir: string; importPath: string; output: string; ldflags: string },
  label: string,
  say: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  const child = spawn('go', ['build', '-trimpath', '-ldflags', build.ldflags, '-o', build.output, build.importPath], {
    cwd: build.moduleDir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly' },
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000)));
  const timer = setInterval(() => say(`${label}: still building (${seconds()})`), progressMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw new Error(`go build ${build.importPath} failed (exit code ${code}):\n${words}`);
    say(`${label}: built in ${seconds()}`);
  } finally {
    clearInterval(timer);
  }
}
