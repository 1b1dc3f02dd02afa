/**
 * What the LVM tags of ours say: whose a logical volume is, what it is for, and what was done to it. All objects of a
 * node can be made anew from them, so a fact goes here before it is acted on.
 */
export const tagPrefix = 'hwameistor.io/';

/** `drbd-meta` holds DRBD's metadata beside the `data` of the same volume. */
export const logicalVolumeRoles = ['data', 'drbd-meta'] as const;
export type LogicalVolumeRole = (typeof logicalVolumeRoles)[number];

/** A copy of a volume, known by its node and that node's volume group. */
export interface Member {
  node: string;
  vgUUID: string;
}

export interface VolumeGroupTags {
  /** Chosen once for the cluster. */
  cluster: string;
  /** The node that has the group; another one that finds it was given its disks. */
  node?: string;
}

export interface LogicalVolumeTags {
  cluster: string;
  /** Chosen once for the volume, `spec.config.volumeId`. */
  volume: string;
  role: LogicalVolumeRole;
  /** Of the writer record when this copy was last known to be good. */
  epoch?: number;
  /** The writer record's `inSync` at that epoch, sorted. */
  inSync?: readonly Member[];
  /** It was made for a new volume, and nobody was handed it yet: only such a one is ever formatted. */
  blank?: boolean;
  /** The file system that is being made. Without `formatted` nobody was handed it, so that it may be made anew. */
  formatting?: string;
  /**
   * What was made, found or restored on it: a file system, `block` where it was zeroed to be used as it is, `unknown` where
   * only that there is something is known. Never format again.
   */
  formatted?: string;
  /** The move that this source was promoted for. Neither metadata nor promotion by force ever again for it. */
  seeded?: string;
  /** The move that metadata were made for. Set before they are first used. */
  metadataMade?: string;
  /** The tombstone was seen; what is missing from now on was removed, not lost. */
  deleting?: boolean;
  /**
   * It may still show what its extents held before. Set by the command that makes it and taken away once it is wiped, so
   * nobody was ever handed a volume that has it.
   */
  unwiped?: boolean;
  /** `namespace/name` of the PersistentVolumeClaim. */
  claim?: string;
  /** The volume's `replicaNumber`. */
  replicas?: number;
}

/** What tags say, and those of our prefix that say nothing that we understand or contradict each other. */
export interface ParsedTags<Tags> {
  tags: Partial<Tags>;
  problems: string[];
}

