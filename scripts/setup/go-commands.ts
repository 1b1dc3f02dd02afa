import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { goBuild, requireGo } from './go-build.ts';
import { RequirementError } from './requirement-error.ts';
import { withLock } from './with-lock.ts';

const modules = new URL('../../test/lab/modules/', import.meta.url).pathname;

/** Clients refuse a server that does not say its version. */
const kubernetesLdflags = ['gitVersion=v1.36.3', 'gitMajor=1', 'gitMinor=36']
  .map((value) => `-X k8s.io/component-base/version.${value}`)
  .join(' ');

interface Command {
  readonly module: string;
  readonly importPath: string;
  readonly ldflags: string;
  /** How long it takes on two cores with nothing built before. */
  readonly about: string;
}

const kubernetes = (command: string, about: string): Command => ({
  module: 'kubernetes',
  importPath: `k8s.io/kubernetes/cmd/${command}`,
  ldflags: `-s -w ${kubernetesLdflags}`,
  about,
});

/** Commands of the Go modules that have no version to tell. */
const plain = (module: string, importPath: string, about: string): Command => ({
  module,
  importPath,
  ldflags: '-s -w',
  about,
});

const containerd = 'github.com/containerd/containerd/v2/cmd';
const csi = 'github.com/kubernetes-csi';
const commands = {
  etcd: plain('etcd', 'go.etcd.io/etcd/server/v3', '1 min'),
  'kube-apiserver': kubernetes('kube-apiserver', '5 to 8 min'),
  kubectl: kubernetes('kubectl', '1 min'),
  'kube-controller-manager': kubernetes('kube-controller-manager', '2 min'),
  'kube-scheduler': kubernetes('kube-scheduler', '10 s'),
  kubelet: kubernetes('kubelet', '1 min'),
  'kube-proxy': kubernetes('kube-proxy', '10 s'),
  containerd: plain('cluster-tools', `${containerd}/containerd`, '1 min'),
  'containerd-shim-runc-v2': plain('cluster-tools', `${containerd}/containerd-shim-runc-v2`, '5 s'),
  ctr: plain('cluster-tools', `${containerd}/ctr`, '5 s'),
  'csi-provisioner': plain('cluster-tools', `${csi}/external-provisioner/v6/cmd/csi-provisioner`, '6 min'),
  'csi-resizer': plain('cluster-tools', `${csi}/external-resizer/v2/cmd/csi-resizer`, '10 s'),
  'csi-sanity': plain('cluster-tools', `${csi}/csi-test/v5/cmd/csi-sanity`, '10 s'),
} satisfies Record<string, Command>;

export type GoCommand = keyof typeof commands;

/** What the api level needs; KUBEBUILDER_ASSETS may bring these three along. */
export const apiCommands = ['etcd', 'kube-apiserver', 'kubectl'] as const;
/** What it does without where KUBEBUILDER_ASSETS is set and brings none: envtest's does not. */
const garbageCollector = 'kube-controller-manager';
export type ApiBinaries = Record<(typeof apiCommands)[number], string> & { readonly [garbageCollector]?: string };
/** What a lab's control plane is made of. */
export const controlPlaneCommands = [
  'etcd',
  'kube-apiserver',
  'kubectl',
  'kube-controller-manager',
  'kube-scheduler',
] as const;
/** What its nodes need beside, to run pods. */
export const podCommands = ['kubelet', 'kube-proxy', 'containerd', 'containerd-shim-runc-v2', 'ctr'] as const;
/** What runs beside the controller in its pod. */
export const sidecarCommands = ['csi-provisioner', 'csi-resizer'] as const;
export type PodBinaries = Record<(typeof podCommands)[number], string>;

/** A build is known by all that went into it, so a changed pin builds anew beside the old one. */
function binDir(module: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(modules, module, file)));
  const own = Object.values(commands).filter((command) => command.module === module);
  for (const ldflags of new Set(own.map(({ ldflags }) => ldflags))) hash.update(ldflags);
  return cacheDir('bin', `${module}-${hash.digest('hex').slice(0, 12)}`);
}

export const binaryPath = (command: GoCommand): string => join(binDir(commands[command].module), command);

/**
 * Builds those of the commands that are not in the cache yet.
 * @returns the path of each
 * @throws RequirementError when Go is missing
 */
export async function ensureCommands<C extends GoCommand>(
  wanted: readonly C[],
  say: (line: string) => void,
): Promise<Record<C, string>> {
  const missing = wanted.filter((command) => !existsSync(binaryPath(command)));
  if (missing.length > 0) {
    requireGo();
    await withLock(join(cacheDir(), 'go-commands.lock'), () => buildAll(missing, say), say);
  }
  return Object.fromEntries(wanted.map((command) => [command, binaryPath(command)])) as Record<C, string>;
}

async function buildAll(missing: readonly GoCommand[], say: (line: string) => void): Promise<void> {
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
  if (assets === undefined || assets === '') return ensureCommands([...apiCommands, garbageCollector], say);
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
