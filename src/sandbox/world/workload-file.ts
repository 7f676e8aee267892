import { z } from 'zod'
import { duration } from './faults/when.ts'

/** How world files and scenarios write workloads and other objects of a world's beginning. `WorkloadSpec` says what each member does. */

const name = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, 'expected a name of letters, digits, dots and dashes')
const texts = z.record(z.string(), z.string())
const count = z.number().int().min(0).max(5_000)
const amount = z.union([z.number().int().min(0), z.string().regex(/^\d+%$/)])
const members = z.record(z.string(), z.unknown())

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
})

const behaviour = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('exits'),
    after: duration.prefault('2s'),
    code: z.number().int().min(0).max(255).default(1),
    reason: z.string().optional(),
    log: z.array(z.string()).optional(),
  }),
  z.strictObject({ kind: z.literal('unready'), message: z.string().default('HTTP probe failed with statuscode: 503') }),
  z.strictObject({ kind: z.literal('no-image'), message: z.string() }),
])

export const workloadSchema = z.strictObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']),
  namespace: name,
  name,
  replicas: count.optional(),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  nodeSelector: texts.optional(),
  tolerations: z.array(toleration).optional(),
  budget: z
    .strictObject({
      minAvailable: amount.optional(),
      maxUnavailable: amount.optional(),
      unhealthyPodEvictionPolicy: z.enum(['IfHealthyBudget', 'AlwaysAllow']).optional(),
    })
    .optional(),
  hostNetwork: z.boolean().optional(),
  gracePeriodSeconds: count.optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
  spec: members.optional(),
  pod: members.optional(),
  container: members.optional(),
  service: z.strictObject({ port: z.number().int().min(1).max(65_535), headless: z.boolean().optional() }).optional(),
  behaviour: behaviour.optional(),
})

/** Any other object, as the API shows it. */
export const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
