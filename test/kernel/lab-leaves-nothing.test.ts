import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import type { OwnedLab } from '../lab/index.ts';
import { connectLab, startLab } from '../lab/index.ts';
import { labPaths } from '../lab/state-folder.ts';
import { describeOnLab } from './harness/lab.ts';

const name = `short-${process.pid}`;
const paths = labPaths(name);
const timeout = 60_000;

interface Process {
  pid: number;
  command: string;
  network: string;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(entry), command, network: readlinkSync(`/proc/${entry}/ns/net`) }];
      } catch {
        return []; // ended in the meantime
      }
    });
}

/** The supervisor, as the host numbers it; all that it starts shares its network namespace. */
function supervisor(): Process {
  const found = processes().find(
    ({ command }) => /^\S*node \S*supervisor\/main\.ts /.test(command) && command.includes(` ${name} `),
  );
  if (found === undefined) throw new Error(`the supervisor of ${name} does not run`);
  return found;
}

const keeperPid = () => Number(readFileSync(paths.owner, 'utf8').split(' ')[0]);

async function untilNothingIsLeft(network?: string): Promise<void> {
  const left = () => ({
    processes: processes()
      .filter(
        (one) => one.network === network || one.command.includes(paths.folder) || one.command.includes(` ${name} `),
      )
      .map(({ command }) => command),
    folder: existsSync(paths.folder),
    mounts: readFileSync('/proc/mounts', 'utf8').includes(paths.folder),
  });
  await vi.waitFor(() => expect(left()).toEqual({ processes: [], folder: false, mounts: false }), {
    timeout,
    interval: 50,
  });
}

/** One machine without cluster: what ends it is the same, and it is up in seconds. */
const start = (): Promise<OwnedLab> => startLab({ name, nodes: 1, controlPlane: false });

// The level's own lab runs beside these, so each of them also shows that two labs do not disturb each other.
describeOnLab('of a lab nothing is left', (level) => {
  const namedNamespaces = () => (existsSync('/run/netns') ? readdirSync('/run/netns') : []);
  const namespacesBefore = namedNamespaces();

  afterEach(async () => {
    expect(namedNamespaces()).toEqual(namespacesBefore);
    expect((await level.status()).nodes.map(({ power }) => power)).toEqual(['on', 'on', 'on']);
  });

  test('after it was taken down', async () => {
    const lab = await start();
    const { network } = supervisor();
    expect(await lab.node('node1').run(['hostname'])).toBe('node1\n');
    await lab.stop();
    await untilNothingIsLeft(network);
  });

  test.each([
    { what: 'its supervisor is killed', victim: () => supervisor().pid },
    { what: 'its keeper is killed', victim: keeperPid },
  ])('after $what', async ({ victim }) => {
    await start();
    const { network } = supervisor();
    process.kill(victim(), 'SIGKILL');
    await untilNothingIsLeft(network);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)('after the command that brings it up gets %s', async (signal) => {
    const script = new URL('../../scripts/lab.ts', import.meta.url).pathname;
    const command = spawn(process.execPath, [script, 'up', '--bare', '--nodes', '1', '--name', name], {
      stdio: 'ignore',
    });
    await vi.waitFor(() => expect(existsSync(paths.node('node1').console)).toBe(true), { timeout, interval: 20 });
    const { network } = supervisor();
    command.kill(signal);
    await untilNothingIsLeft(network);
  });

  test('when the next one of its name comes up after a crash that left its files', async () => {
    await start();
    const { network, pid } = supervisor();
    const keeper = keeperPid();
    // The keeper can't clear up while it is stopped, and nobody can after both are dead.
    process.kill(keeper, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    process.kill(keeper, 'SIGKILL');
    await vi.waitFor(() => expect(processes().filter((one) => one.network === network)).toEqual([]), {
      timeout,
      interval: 50,
    });
    expect(existsSync(paths.folder)).toBe(true);

    const lab = await start();
    expect(await lab.node('node1').run(['hostname'])).toBe('node1\n');
    await lab.stop();
    await untilNothingIsLeft();
  });

  test('while a second one of the same name is refused, and the first goes on', async () => {
    const lab = await start();
    await expect(start()).rejects.toThrow(`the lab "${name}" is up already`);
    expect(await connectLab(name).node('node1').run(['hostname'])).toBe('node1\n');
    await lab.stop();
    await untilNothingIsLeft();
  });
});
