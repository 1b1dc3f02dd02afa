import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'leg');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Absent     seed.metadata.absent      → Seeding
    Absent     seed.resource.down        → Seeding
    Absent     seed.disk.inconsistent    → Seeding
    Absent     seed.role.primary         → Seeding
    Absent     seed.unmarked             → Seeding
    Absent     seed.marked               → Seeding
    Absent     pair.metadata.absent      → Joining
    Absent     pair.metadata.lost        → Joining
    Absent     pair.metadata.unmarked    → Joining
    Absent     pair.resource.down        → Joining
    Absent     pair.epoch.old            → Joining
    Absent     pair.link.waiting         → Joining
    Absent     pair.link.syncing         → Joining
    Absent     pair.link.unrecorded      → Joining
    Absent     pair.link.synced          → Joining
    Absent     cut.metadata.lost         .
    Absent     cut.resource.down         .
    Absent     cut.link.waiting          .
    Absent     cut.link.syncing          .
    Absent     cut.link.open             .
    Absent     cut.link.synced           .
    Absent     settle.open               → Releasing
    Absent     settle.role.primary       → Releasing
    Absent     settle.epoch.old          → Releasing
    Absent     settle.resource.up        → Releasing
    Absent     settle.metadata.present   → Releasing
    Absent     settle.marks.left         → Releasing
    Absent     settle.clean              → Releasing
    Absent     release.epoch.old         → Releasing
    Absent     release.open              → Releasing
    Absent     release.role.primary      → Releasing
    Absent     release.resource.up       → Releasing
    Absent     release.metadata.present  → Releasing
    Absent     release.marks.left        → Releasing
    Absent     release.clean             → Releasing
    Seeding    seed.metadata.absent      makeMetadata
    Seeding    seed.resource.down        raise
    Seeding    seed.disk.inconsistent    promoteByForce
    Seeding    seed.role.primary         demote
    Seeding    seed.unmarked             markSeeded
    Seeding    seed.marked               → Seeded
    Seeding    pair.metadata.absent      .
    Seeding    pair.metadata.lost        .
    Seeding    pair.metadata.unmarked    .
    Seeding    pair.resource.down        .
    Seeding    pair.epoch.old            .
    Seeding    pair.link.waiting         .
    Seeding    pair.link.syncing         .
    Seeding    pair.link.unrecorded      .
    Seeding    pair.link.synced          .
    Seeding    cut.metadata.lost         .
    Seeding    cut.resource.down         .
    Seeding    cut.link.waiting          .
    Seeding    cut.link.syncing          .
    Seeding    cut.link.open             .
    Seeding    cut.link.synced           .
    Seeding    settle.open               .
    Seeding    settle.role.primary       .
    Seeding    settle.epoch.old          .
    Seeding    settle.resource.up        .
    Seeding    settle.metadata.present   .
    Seeding    settle.marks.left         .
    Seeding    settle.clean              .
    Seeding    release.epoch.old         → Releasing
    Seeding    release.open              → Releasing
    Seeding    release.role.primary      → Releasing
    Seeding    release.resource.up       → Releasing
    Seeding    release.metadata.present  → Releasing
    Seeding    release.marks.left        → Releasing
    Seeding    release.clean             → Releasing
    Seeded     seed.metadata.absent      .
    Seeded     seed.resource.down        .
    Seeded     seed.disk.inconsistent    .
    Seeded     seed.role.primary         .
    Seeded     seed.unmarked             .
    Seeded     seed.marked               .
    Seeded     pair.metadata.absent      → Paired
    Seeded     pair.metadata.lost        → Paired
    Seeded     pair.metadata.unmarked    → Paired
    Seeded     pair.resource.down        → Paired
    Seeded     pair.epoch.old            → Paired
    Seeded     pair.link.waiting         → Paired
    Seeded     pair.link.syncing         → Paired
    Seeded     pair.link.unrecorded      → Paired
    Seeded     pair.link.synced          → Paired
    Seeded     cut.metadata.lost         .
    Seeded     cut.resource.down         .
    Seeded     cut.link.waiting          .
    Seeded     cut.link.syncing          .
    Seeded     cut.link.open             .
    Seeded     cut.link.synced           .
    Seeded     settle.open               .
    Seeded     settle.role.primary       .
    Seeded     settle.epoch.old          .
    Seeded     settle.resource.up        .
    Seeded     settle.metadata.present   .
    Seeded     settle.marks.left         .
    Seeded     settle.clean              .
    Seeded     release.epoch.old         → Releasing
    Seeded     release.open              → Releasing
    Seeded     release.role.primary      → Releasing
    Seeded     release.resource.up       → Releasing
    Seeded     release.metadata.present  → Releasing
    Seeded     release.marks.left        → Releasing
    Seeded     release.clean             → Releasing
    Joining    seed.metadata.absent      .
    Joining    seed.resource.down        .
    Joining    seed.disk.inconsistent    .
    Joining    seed.role.primary         .
    Joining    seed.unmarked             .
    Joining    seed.marked               .
    Joining    pair.metadata.absent      makeMetadata
    Joining    pair.metadata.lost        → Broken
    Joining    pair.metadata.unmarked    markMetadata
    Joining    pair.resource.down        → Paired
    Joining    pair.epoch.old            → Paired
    Joining    pair.link.waiting         → Paired
    Joining    pair.link.syncing         → Paired
    Joining    pair.link.unrecorded      → Paired
    Joining    pair.link.synced          → Paired
    Joining    cut.metadata.lost         .
    Joining    cut.resource.down         .
    Joining    cut.link.waiting          .
    Joining    cut.link.syncing          .
    Joining    cut.link.open             .
    Joining    cut.link.synced           .
    Joining    settle.open               .
    Joining    settle.role.primary       .
    Joining    settle.epoch.old          .
    Joining    settle.resource.up        .
    Joining    settle.metadata.present   .
    Joining    settle.marks.left         .
    Joining    settle.clean              .
    Joining    release.epoch.old         → Releasing
    Joining    release.open              → Releasing
    Joining    release.role.primary      → Releasing
    Joining    release.resource.up       → Releasing
    Joining    release.metadata.present  → Releasing
    Joining    release.marks.left        → Releasing
    Joining    release.clean             → Releasing
    Paired     seed.metadata.absent      .
    Paired     seed.resource.down        .
    Paired     seed.disk.inconsistent    .
    Paired     seed.role.primary         .
    Paired     seed.unmarked             .
    Paired     seed.marked               .
    Paired     pair.metadata.absent      .
    Paired     pair.metadata.lost        → Broken
    Paired     pair.metadata.unmarked    .
    Paired     pair.resource.down        raise
    Paired     pair.epoch.old            raiseEpoch
    Paired     pair.link.waiting         .
    Paired     pair.link.syncing         .
    Paired     pair.link.unrecorded      → Synced
    Paired     pair.link.synced          → Synced
    Paired     cut.metadata.lost         → Broken
    Paired     cut.resource.down         raise
    Paired     cut.link.waiting          .
    Paired     cut.link.syncing          .
    Paired     cut.link.open             .
    Paired     cut.link.synced           → Synced
    Paired     settle.open               → Releasing
    Paired     settle.role.primary       → Releasing
    Paired     settle.epoch.old          → Releasing
    Paired     settle.resource.up        → Releasing
    Paired     settle.metadata.present   → Releasing
    Paired     settle.marks.left         → Releasing
    Paired     settle.clean              → Releasing
    Paired     release.epoch.old         → Releasing
    Paired     release.open              → Releasing
    Paired     release.role.primary      → Releasing
    Paired     release.resource.up       → Releasing
    Paired     release.metadata.present  → Releasing
    Paired     release.marks.left        → Releasing
    Paired     release.clean             → Releasing
    Synced     seed.metadata.absent      .
    Synced     seed.resource.down        .
    Synced     seed.disk.inconsistent    .
    Synced     seed.role.primary         .
    Synced     seed.unmarked             .
    Synced     seed.marked               .
    Synced     pair.metadata.absent      .
    Synced     pair.metadata.lost        → Broken
    Synced     pair.metadata.unmarked    .
    Synced     pair.resource.down        → Paired
    Synced     pair.epoch.old            raiseEpoch
    Synced     pair.link.waiting         → Paired
    Synced     pair.link.syncing         → Paired
    Synced     pair.link.unrecorded      recordInSync
    Synced     pair.link.synced          .
    Synced     cut.metadata.lost         → Broken
    Synced     cut.resource.down         → Paired
    Synced     cut.link.waiting          → Paired
    Synced     cut.link.syncing          → Paired
    Synced     cut.link.open             .
    Synced     cut.link.synced           → Lowering
    Synced     settle.open               → Releasing
    Synced     settle.role.primary       → Releasing
    Synced     settle.epoch.old          → Releasing
    Synced     settle.resource.up        → Releasing
    Synced     settle.metadata.present   → Releasing
    Synced     settle.marks.left         → Releasing
    Synced     settle.clean              → Releasing
    Synced     release.epoch.old         → Releasing
    Synced     release.open              → Releasing
    Synced     release.role.primary      → Releasing
    Synced     release.resource.up       → Releasing
    Synced     release.metadata.present  → Releasing
    Synced     release.marks.left        → Releasing
    Synced     release.clean             → Releasing
    Lowering   seed.metadata.absent      .
    Lowering   seed.resource.down        .
    Lowering   seed.disk.inconsistent    .
    Lowering   seed.role.primary         .
    Lowering   seed.unmarked             .
    Lowering   seed.marked               .
    Lowering   pair.metadata.absent      → Paired
    Lowering   pair.metadata.lost        → Paired
    Lowering   pair.metadata.unmarked    → Paired
    Lowering   pair.resource.down        → Paired
    Lowering   pair.epoch.old            → Paired
    Lowering   pair.link.waiting         → Paired
    Lowering   pair.link.syncing         → Paired
    Lowering   pair.link.unrecorded      → Paired
    Lowering   pair.link.synced          → Paired
    Lowering   cut.metadata.lost         → Broken
    Lowering   cut.resource.down         → Down
    Lowering   cut.link.waiting          → Paired
    Lowering   cut.link.syncing          → Paired
    Lowering   cut.link.open             .
    Lowering   cut.link.synced           lower
    Lowering   settle.open               .
    Lowering   settle.role.primary       .
    Lowering   settle.epoch.old          .
    Lowering   settle.resource.up        .
    Lowering   settle.metadata.present   .
    Lowering   settle.marks.left         .
    Lowering   settle.clean              .
    Lowering   release.epoch.old         → Releasing
    Lowering   release.open              → Releasing
    Lowering   release.role.primary      → Releasing
    Lowering   release.resource.up       → Releasing
    Lowering   release.metadata.present  → Releasing
    Lowering   release.marks.left        → Releasing
    Lowering   release.clean             → Releasing
    Broken     seed.metadata.absent      .
    Broken     seed.resource.down        .
    Broken     seed.disk.inconsistent    .
    Broken     seed.role.primary         .
    Broken     seed.unmarked             .
    Broken     seed.marked               .
    Broken     pair.metadata.absent      .
    Broken     pair.metadata.lost        .
    Broken     pair.metadata.unmarked    .
    Broken     pair.resource.down        .
    Broken     pair.epoch.old            .
    Broken     pair.link.waiting         .
    Broken     pair.link.syncing         .
    Broken     pair.link.unrecorded      .
    Broken     pair.link.synced          .
    Broken     cut.metadata.lost         .
    Broken     cut.resource.down         .
    Broken     cut.link.waiting          .
    Broken     cut.link.syncing          .
    Broken     cut.link.open             .
    Broken     cut.link.synced           .
    Broken     settle.open               → Releasing
    Broken     settle.role.primary       → Releasing
    Broken     settle.epoch.old          → Releasing
    Broken     settle.resource.up        → Releasing
    Broken     settle.metadata.present   → Releasing
    Broken     settle.marks.left         → Releasing
    Broken     settle.clean              → Releasing
    Broken     release.epoch.old         → Releasing
    Broken     release.open              → Releasing
    Broken     release.role.primary      → Releasing
    Broken     release.resource.up       → Releasing
    Broken     release.metadata.present  → Releasing
    Broken     release.marks.left        → Releasing
    Broken     release.clean             → Releasing
    Down       seed.metadata.absent      .
    Down       seed.resource.down        .
    Down       seed.disk.inconsistent    .
    Down       seed.role.primary         .
    Down       seed.unmarked             .
    Down       seed.marked               .
    Down       pair.metadata.absent      → Paired
    Down       pair.metadata.lost        → Paired
    Down       pair.metadata.unmarked    → Paired
    Down       pair.resource.down        → Paired
    Down       pair.epoch.old            → Paired
    Down       pair.link.waiting         → Paired
    Down       pair.link.syncing         → Paired
    Down       pair.link.unrecorded      → Paired
    Down       pair.link.synced          → Paired
    Down       cut.metadata.lost         .
    Down       cut.resource.down         .
    Down       cut.link.waiting          .
    Down       cut.link.syncing          .
    Down       cut.link.open             .
    Down       cut.link.synced           .
    Down       settle.open               .
    Down       settle.role.primary       .
    Down       settle.epoch.old          .
    Down       settle.resource.up        .
    Down       settle.metadata.present   .
    Down       settle.marks.left         .
    Down       settle.clean              .
    Down       release.epoch.old         → Releasing
    Down       release.open              → Releasing
    Down       release.role.primary      → Releasing
    Down       release.resource.up       → Releasing
    Down       release.metadata.present  → Releasing
    Down       release.marks.left        → Releasing
    Down       release.clean             → Releasing
    Releasing  seed.metadata.absent      .
    Releasing  seed.resource.down        .
    Releasing  seed.disk.inconsistent    .
    Releasing  seed.role.primary         .
    Releasing  seed.unmarked             .
    Releasing  seed.marked               .
    Releasing  pair.metadata.absent      .
    Releasing  pair.metadata.lost        .
    Releasing  pair.metadata.unmarked    .
    Releasing  pair.resource.down        .
    Releasing  pair.epoch.old            .
    Releasing  pair.link.waiting         .
    Releasing  pair.link.syncing         .
    Releasing  pair.link.unrecorded      .
    Releasing  pair.link.synced          .
    Releasing  cut.metadata.lost         .
    Releasing  cut.resource.down         .
    Releasing  cut.link.waiting          .
    Releasing  cut.link.syncing          .
    Releasing  cut.link.open             .
    Releasing  cut.link.synced           .
    Releasing  settle.open               .
    Releasing  settle.role.primary       demote
    Releasing  settle.epoch.old          raiseEpoch
    Releasing  settle.resource.up        takeDown
    Releasing  settle.metadata.present   removeMetadata
    Releasing  settle.marks.left         removeMarks
    Releasing  settle.clean              → Released
    Releasing  release.epoch.old         raiseEpoch
    Releasing  release.open              .
    Releasing  release.role.primary      demote
    Releasing  release.resource.up       takeDown
    Releasing  release.metadata.present  removeMetadata
    Releasing  release.marks.left        removeMarks
    Releasing  release.clean             → Released
    Released   seed.metadata.absent      .
    Released   seed.resource.down        .
    Released   seed.disk.inconsistent    .
    Released   seed.role.primary         .
    Released   seed.unmarked             .
    Released   seed.marked               .
    Released   pair.metadata.absent      .
    Released   pair.metadata.lost        .
    Released   pair.metadata.unmarked    .
    Released   pair.resource.down        .
    Released   pair.epoch.old            .
    Released   pair.link.waiting         .
    Released   pair.link.syncing         .
    Released   pair.link.unrecorded      .
    Released   pair.link.synced          .
    Released   cut.metadata.lost         .
    Released   cut.resource.down         .
    Released   cut.link.waiting          .
    Released   cut.link.syncing          .
    Released   cut.link.open             .
    Released   cut.link.synced           .
    Released   settle.open               .
    Released   settle.role.primary       .
    Released   settle.epoch.old          .
    Released   settle.resource.up        .
    Released   settle.metadata.present   .
    Released   settle.marks.left         .
    Released   settle.clean              .
    Released   release.epoch.old         .
    Released   release.open              .
    Released   release.role.primary      .
    Released   release.resource.up       .
    Released   release.metadata.present  .
    Released   release.marks.left        .
    Released   release.clean             ."
  `);
});
