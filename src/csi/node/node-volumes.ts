import type { FileSystemUsage, Mount } from '../../api/observed/index.ts';
import { contentOf } from '../../api/volume-content.ts';
import { isFileSystem } from '../../api/file-systems.ts';
import { serial } from '../../node/serial.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { Wanted } from './capability.ts';
import type { NodeContext } from './context.ts';
import { type ContentTask, ensureFileSystem, ensureRawBlock } from './ensure-content.ts';
import { giveUpIfUnused } from './give-up.ts';
import { NotYet } from './not-yet.ts';
import { numbersOf, type OwnCopy, ownCopy } from './own-copy.ts';
import { ensurePrimary } from './primary.ts';
import { isStagingOf } from './staging-path.ts';
import { usableDevice } from './usable-device.ts';
import { tryToTake, untilWriter } from './writer-record.ts';
import { Zeroing } from './zeroing.ts';

export interface Publication {
  readonly volume: string;
  readonly stagingPath: string;
  readonly target: string;
  readonly wanted: Wanted;
  readonly readOnly: boolean;
}

export interface VolumeStats {
  /** Absent for a raw volume. */
  readonly usage: FileSystemUsage | undefined;
  readonly sizeBytes: number;
  readonly isAbnormal: boolean;
  readonly message: string;
}

/**
 * Volumes as pods of this node use them. What is done to one volume goes one after the other, the looks by which its writer
 * record is given up included; every step looks anew, so that a call can be cut short anywhere and made again.
 */
export class NodeVolumes {
  readonly #context: NodeContext;
  readonly #inTurn = serial();
  readonly #zeroing: Zeroing;

  constructor(context: NodeContext) {
    this.#context = context;
    this.#zeroing = new Zeroing(context);
  }

  /** The gate: only the node that the writer record names mounts a volume, or hands it out raw. */
  async stage(volume: string, stagingPath: string, wanted: Wanted, signal: AbortSignal): Promise<void> {
    await this.#asWriter(volume, (copy) => this.#makeReady(volume, copy, stagingPath, wanted, signal), signal);
  }

  async unstage(volume: string, stagingPath: string, signal: AbortSignal): Promise<void> {
    await this.#takeDown(volume, stagingPath, signal);
  }

  async publish(publication: Publication, signal: AbortSignal): Promise<void> {
    const { volume, stagingPath, target, wanted, readOnly } = publication;
    const bind = async (copy: OwnCopy): Promise<void> => {
      const device = await this.#makeReady(volume, copy, stagingPath, wanted, signal);
      const numbers = numbersOf(copy);
      const others = (await this.#mounts(numbers, signal)).filter(
        (mount) => mount.target !== stagingPath && mount.target !== target && !this.#isStaging(volume, mount),
      );
      if (wanted.exclusive && others.length > 0)
        throw new CsiError(
          'FAILED_PRECONDITION',
          `${volume} is for one pod alone (ReadWriteOncePod), and is in use at ${others.map((mount) => mount.target).join(', ')}.`,
        );
      const source = wanted.use.kind === 'block' ? 'device' : { folder: stagingPath };
      const isReadOnly = readOnly || wanted.readOnly;
      await this.#context.tools.fs.bind({ device, source, target, readOnly: isReadOnly }, signal);
    };
    await this.#asWriter(volume, bind, signal);
  }

  async unpublish(volume: string, target: string, signal: AbortSignal): Promise<void> {
    await this.#takeDown(volume, target, signal);
  }

