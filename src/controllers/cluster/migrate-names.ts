import { isFinished } from '../../api/local-volume-migrate.schema.ts';

export { isFinished };

/** States in which a move has made or changed something. */
export const hasBegun = (state: string | undefined): boolean =>
  !['', 'Submitted'].includes(state ?? '') && !isFinished(state);

/** A source has so long to get ready: it needs seconds. */
export const seedingMs = 600_000;

const prefix = 'evictor-';

/** The move that a drain makes of a volume: one at a time, so that its name is the volume's. */
export const evictionName = (volume: string): string => `${prefix}${volume}`;

export const isEviction = (name: string): boolean => name.startsWith(prefix);

/** Condition of a move that was taken back: its reason is why. */
export const takenBackType = 'TakenBack';

/** On a move that has begun: it is taken back or ended before its object goes. */
export const migrateFinalizer = 'hwameistor.io/migrate-protection';

/** First port, and minor, of the DRBD resources of moves; each takes the one that its resource ID says. */
export const firstPort = 43_001;
export const firstMinor = 1_000;
