import type { OpenedWorld } from '../../../../../src/sandbox/world/open.ts'

/** An input with which an operation succeeds in the quickstart world; making it may call other operations first. */
export type Cases = Readonly<Record<string, (world: OpenedWorld) => Record<string, unknown>>>

export const CLUSTER = { clusterName: 'shop' }
