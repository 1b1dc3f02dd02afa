import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { goBuild, requireGo } from './go-build.ts';
import { RequirementError } from './requirement-error.ts';
import { withLock } from './with-lock.ts';

const modules = new URL('../../test/lab/control-plane/modules/', import.meta.url).pathname;

/** Clients refuse a server that does not say its version. */
const kubernetesLdflags = ['gitVersion=v1.36.3', 'gitMajor=1', 'gitMinor=36']
  .map((value) => `-X k8s.io/component-base/version.${value}`)
  .join(' ');

const commands = {
  etcd: { module: 'etcd', importPath: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w', about: '1 min' },
  'kube-apiserver': kubernetes('kube-apiserver', '5 to 8 min'),
  kubectl: kubernetes('kubectl', '1 min'),
  'kube-controller-manager': kubernetes('kube-controller-manager', '2 min'),
  'kube-scheduler': kubernetes('kube-scheduler', '10 s'),
};

function kubernetes(command: string, about: string) {
  const importPath = `k8s.io/kubernetes/cmd/${command}`;
  return { module: 'kubernetes', importPath, ldflags: `-s -w ${kubernetesLdflags}`, about };
}

export type ControlPlaneCommand = keyof typeof commands;

/** What the api level needs; KUBEBUILDER_ASSETS may bring these three along. */
export const apiCommands = ['etcd', 'kube-apiserver', 'kubectl'] as const;
/** What it does without where KUBEBUILDER_ASSETS is set and brings none: envtest's does not. */
const garbageCollector = 'kube-controller-manager';
export type ApiBinaries = Record<(typeof apiCommands)[number], string> & { readonly [garbageCollector]?: string };
export const allCommands = Object.keys(commands) as ControlPlaneCommand[];

/** A build is known by all that went into it, so a changed pin builds anew beside the old one. */
function binDir(module: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(modules, module, file)));
  for (const { ldflags } of Object.values(commands).filter((command) => command.module === module))
    hash.update(ldflags);
  return cacheDir('bin', `${module}-${hash.digest('hex').slice(0, 12)}`);
}

export const binaryPath = (command: ControlPlaneCommand): string => join(binDir(commands[command].module), command);

/**
 * Builds those of the commands that are not in the cache yet.
 * @returns the path of each
 * @throws RequirementError when Go is missing
 */
export async function ensureControlPlane<C extends ControlPlaneCommand>(
  wanted: readonly C[],
  say: (line: string) => void,
): Promise<Record<C, string>> {
  const missing = wanted.filter((command) => !existsSync(binaryPath(command)));
  if (missing.length > 0) {
    requireGo();
    await withLock(join(cacheDir(), 'control-plane.lock'), () => buildAll(missing, say), say);
  }
  return Object.fromEntries(wanted.map((command) => [command, binaryPath(command)])) as Record<C, string>;
}

async function buildAll(missing: readonly ControlPlaneCommand[], say: (line: string) => void): Promise<void> {
  for (const [index, command] of missing.entries()) {
    const output = binaryPath(command);
    if (existsSync(output)) continue; // another run built it while we waited
    const { module, importPath, ldflags, about } = commands[command];
    const label = `${command} (${index + 1} of ${missing.length})`;
    say(`${label}: building from its Go module, once (about ${about} on two cores)`);
    const unfinished = `${output}.${process.pid}`;
    await goBuild({ moduleDir: join(modules, module), importPath, output: unfinished, ldflags }, label, say);
    renameSync(unfinished, output);
  }
}

/**
 * The binaries of the api level: those of KUBEBUILDER_ASSETS where it is set, else built.
 * @throws RequirementError when the folder that KUBEBUILDER_ASSETS names lacks one
 */
export async function ensureApiBinaries(say: (line: string) => void): Promise<ApiBinaries> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets === undefined || assets === '') return ensureControlPlane([...apiCommands, garbageCollector], say);
  const found = [...apiCommands, garbageCollector]
    .map((command) => [command, join(assets, command)] as const)
    .filter(([, path]) => existsSync(path));
  const paths = Object.fromEntries(found) as Partial<ApiBinaries>;
  for (const command of apiCommands) {
    if (paths[command] === undefined)
      throw new RequirementError(`KUBEBUILDER_ASSETS is ${assets}, and there is no ${command} in it.`);
  }
  return paths as ApiBinaries;
}
