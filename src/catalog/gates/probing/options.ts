import { z } from 'zod'
import { parseDuration } from '../../../model/instant.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import type { ProbePlace } from '../../../model/probe.ts'
import { gatesOf } from '../named.ts'

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

const name = (what: string) => z.string().regex(NAME, `This is no name of a ${what}\nLower-case letters, digits and \`-\`.`)

/** What a plan says about the probes of `network-proof`. */
export const PROBING = z.strictObject({
  namespace: name('namespace').describe('Namespace of the probe pods; it has to exist.'),
  image: z
    .string()
    .regex(/^[^\s"'$`;|&<>]+$/, 'This is no image reference\nFor example `public.ecr.aws/docker/library/busybox:1.36`.')
    .describe('Image with sh, nslookup, wget, nc and httpd, as busybox has them; every node must be able to pull it.'),
  resolve: z
    .string()
    .regex(/^[a-z0-9.-]+$/, 'This is no name that DNS could resolve\nFor example `kubernetes.default.svc.cluster.local`.')
    .default('kubernetes.default.svc.cluster.local')
    .describe('Name that a probe resolves.'),
  reach: z
    .array(z.string().regex(/^[a-z0-9.-]+:\d{1,5}$/i, 'This is no host with a port\nFor example `sts.eu-central-1.amazonaws.com:443`.'))
    .max(5)
    .default([])
    .describe('What else a probe has to reach, each a host with its port.'),
  sample: z.int().min(1).max(100).default(10).describe('New nodes that are probed at most; one in each zone and of each type always is.'),
  lasting: z
    .string()
    .refine(
      (text) => (parseDuration(text) ?? 31 * 60_000) <= 30 * 60_000,
      'This is no duration of at most half an hour\nFor example `5m30s`; `0s` tries once.',
    )
    .default('5m30s')
    .describe('How long after the first try the same pod tries again: some faults cut pods off only after minutes.'),
  securityGroupPolicy: z
    .strictObject({
      namespace: name('namespace').describe('Its namespace; a second probe runs there.'),
      name: name('SecurityGroupPolicy').describe('Its name. Best one made for the probe, which nothing else selects.'),
      labels: z.record(z.string(), z.string()).describe('Labels that it selects; the second probe wears them.'),
    })
    .optional()
    .describe('A SecurityGroupPolicy by which a second probe on each node gets an interface of its own.'),
})

export type Probing = z.infer<typeof PROBING>

/** Where the gates of a plan have their probe pods, each place once. */
export function probePlaces(plan: UpgradePlan): readonly ProbePlace[] {
  const places = gatesOf(plan, 'network-proof').flatMap((gate): ProbePlace[] => {
    const { namespace, image, securityGroupPolicy: policy } = PROBING.parse(gate.options)
    return [{ namespace, image }, ...(policy === undefined ? [] : [{ namespace: policy.namespace, image, branch: policy.labels }])]
  })
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}