  /** @returns the size that it has then, in bytes @throws CsiError `NOT_FOUND` where it is not used there */
  async grow(volume: string, path: string, signal: AbortSignal): Promise<number> {
    return this.#inTurn(volume, async () => {
      const { mount, device } = await this.#usedAt(volume, path, signal);
      const { fs } = this.#context.tools;
      if (mount.kind === 'filesystem' && isFileSystem(mount.fsType))
        await fs.grow({ device, target: path, fsType: mount.fsType }, signal);
      return (await fs.device(device, signal)).sizeBytes;
    });
  }

  /** @throws CsiError `NOT_FOUND` where it is not used there */
  async stats(volume: string, path: string, signal: AbortSignal): Promise<VolumeStats> {
    const { copy, mount, device } = await this.#usedAt(volume, path, signal);
    const { fs } = this.#context.tools;
    const { state = '', message = '' } = copy.replica.status ?? {};
    return {
      usage: mount.kind === 'filesystem' ? await fs.usage(path, signal) : undefined,
      sizeBytes: (await fs.device(device, signal)).sizeBytes,
      isAbnormal: state !== 'Ready',
      message: state === 'Ready' ? 'The volume is well.' : `The copy is ${state}: ${message}`,
    };
  }

  /** Gives the writer record of a volume up, if nothing here can write to it. */
  async look(volume: string): Promise<void> {
    await this.#inTurn(volume, () => this.#look(volume));
  }

  /**
   * Takes the staging mount of a volume down that nothing published stands on, if nobody needs it: kubelet does not always
   * unstage.
   * @param isNeeded asked only where there is such a mount
   */
  async clearStaging(volume: string, isNeeded: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    await this.#inTurn(volume, async () => {
      const copy = await ownCopy(this.#context, volume, signal);
      const mounts = copy === undefined ? [] : await this.#mounts(numbersOf(copy), signal);
      if (mounts.length === 0 || !mounts.every((mount) => this.#isStaging(volume, mount))) return;
      if (await isNeeded()) return;
      for (const { target } of mounts) await this.#context.tools.fs.unmount(target, signal);
    });
  }

  /** Does what only the writer may, as soon as this node is; while it is waited for, others have their turn. */
  async #asWriter(volume: string, work: (copy: OwnCopy) => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const attempt = async (): Promise<string | undefined> => {
      const copy = await ownCopy(this.#context, volume, signal);
      const obstacle = await tryToTake(this.#context, volume, copy, signal);
      if (obstacle !== undefined || copy === undefined) return obstacle;
      try {
        await work(copy);
        return undefined;
      } catch (error) {
        if (error instanceof NotYet) return error.message;
        throw error;
      }
    };
    try {
      await untilWriter(this.#context, () => this.#inTurn(volume, attempt), signal);
    } catch (error) {
      // What was taken for nothing is given back, by a look of its own: the caller may be gone.
      await this.look(volume).catch((failed: unknown) =>
        this.#context.log.warn({ err: failed, volume }, 'Could not look whether the volume is unused'),
      );
      throw error;
    }
  }

  async #takeDown(volume: string, target: string, signal: AbortSignal): Promise<void> {
    await this.#inTurn(volume, async () => {
      await this.#context.tools.fs.unmount(target, signal);
      await this.#look(volume);
    });
  }

  async #look(volume: string): Promise<void> {
    if (this.#zeroing.isRunning(volume)) return;
    const { until } = this.#context;
    await giveUpIfUnused(this.#context, volume, await ownCopy(this.#context, volume, until), until);
  }

  /** @returns the device that is mounted at the staging path, or is to be handed out raw */
  async #makeReady(
    volume: string,
    copy: OwnCopy,
    stagingPath: string,
    { use, readOnly }: Wanted,
    signal: AbortSignal,
  ): Promise<string> {
    const { tools, node } = this.#context;
    const { data, resource, tags } = copy;
    const device = usableDevice(volume, node, copy);
    if (data === undefined) throw new Error(`${volume} has a device without a logical volume`);
    if (resource !== undefined) await ensurePrimary(tools.drbd, resource, signal);
    const task: ContentTask = { volume, device, data, tags };
    if (use.kind === 'block') {
      await ensureRawBlock(this.#context, task, () => this.#zeroing.ensure(volume, device, signal), signal);
      return device;
    }
    // Mounted here already: its content was seen to before.
    const isMounted = (await this.#mounts(numbersOf(copy), signal)).some(({ target }) => target === stagingPath);
    const mounted = contentOf(tags);
    const fsType =
      isMounted && isFileSystem(mounted) ? mounted : await ensureFileSystem(this.#context, task, use.fsType, signal);
    const options = [...use.options, ...(readOnly ? ['ro'] : [])];
    await tools.fs.mount({ device, target: stagingPath, fsType, options }, signal);
    return device;
  }

  async #usedAt(volume: string, path: string, signal: AbortSignal) {
    const copy = await ownCopy(this.#context, volume, signal);
    const mounts = copy === undefined ? [] : await this.#mounts(numbersOf(copy), signal);
    const mount = mounts.findLast(({ target }) => target === path);
    if (copy === undefined || mount === undefined)
      throw new CsiError('NOT_FOUND', `${volume} is not in use at ${path} on ${this.#context.node}.`);
    return { copy, mount, device: usableDevice(volume, this.#context.node, copy) };
  }

  async #mounts(numbers: readonly string[], signal: AbortSignal): Promise<Mount[]> {
    return (await this.#context.tools.fs.mounts(signal)).filter(({ device }) => numbers.includes(device));
  }

  #isStaging(volume: string, { target }: Mount): boolean {
    return isStagingOf(this.#context.kubeletDir, volume, target);
  }
}
