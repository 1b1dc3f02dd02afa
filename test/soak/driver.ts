import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Client } from '@dot-kube/operator';
import { chanceOf } from '@dot-kube/operator/testing';
import { type Kinds, kindsOf, namespace } from './kinds.ts';

const everyMs = 100;
const atOnce = 16;
const mostParts = 4;
const colours = 1_000_000;

/** A box that is wanted, and will be again after one is deleted. */
interface Wanted {
  readonly operator: string;
  readonly kinds: Kinds;
  name: string;
  /** Uid of the box that has to go before the next is made. */
  goes?: string | undefined;
}

export interface Changes {
  readonly changed: number;
  readonly replaced: number;
  /** The API server did not answer, or not in time; it may have done them. */
  readonly failed: number;
}

/** Changes, deletes and makes boxes anew, as people do. Which and how hangs on the seed alone. */
export class Driver {
  readonly #client: Client;
  readonly #seed: number;
  readonly #boxes: Wanted[];
  readonly #changes = { changed: 0, replaced: 0, failed: 0 };
  #nth = 0;

  constructor(client: Client, seed: number, operators: readonly string[], boxesEach: number) {
    this.#client = client;
    this.#seed = seed;
    this.#boxes = operators.flatMap((operator) => {
      const kinds = kindsOf(operator);
      return Array.from({ length: boxesEach }, (_, n) => ({ operator, kinds, name: `box-${n}` }));
    });
  }

  changes(): Changes {
    return { ...this.#changes };
  }

  /** The boxes of an operator that are to be there in the end, by name. */
  wanted(operator: string): string[] {
    return this.#boxes.filter((box) => box.operator === operator).map(({ name }) => name);
  }

  async createAll(): Promise<void> {
    const left = [...this.#boxes];
    const one = async (): Promise<void> => {
      for (let box = left.pop(); box !== undefined; box = left.pop()) await this.#create(box);
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  }

  /** Changes one box after the other until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#unlessAway(() => this.#changeOne());
      await delay(everyMs);
    }
  }

  /** Makes the last boxes anew, of which others stand in the way until their operator has let them go. */
  async finish(signal: AbortSignal): Promise<void> {
    for (;;) {
      const going = this.#boxes.filter(({ goes }) => goes !== undefined);
      if (going.length === 0 || signal.aborted) return;
      for (const box of going) await this.#unlessAway(() => this.#replace(box));
      await delay(everyMs);
    }
  }

  async #changeOne(): Promise<void> {
    this.#nth += 1;
    const box = this.#boxes[Math.floor(this.#chance('which') * this.#boxes.length)]!;
    if (box.goes !== undefined) return this.#replace(box);
    const what = this.#chance('what');
    if (what < 0.1) return this.#delete(box);
    const spec = what < 0.7 ? { parts: this.#parts() } : { colour: this.#colour() };
    await this.#client.patch(box.kinds.Box, box.name, { spec }, { namespace });
    this.#changes.changed += 1;
  }

  async #delete(box: Wanted): Promise<void> {
    const found = await this.#client.get(box.kinds.Box, box.name, { namespace });
    if (found === undefined) throw new Error(`nobody deleted Box ${box.name}, and it is gone`);
    box.goes = found.metadata.uid;
    await this.#replace(box);
  }

  /** One step from an old box to a new one, of its name or another; whatever came of the steps before. */
  async #replace(box: Wanted): Promise<void> {
    const { Box } = box.kinds;
    const found = await this.#client.get(Box, box.name, { namespace });
    if (found?.metadata.uid === box.goes) {
      if (found!.metadata.deletionTimestamp !== undefined) return;
      await this.#client.delete(Box, box.name, { namespace, uid: box.goes! });
      return;
    }
    if (found === undefined) {
      if (this.#chance('name') < 0.3) box.name = `box-${box.goes}`;
      await this.#create(box);
    }
    box.goes = undefined;
    this.#changes.replaced += 1;
  }

  async #create({ kinds, name }: Wanted): Promise<void> {
    this.#nth += 1;
    const spec = { parts: this.#parts(), colour: this.#colour() };
    await this.#client.create(kinds.Box, { metadata: { name, namespace }, spec });
  }

  async #unlessAway(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#changes.failed += 1;
    }
  }

  #chance = (word: string): number => chanceOf(this.#seed, 'driver', this.#nth, word);
  #parts = (): number => Math.floor(this.#chance('parts') * (mostParts + 1));
  #colour = (): number => Math.floor(this.#chance('colour') * colours);
}