/** What LVM allows in a tag, its length included. */
const allowed = /^[A-Za-z0-9_+./=!:#&-]{1,1024}$/;

interface Codec<Value> {
  print(value: Value): string[];
  /** `undefined`: not understood, or contradictory. */
  parse(texts: readonly string[]): Value | undefined;
}

const single = (texts: readonly string[]): string | undefined => (new Set(texts).size === 1 ? texts[0] : undefined);

const word: Codec<string> = { print: (value) => [value], parse: (texts) => single(texts) || undefined };

const natural: Codec<number> = {
  print: (value) => [String(value)],
  parse: (texts) => {
    const numbers = texts.map((text) => (/^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN));
    const highest = Math.max(...numbers);
    return Number.isNaN(highest) ? undefined : highest;
  },
};

const mark: Codec<boolean> = {
  print: (value) => (value ? ['yes'] : []),
  parse: (texts) => (single(texts) === 'yes' ? true : undefined),
};

const oneOf = <Value extends string>(values: readonly Value[]): Codec<Value> => ({
  print: (value) => [value],
  parse: (texts) => values.find((value) => value === single(texts)),
});

const members: Codec<readonly Member[]> = {
  print: (value) => value.map(({ node, vgUUID }) => `${node}:${vgUUID}`),
  parse: (texts) => {
    const pairs = texts.map((text) => text.split(':'));
    if (pairs.some(({ length }) => length !== 2)) return undefined;
    return pairs.map(([node = '', vgUUID = '']) => ({ node, vgUUID })).sort((a, b) => (a.node < b.node ? -1 : 1));
  },
};

type Codecs<Tags> = {
  readonly [Key in keyof Required<Tags>]: readonly [key: string, codec: Codec<Required<Tags>[Key]>];
};

const volumeGroupCodecs: Codecs<VolumeGroupTags> = { cluster: ['cluster', word], node: ['node', word] };

const logicalVolumeCodecs: Codecs<LogicalVolumeTags> = {
  cluster: ['cluster', word],
  volume: ['volume', word],
  role: ['role', oneOf(logicalVolumeRoles)],
  epoch: ['epoch', natural],
  inSync: ['in-sync', members],
  blank: ['blank', mark],
  formatting: ['formatting', word],
  formatted: ['formatted', word],
  seeded: ['seeded', word],
  metadataMade: ['metadata-made', word],
  deleting: ['deleting', mark],
  unwiped: ['unwiped', mark],
  claim: ['claim', word],
  replicas: ['replicas', natural],
};

const entriesOf = <Tags>(codecs: Codecs<Tags>) =>
  Object.entries(codecs) as [keyof Tags & string, readonly [string, Codec<unknown>]][];

function print<Tags extends object>(codecs: Codecs<Tags>, tags: Partial<Tags>): string[] {
  const texts = entriesOf(codecs).flatMap(([field, [key, codec]]) => {
    const value = tags[field];
    return value === undefined ? [] : codec.print(value).map((text) => `${tagPrefix}${key}=${text}`);
  });
  for (const text of texts) if (!allowed.test(text)) throw new Error(`LVM takes no tag like ${JSON.stringify(text)}`);
  return [...new Set(texts)].sort();
}

function parse<Tags extends object>(codecs: Codecs<Tags>, found: readonly string[]): ParsedTags<Tags> {
  const ours = found.filter((tag) => tag.startsWith(tagPrefix)).map((tag) => tag.slice(tagPrefix.length));
  const byKey = Map.groupBy(ours, (tag) => tag.split('=', 1)[0] ?? '');
  const tags: Partial<Tags> = {};
  const problems: string[] = [];
  for (const [field, [key, codec]] of entriesOf(codecs)) {
    const entries = byKey.get(key);
    byKey.delete(key);
    if (entries === undefined) continue;
    const value = codec.parse(entries.map((entry) => entry.slice(key.length + 1)));
    if (value === undefined) problems.push(...entries.map((entry) => tagPrefix + entry));
    else tags[field] = value as Tags[typeof field];
  }
  problems.push(...[...byKey.values()].flat().map((entry) => tagPrefix + entry));
  return { tags, problems: problems.sort() };
}

/** @throws Error when a value has a character that LVM refuses in a tag */
export const volumeGroupTags = (tags: VolumeGroupTags): string[] => print(volumeGroupCodecs, tags);

export const parseVolumeGroupTags = (found: readonly string[]): ParsedTags<VolumeGroupTags> =>
  parse(volumeGroupCodecs, found);

/** @throws Error when a value has a character that LVM refuses in a tag */
export const logicalVolumeTags = (tags: Partial<LogicalVolumeTags>): string[] => print(logicalVolumeCodecs, tags);

/** The tag by which lvm itself can pick the logical volumes that are still to be wiped. */
export const unwipedTag = `${tagPrefix}unwiped=yes`;

/**
 * Tags of other prefixes are nobody's business here. Of several epochs the highest counts; two clusters, volumes or
 * roles on one logical volume are a problem, and none of them is believed.
 */
export const parseLogicalVolumeTags = (found: readonly string[]): ParsedTags<LogicalVolumeTags> =>
  parse(logicalVolumeCodecs, found);

/**
 * What to add and remove so that the given facts hold, for one lvchange; `undefined` takes a fact away, what is not
 * named stays.
 */
export function logicalVolumeTagChanges(
  found: readonly string[],
  facts: { readonly [Key in keyof LogicalVolumeTags]?: LogicalVolumeTags[Key] | undefined },
): { add: string[]; remove: string[] } {
  const named = entriesOf(logicalVolumeCodecs).filter(([field]) => field in facts);
  const keys = new Set(named.map(([, [key]]) => `${tagPrefix}${key}`));
  const present = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  const wanted = logicalVolumeTags(present);
  return {
    add: wanted.filter((tag) => !found.includes(tag)),
    remove: found.filter((tag) => keys.has(tag.split('=', 1)[0] ?? '') && !wanted.includes(tag)).sort(),
  };
}
