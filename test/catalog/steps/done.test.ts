import { describe, expect, it } from 'vitest'
import { addonUpdate } from '../../../src/catalog/steps/addon-update.ts'
import { nodegroupUpdate } from '../../../src/catalog/steps/nodegroup-update.ts'
import type { AddonStep, Baseline, GroupStep } from '../../../src/model/itinerary.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../../src/model/seen.ts'
import { aDaemonSet, aGroup, aNode, anAddon, aSeen, NOW } from '../../support/seen-builder.ts'

/** What counts as done, and above all what does not: evidence that is missing is never success. */

const common = {
  title: 't',
  timeout: 1,
  wayBack: { exists: 'yes', how: '' },
  forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
} as const
const hop: AddonStep = {
  ...common,
  kind: 'addon-update',
  id: 'addon/vpc-cni/1/vpc-cni',
  addon: 'vpc-cni',
  before: { version: 'v1.18.0-eksbuild.1' },
  after: { version: 'v1.19.0-eksbuild.1' },
  resolveConflicts: 'PRESERVE',
}
const move: GroupStep = {
  ...common,
  kind: 'nodegroup-update',
  id: 'canary/1/app-a',
  group: 'app-a',
  before: { version: '1.33', releaseVersion: 'r-1' },
  after: { version: '1.33', releaseVersion: 'r-2' },
  form: 'optimised',
  nodes: 1,
  nodeClass: 'm5',
  zones: ['a'],
}
const baseline: Baseline = {
  takenAt: '',
  addons: {},
  cordoned: [],
  excludedFromBalancers: [],
  groups: {
    'app-a': { spec: move.before, sizes: { min: 1, max: 2, desired: 1 }, updateSettings: {}, nodes: ['old'], images: ['ami-old'] },
  },
}

describe('an add-on hop', () => {
  const rolled = { version: 'v1.19.0-eksbuild.1', desired: 3, updated: 3, available: 3 }
  const there = {
    addons: [anAddon({ spec: { version: 'v1.19.0-eksbuild.1' } })],
    awsNode: aDaemonSet(rolled),
    updates: { u: { id: 'u', status: 'Successful' } },
  }
  it.each<{ title: string; over: Parameters<typeof aSeen>[0]; done: boolean }>([
    { title: 'template rolled out, update successful', over: {}, done: true },
    { title: 'the update cannot be read', over: { updates: {} }, done: false },
    { title: 'an update status nobody knows yet', over: { updates: { u: { id: 'u', status: 'Cancelling' } } }, done: false },
    { title: 'the version in the DaemonSet cannot be read', over: { awsNode: aDaemonSet({ ...rolled, version: undefined }) }, done: false },
    { title: 'the DaemonSet cannot be read', over: { awsNode: undefined }, done: false },
    {
      title: 'the version string is there, the template is not',
      over: { awsNode: aDaemonSet({ ...rolled, version: 'v1.18.0-eksbuild.1' }) },
      done: false,
    },
    {
      title: 'UPDATE_FAILED',
      over: { addons: [anAddon({ status: 'UPDATE_FAILED', spec: { version: 'v1.19.0-eksbuild.1' } })] },
      done: false,
    },
    { title: 'one node still runs the former template', over: { awsNode: aDaemonSet({ ...rolled, updated: 2 }) }, done: false },
  ])('$title: done $done', ({ over, done }) => {
    const seen: Seen = aSeen({ ...there, ...over })
    expect(addonUpdate.progress({ step: hop, seen, now: NOW, baseline, acceptedAt: NOW, updateId: 'u' }).kind === 'done').toBe(done)
  })
})

describe('a node group', () => {
  const newNode = (over: Partial<NodeFacts> = {}) => aNode({ name: 'new', kubeletMinor: '1.33', image: 'ami-new', ...over })
  const spec = { version: '1.33', releaseVersion: 'r-2' }
  it.each<{ title: string; group: Partial<GroupFacts>; update?: string; done: boolean }>([
    { title: 'every node is of the new release', group: { spec, nodes: [newNode()] }, done: true },
    { title: 'EKS says done, the nodes still carry the former AMI', group: { spec, nodes: [newNode({ image: 'ami-old' })] }, done: false },
    { title: 'two AMIs in one group', group: { spec, nodes: [newNode(), newNode({ name: 'n2', image: 'ami-other' })] }, done: false },
    { title: 'a node does not say its AMI', group: { spec, nodes: [newNode({ image: undefined })] }, done: false },
    { title: 'a node does not say its minor', group: { spec, nodes: [newNode({ kubeletMinor: undefined })] }, done: false },
    { title: 'ACTIVE with the former spec', group: { spec: move.before, nodes: [newNode()] }, done: false },
    { title: 'the update cannot be read', group: { spec, nodes: [newNode()] }, update: 'other', done: false },
    { title: 'UPDATING', group: { spec, status: 'UPDATING', nodes: [newNode()] }, done: false },
  ])('$title: done $done', ({ group, update = 'u', done }) => {
    const seen = aSeen({ groups: [aGroup({ name: 'app-a', ...group })], updates: { [update]: { id: update, status: 'Successful' } } })
    expect(nodegroupUpdate.progress({ step: move, seen, now: NOW, baseline, acceptedAt: NOW, updateId: 'u' }).kind === 'done').toBe(done)
  })

  it('on the way back only the former AMI is back', () => {
    const back: GroupStep = { ...move, before: move.after, after: move.before }
    const judged = (image: string) => {
      const seen = aSeen({ groups: [aGroup({ name: 'app-a', spec: move.before, nodes: [newNode({ image })] })] })
      return nodegroupUpdate.actions({ step: back, seen, now: NOW, baseline }).length
    }
    expect([judged('ami-old'), judged('ami-new')]).toEqual([0, 1])
  })
})
