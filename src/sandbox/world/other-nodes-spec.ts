import { z } from 'zod'
import { type Millis, parseDuration } from '../../model/instant.ts'
import type { TaintSpec } from './world-spec.ts'

/** Nodes that no Auto Scaling group launched, in a world file: each entry stands for some that are alike. */
export interface OtherNodesSpec {
  /** The node pool, or what the hybrid nodes are called together. */
  readonly name: string
  readonly kind: 'karpenter' | 'auto' | 'hybrid'
  readonly count: number
  /** Hybrid nodes have none. */
  readonly instanceType: string
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  /** The control plane's unless said. */
  readonly kubernetesVersion?: string
  readonly subnetIds: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly TaintSpec[]
  /** Their owner brings them to the control plane's minor so long after the world's beginning. */
  readonly upgradedAfter?: Millis
}

export const otherNodesSchema = z
  .strictObject({
    name: z.string(),
    kind: z.enum(['karpenter', 'auto', 'hybrid']),
    count: z.number().int().min(1).max(5_000).default(1),
    instanceType: z.string().optional(),
    capacityType: z.enum(['ON_DEMAND', 'SPOT']).default('ON_DEMAND'),
    kubernetesVersion: z.string().optional(),
    subnets: z.array(z.string()).default([]),
    labels: z.record(z.string(), z.string()).default({}),
    taints: z
      .array(
        z.strictObject({
          key: z.string(),
          value: z.string().optional(),
          effect: z.enum(['NoSchedule', 'NoExecute', 'PreferNoSchedule']),
        }),
      )
      .default([]),
    upgradedAfter: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, 'is not a duration')
      .optional(),
  })
  .refine(({ kind, instanceType, subnets }) => kind === 'hybrid' || (instanceType !== undefined && subnets.length > 0), {
    message: 'instanceType and subnets are needed, but for hybrid nodes',
  })

/** Throws Error for a subnet that there is not. */
export function otherNodesOf(
  given: readonly z.output<typeof otherNodesSchema>[],
  subnetIdOf: (name: string) => string | undefined,
): readonly OtherNodesSpec[] {
  return given.map(({ subnets, instanceType = '', kubernetesVersion, upgradedAfter, ...rest }) => ({
    ...rest,
    instanceType,
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...(upgradedAfter === undefined ? {} : { upgradedAfter: parseDuration(upgradedAfter) ?? 0 }),
    taints: rest.taints as readonly TaintSpec[],
    subnetIds: subnets.map((name) => {
      const id = subnetIdOf(name)
      if (id === undefined) throw new Error(`otherNodes.${rest.name}: there is no subnet ${name}`)
      return id
    }),
  }))
}
