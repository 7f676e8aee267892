import { expect, it } from 'vitest'
import { allocationOf } from '../../src/model/allocation.ts'
import type { Pod } from '../../src/model/kubernetes.ts'

/** How far a pod came whose node the resource controller does not look after: https://github.com/aws/amazon-vpc-resource-controller-k8s. */

const POD = {
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'web', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }] },
} as unknown as Pod

it.each([
  { title: 'aws-node has signed up for security groups', cniNode: ['CustomNetworking', 'SecurityGroupsForPods'], stoppedBy: undefined },
  { title: 'aws-node has not', cniNode: ['CustomNetworking'], stoppedBy: /lacks SecurityGroupsForPods: aws-node has not asked/ },
  { title: 'it has no CNINode, and others have', cniNode: 'none' as const, stoppedBy: /no CNINode/ },
  { title: 'nobody knows', cniNode: undefined, stoppedBy: undefined },
])('a pod waits at "bound" on a node where $title', ({ cniNode, stoppedBy }) => {
  const allocation = allocationOf(POD, [], { events: [], ...(cniNode && { cniNode }) })
  expect(allocation.reached).toBe('bound')
  if (stoppedBy === undefined) expect(allocation.stoppedBy).toBeUndefined()
  else expect(allocation.stoppedBy).toMatch(stoppedBy)
})

it('a pod that the controller has taken up is past its node', () => {
  const told = { type: 'Normal', reason: 'SecurityGroupRequested', text: 'as it is', lastSeen: 1 }
  expect(allocationOf(POD, [told], { events: [], cniNode: 'none' })).toEqual({ own: true, reached: 'requested' })
})

it('the CNINode of a pod that gets its address from the pool of its node does not matter', () => {
  expect(allocationOf({ ...POD, spec: {} } as Pod, [], { events: [], cniNode: 'none' })).toEqual({ own: false, reached: 'bound' })
})
