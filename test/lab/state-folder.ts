import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const parent = '/var/tmp';
const prefix = 'hwameistor-lab-';
/** Part of a socket path and of interface names, so short and plain. */
const validName = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Where the files of one lab are; all of them are below `folder`, which goes when the lab ends. */
export function labPaths(name: string) {
  if (!validName.test(name)) {
    throw new Error(`"${name}" is no name for a lab: use at most 32 lower-case letters, digits and dashes`);
  }
  const folder = join(parent, prefix + name);
  return {
    folder,
    config: join(folder, 'lab.json'),
    owner: join(folder, 'keeper.pid'),
    supervisorSocket: join(folder, 'supervisor.sock'),
    supervisorLog: join(folder, 'supervisor.log'),
    apiServerSocket: join(folder, 'apiserver.sock'),
    /** The API server's certificate authority, PEM. */
    caFile: join(folder, 'ca.crt'),
    access: join(folder, 'cluster.json'),
    logs: join(folder, 'logs'),
    kubeconfig: join(folder, 'kubeconfig'),
    controlPlane: join(folder, 'control-plane'),
    node: (node: string) => {
      const own = join(folder, 'nodes', node);
      return {
        folder: own,
        console: join(own, 'console.log'),
        /** Seen by the node as /lab/share. */
        share: join(own, 'share'),
        logs: join(own, 'share', 'logs'),
        images: join(own, 'images'),
      };
    },
  };
}

export type LabPaths = ReturnType<typeof labPaths>;

/** A process, told from a later one with the same number by its start time. */
function identityOf(pid: number): string | undefined {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state, startTime] = [afterName[0], afterName[19]];
    return state === 'Z' ? undefined : `${pid} ${startTime}`;
  } catch {
    return undefined;
  }
}

/** Whether the keeper that owns this folder is still there. */
export function isAlive(paths: LabPaths): boolean {
  if (!existsSync(paths.owner)) return false;
  const owner = readFileSync(paths.owner, 'utf8');
  return identityOf(Number(owner.split(' ')[0])) === owner;
}

/**
 * Makes the folder this process's own, clearing away what a lab that crashed has left.
 * @throws Error when a lab of that name is up
 */
export function claimFolder(name: string): LabPaths {
  const paths = labPaths(name);
  const fresh = join(parent, `.${prefix}${name}.${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(join(fresh, 'keeper.pid'), identityOf(process.pid) ?? '');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      // Fails when the folder is there and not empty, so of two claims at once one wins.
      renameSync(fresh, paths.folder);
      return paths;
    } catch {
      if (isAlive(paths)) break;
      rmSync(paths.folder, { recursive: true, force: true });
    }
  }
  rmSync(fresh, { recursive: true, force: true });
  throw new Error(
    `the lab "${name}" is up already: take it down first (npm run lab -- down --name ${name}), or choose another name`,
  );
}

/** Names of the labs that are up. */
export function liveLabs(): string[] {
  return readdirSync(parent)
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => entry.slice(prefix.length))
    .filter((name) => validName.test(name) && isAlive(labPaths(name)));
}
