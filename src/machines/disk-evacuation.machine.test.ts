import { expect, test } from 'vitest';
import { lifecycleRows, lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

const lifecycle = lifecycles.find(({ name }) => name === 'disk-evacuation')!;

test('every state answers every event as written here', () => {
  expect(lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Waiting   disk.absent      .
    Waiting   disk.unpooled    .
    Waiting   disk.refused     .
    Waiting   disk.open        → Emptying
    Waiting   move.begun       .
    Waiting   extents.left     → Emptying
    Waiting   extents.resting  .
    Waiting   disk.empty       → Emptying
    Waiting   disk.unreserved  .
    Waiting   disk.labelled    .
    Waiting   disk.blank       .
    Waiting   stop.waiting     .
    Waiting   stop.moving      .
    Waiting   stop.closed      .
    Waiting   stop.clean       .
    Emptying  disk.absent      .
    Emptying  disk.unpooled    → Waiting
    Emptying  disk.refused     .
    Emptying  disk.open        closeDisk
    Emptying  move.begun       finishMove
    Emptying  extents.left     moveExtents
    Emptying  extents.resting  .
    Emptying  disk.empty       → Removing
    Emptying  disk.unreserved  → Removing
    Emptying  disk.labelled    → Removing
    Emptying  disk.blank       → Removing
    Emptying  stop.waiting     → Aborting
    Emptying  stop.moving      → Aborting
    Emptying  stop.closed      → Aborting
    Emptying  stop.clean       → Aborting
    Removing  disk.absent      .
    Removing  disk.unpooled    → Waiting
    Removing  disk.refused     .
    Removing  disk.open        → Emptying
    Removing  move.begun       → Emptying
    Removing  extents.left     → Emptying
    Removing  extents.resting  → Emptying
    Removing  disk.empty       leaveGroup
    Removing  disk.unreserved  reserveDisk
    Removing  disk.labelled    removeLabel
    Removing  disk.blank       → Removed
    Removing  stop.waiting     → Aborting
    Removing  stop.moving      → Aborting
    Removing  stop.closed      → Aborting
    Removing  stop.clean       → Aborting
    Removed   disk.absent      .
    Removed   disk.unpooled    → Waiting
    Removed   disk.refused     → Waiting
    Removed   disk.open        → Waiting
    Removed   move.begun       .
    Removed   extents.left     → Waiting
    Removed   extents.resting  .
    Removed   disk.empty       → Waiting
    Removed   disk.unreserved  → Waiting
    Removed   disk.labelled    .
    Removed   disk.blank       .
    Removed   stop.waiting     .
    Removed   stop.moving      .
    Removed   stop.closed      .
    Removed   stop.clean       → Waiting
    Aborting  disk.absent      .
    Aborting  disk.unpooled    → Waiting
    Aborting  disk.refused     .
    Aborting  disk.open        → Emptying
    Aborting  move.begun       → Emptying
    Aborting  extents.left     → Emptying
    Aborting  extents.resting  → Emptying
    Aborting  disk.empty       → Emptying
    Aborting  disk.unreserved  .
    Aborting  disk.labelled    .
    Aborting  disk.blank       .
    Aborting  stop.waiting     .
    Aborting  stop.moving      abortMove
    Aborting  stop.closed      openDisk
    Aborting  stop.clean       → Waiting"
  `);
});

const statesThatAskFor = (effect: string): string[] =>
  lifecycleRows(lifecycle).flatMap(({ state, effects }) => (effects.includes(effect) ? [state] : []));

test('nothing is moved, and no disk leaves its group, after the order was taken back', () => {
  for (const effect of ['closeDisk', 'moveExtents', 'finishMove'])
    expect(statesThatAskFor(effect)).toEqual(['Emptying']);
  for (const effect of ['leaveGroup', 'reserveDisk', 'removeLabel'])
    expect(statesThatAskFor(effect)).toEqual(['Removing']);
});

test('what was begun is undone in one state alone, which every other that began something leads to', () => {
  for (const effect of ['abortMove', 'openDisk']) expect(statesThatAskFor(effect)).toEqual(['Aborting']);
  const stopped = lifecycleRows(lifecycle).filter(({ event }) => event.startsWith('stop.'));
  expect(stopped.filter(({ next }) => ['Emptying', 'Removing'].includes(next))).toEqual([]);
});
