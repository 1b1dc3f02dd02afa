import { describes, type DrbdMetadata, type DrbdResource } from '../../api/observed/index.ts';
import { actThenLook } from '../act.ts';
import { probeVolume } from '../fs/probe.ts';
import { refuse } from '../refuse.ts';
import type { RunOptions } from '../run.ts';
import { serial } from '../serial.ts';
import { sharedLook } from '../shared-look.ts';
import type { DrbdTools } from '../tools.ts';
import {
  drbdadmAdjust,
  drbdadmDisconnect,
  drbdadmPrimary,
  drbdadmPrimaryForce,
  drbdadmSecondary,
  drbdsetupDown,
} from './drbdadm.ts';
import { createMetadata, dumpMetadata, wipeMetadata } from './drbdmeta.ts';
import { drbdResources } from './events.ts';
import { type Host, listResourceFiles, removeResourceFile, writeResourceFile } from './files.ts';
import { drbdModule, loadDrbdModule } from './module.ts';
import { configurationFolder, type LocalNames } from './resource-file.ts';

/** `down` right after the last close may leave a resource half there; a second one clears it. */
const downTries = 3;
/** Taking down what a start left behind must not hold up its caller for longer. */
const undoMs = 20_000;

/** DRBD 8.4 by drbd-utils 9; each change looks, acts and looks again, those of one resource one after the other; looks are shared. */
export function drbdTools(host: Host, local: LocalNames): DrbdTools {
  const { run, files } = host;
  const inTurn = serial();
  /** The configuration is one for all resources: a file half listed beside a rename would be read as gone. */
  const filesInTurn = <T>(work: () => Promise<T>): Promise<T> => inTurn(configurationFolder, work);

  const running = async (options: RunOptions): Promise<DrbdResource[]> =>
    (await drbdModule(files)).loaded ? drbdResources(run, options) : [];
  /** The resource, if the kernel runs it and it is so. */
  const find = async (
    name: string,
    options: RunOptions,
    isSo: (resource: DrbdResource) => boolean = () => true,
  ): Promise<DrbdResource | undefined> =>
    (await running(options)).find((resource) => resource.name === name && isSo(resource));
  const isOurs = async (resource: DrbdResource): Promise<boolean> =>
    (await filesInTurn(() => listResourceFiles(files))).some((file) => describes(file, resource));
  /** As `find`, for what is about to be changed. @throws CommandError `DRBD_RESOURCE_NOT_OURS` */
  const findOurs = async (name: string, command: string, options: RunOptions): Promise<DrbdResource | undefined> => {
    const found = await find(name, options);
    if (found === undefined || (await isOurs(found))) return found;
    return refuse('DRBD_RESOURCE_NOT_OURS', command);
  };
  const findRunning = async (name: string, command: string, options: RunOptions): Promise<DrbdResource> =>
    (await findOurs(name, command, options)) ?? refuse('DRBD_UNKNOWN_RESOURCE', command);
  const filesFor = (signal: AbortSignal): RunOptions => ({ signal, on: configurationFolder });
  const optionsFor = (name: string, signal: AbortSignal): RunOptions => ({ signal, on: `drbd ${name}` });

  const undo = async (name: string, command: string): Promise<void> => {
    const options = optionsFor(name, AbortSignal.timeout(undoMs));
    if ((await findOurs(name, command, options)) !== undefined) await drbdsetupDown(run, name, options);
  };

  return {
    module: () => drbdModule(files),
    load: (signal) => loadDrbdModule(run, files, { signal }),
    resources: sharedLook('look at DRBD', (signal) => running({ signal })),
    resourceFiles: sharedLook('look at resource files', () => filesInTurn(() => listResourceFiles(files))),

    writeResource: (pair, signal) => filesInTurn(() => writeResourceFile(host, pair, local, filesFor(signal))),
    removeResource: (name, signal) =>
      inTurn(name, async () => {
        const options = filesFor(signal);
        const running = await find(name, options);
        if (running !== undefined && (await isOurs(running)))
          refuse('DEVICE_IN_USE', `remove resource file of ${name}`);
        await filesInTurn(() => removeResourceFile(host, name, options));
      }),

    metadata: (place, signal) => dumpMetadata(run, place, { signal }),
    createMetadata: ({ overwrite = false, ...place }, signal) =>
      inTurn(place.device, async (): Promise<DrbdMetadata> => {
        const command = `drbdmeta create-md ${place.device}`;
        const options = { signal };
        const before = await dumpMetadata(run, place, options);
        if (before.state === 'attached') refuse('DEVICE_IN_USE', command, 'DRBD is running on it');
        if (before.state === 'valid' && before.justCreated === true) return before;
        if (before.state !== 'absent' && !overwrite) refuse('DRBD_METADATA_EXISTS', command);
        if (before.state === 'absent') {
          const { readable, readError, signatures } = await probeVolume(run, place.device, options);
          if (!readable) refuse('DEVICE_UNREADABLE', command, readError);
          if (signatures.length > 0) refuse('SIGNATURE_FOUND', command, signatures.map(({ type }) => type).join(', '));
        }
        return actThenLook(
          command,
          () => createMetadata(run, place, options),
          async () => {
            const after = await dumpMetadata(run, place, options);
            return after.state === 'valid' && after.justCreated === true ? after : undefined;
          },
        );
      }),
    wipeMetadata: (place, signal) =>
      inTurn(place.device, async () => {
        const command = `drbdmeta wipe-md ${place.device}`;
        const options = { signal };
        const before = await dumpMetadata(run, place, options);
        if (before.state === 'attached') refuse('DEVICE_IN_USE', command, 'DRBD is running on it');
        if (before.state === 'absent') return;
        await actThenLook(
          command,
          () => wipeMetadata(run, place, options),
          async () => ((await dumpMetadata(run, place, options)).state === 'absent' ? 'gone' : undefined),
        );
      }),

    adjust: (name, signal) =>
      inTurn(name, async () => {
        const command = `drbdadm adjust ${name}`;
        const options = optionsFor(name, signal);
        if (!(await loadDrbdModule(run, files, options)).loaded) refuse('DRBD_NOT_LOADED', command);
        const before = await findOurs(name, command, options);
        try {
          await drbdadmAdjust(run, name, options);
        } catch (error) {
          // A first start that fails half way, as without metadata, must not leave a diskless resource behind, also where
          // the caller gave up.
          if (before === undefined) await undo(name, command).catch(() => undefined);
          throw error;
        }
        return findRunning(name, command, options);
      }),
    promoteByForce: (name, signal) =>
      inTurn(name, async () => {
        const command = `drbdadm primary --force ${name}`;
        const options = optionsFor(name, signal);
        const before = await findRunning(name, command, options);
        if (before.role === 'Primary') return before;
        if (before.peerRole === 'Primary') refuse('DRBD_PEER_IS_PRIMARY', command);
        return actThenLook(
          command,
          () => drbdadmPrimaryForce(run, name, options),
          () => find(name, options, (after) => after.role === 'Primary'),
        );
      }),
    promote: (name, signal) =>
      inTurn(name, async () => {
        const command = `drbdadm primary ${name}`;
        const options = optionsFor(name, signal);
        const before = await findRunning(name, command, options);
        if (before.role === 'Primary') return before;
        return actThenLook(
          command,
          () => drbdadmPrimary(run, name, options),
          () => find(name, options, (after) => after.role === 'Primary'),
        );
      }),
    demote: (name, signal) =>
      inTurn(name, async () => {
        const command = `drbdadm secondary ${name}`;
        const options = optionsFor(name, signal);
        const before = await findRunning(name, command, options);
        if (before.role === 'Secondary') return before;
        return actThenLook(
          command,
          () => drbdadmSecondary(run, name, options),
          () => find(name, options, (after) => after.role === 'Secondary'),
        );
      }),
    disconnect: (name, signal) =>
      inTurn(name, async () => {
        const command = `drbdadm disconnect ${name}`;
        const options = optionsFor(name, signal);
        const before = await findRunning(name, command, options);
        if (before.connection === 'StandAlone') return before;
        return actThenLook(
          command,
          () => drbdadmDisconnect(run, name, options),
          () => find(name, options, (after) => after.connection === 'StandAlone'),
        );
      }),
    down: (name, signal) =>
      inTurn(name, async () => {
        const options = optionsFor(name, signal);
        const command = `drbdsetup down ${name}`;
        for (let tries = 0; tries < downTries; tries++) {
          if ((await findOurs(name, command, options)) === undefined) return;
          await drbdsetupDown(run, name, options);
        }
        if ((await find(name, options)) !== undefined)
          refuse('FAILED', command, 'it ended well, yet the resource is still there');
      }),
  };
}
