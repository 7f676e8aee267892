import { z } from 'zod'
import { duration, pattern, percentage, strict } from './schema-parts.ts'

/** What Serin may do about a diagnosed cause; the defaults are what `serin remediate` goes by. */
export function remediation(gates: readonly string[]) {
  return strict({
    onFailureOf: z
      .array(z.enum(gates))
      .default([])
      .describe('Gates whose failure is cured first, once, where the diagnosed cause has a safe cure.'),
    maxNodes: z.int().min(1).max(50).default(2).describe('Nodes that may be replaced in all, one after the other.'),
    maxShare: percentage
      .default('34%')
      .describe('Share of the nodes of a failed batch that may be replaced; beyond it the batch counts as failed.'),
    maxPods: z.int().min(1).max(1_000).default(50).describe('Stuck pods that may be made anew in all.'),
    podsAtOnce: z.int().min(1).max(50).default(5).describe('Stuck pods made anew at a time.'),
    jobs: z.boolean().default(false).describe('Pods of Jobs are made anew too.'),
    within: duration.default(1_200_000).describe('Time for one node to be replaced, or for pods to start; 20m when absent.'),
  })
}

/** What a diagnosis may do beyond reading the APIs; nothing when absent. */
export const diagnosis = strict({
  nodeLogs: strict({
    namespace: pattern(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is no name of a namespace', 'Lower-case letters, digits and `-`.').describe(
      'Namespace of the pods that read; it has to exist, and its Pod Security level has to be `privileged`.',
    ),
    image: pattern(/^[^\s"'$`;|&<>]+$/, 'is no image reference', 'For example `public.ecr.aws/docker/library/busybox:1.36`.').describe(
      'Image with sh and tail, such as busybox; every node must be able to pull it.',
    ),
    maxNodes: z.int().min(1).max(10).default(2).describe('Failing nodes of which it is read at a time.'),
  })
    .optional()
    .describe(
      'Allows to read ipamd.log on failing nodes, through a short-lived pod on the network of the node, which mounts that folder of it read-only.',
    ),
})
