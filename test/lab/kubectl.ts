import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { binaryPath } from '../../scripts/setup/go-commands.ts';
import type { LabPaths } from './state-folder.ts';

export interface KubectlOptions {
  /** Standard input, for `apply -f -`. */
  readonly input?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface KubectlResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const kubectlMs = 180_000;

/** Runs kubectl as the cluster's admin, from outside the lab as a user would. Whatever the exit code, it is returned. */
export async function kubectl(
  paths: LabPaths,
  args: readonly string[],
  options: KubectlOptions = {},
): Promise<KubectlResult> {
  const child = spawn(binaryPath('kubectl'), args, {
    env: kubectlEnvironment(paths),
    timeout: options.timeoutMs ?? kubectlMs,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {
    // It did not care for its input.
  });
  child.stdin.end(options.input ?? '');
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const ending = child.signalCode === null ? '' : `kubectl was ended by ${child.signalCode}: it took too long\n`;
  return { exitCode, stdout, stderr: `${stderr}${ending}` };
}

/** Runs kubectl on the caller's own terminal. @returns its exit code */
export function kubectlOnTerminal(paths: LabPaths, args: readonly string[]): Promise<number> {
  const child = spawn(binaryPath('kubectl'), args, { env: kubectlEnvironment(paths), stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Discovery is cached in the lab's folder, so it goes with the lab and is never another lab's. */
const kubectlEnvironment = (paths: LabPaths): NodeJS.ProcessEnv => ({
  ...process.env,
  KUBECONFIG: paths.kubeconfig,
  KUBECACHEDIR: `${paths.folder}/kubectl-cache`,
});
