import type { NearMiss } from '../../support/near-miss.ts'
import { ADDRESSES } from './addresses.ts'
import { CNI_ADD_ON } from './cni-add-on.ts'
import { CONTROL_PLANE } from './control-plane.ts'
import { CONTROL_PLANE_STEP } from './control-plane-step.ts'
import { NODE_GROUPS } from './groups.ts'
import { PLACE } from './place.ts'
import { PROCESS } from './process.ts'
import { SKEW } from './skew.ts'
import { WORKLOADS } from './workloads.ts'

/** A pair for every check: the situation in which it fires, and one that differs in a single field and in which it does not. */
export const NEAR_MISSES: readonly NearMiss[] = [
  ...PLACE,
  ...CONTROL_PLANE,
  ...CONTROL_PLANE_STEP,
  ...CNI_ADD_ON,
  ...ADDRESSES,
  ...PROCESS,
  ...SKEW,
  ...NODE_GROUPS,
  ...WORKLOADS,
]
