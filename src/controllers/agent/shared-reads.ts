import type { HostTools } from '../../node/tools.ts';

type Read<T> = (signal: AbortSignal) => Promise<T>;

/**
 * A read that many ask for at once, done once for all of them: who asks while one is running shares the next. So every
 * answer was begun after it was asked for, and is as good as one of the caller's own.
 */
export function sharedRead<T>(read: Read<T>): Read<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  // No caller may end what others wait for; the tools bound their own time.
  const unending = new AbortController().signal;
  const start = (): Promise<T> => {
    const begun = read(unending);
    running = begun;
    const forget = (): void => {
      if (running === begun) running = undefined;
    };
    begun.then(forget, forget);
    return begun;
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (running === undefined && next === undefined) return start();
    next ??= settled(running).then(() => {
      next = undefined;
      return start();
    });
    return next;
  };
}

const settled = async (promise: Promise<unknown> | undefined): Promise<void> => {
  await Promise.allSettled([promise]);
};

/** Tools whose lists are read once for all passes that want them now: a hundred volumes cost no hundred lists. */
export const withSharedReads = ({ lvm, drbd, ...others }: HostTools): HostTools => ({
  ...others,
  lvm: {
    ...lvm,
    volumeGroups: sharedRead((signal) => lvm.volumeGroups(signal)),
    physicalVolumes: sharedRead((signal) => lvm.physicalVolumes(signal)),
    logicalVolumes: sharedRead((signal) => lvm.logicalVolumes(signal)),
  },
  drbd: {
    ...drbd,
    resources: sharedRead((signal) => drbd.resources(signal)),
    resourceFiles: sharedRead((signal) => drbd.resourceFiles(signal)),
  },
});
