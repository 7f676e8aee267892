import { describe, expect, it } from 'vitest'
import { ipamdNode } from '../../../src/sandbox/world/kubernetes/ipamd-node.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'
import { machine, START } from './support.ts'

interface Choice {
  readonly title: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly subnet: string | undefined
}

const KEY = 'k8s.amazonaws.com/eniConfig'

describe('the ENIConfig of a node', () => {
  it.each<Choice>([
    { title: 'default, when nothing names one', subnet: 'subnet-default' },
    { title: 'that of its label', labels: { [KEY]: 'b' }, subnet: 'subnet-b' },
    { title: 'that of its annotation before its label', labels: { [KEY]: 'b' }, annotations: { [KEY]: 'a' }, subnet: 'subnet-a' },
    {
      title: 'that of the label of others before both',
      labels: { 'vpc.amazonaws.com/externalEniConfig': 'b', [KEY]: 'a' },
      annotations: { [KEY]: 'a' },
      subnet: 'subnet-b',
    },
    {
      title: 'that of the label the environment names',
      labels: { 'topology.kubernetes.io/zone': 'a', [KEY]: 'b' },
      env: { ENI_CONFIG_LABEL_DEF: 'topology.kubernetes.io/zone' },
      subnet: 'subnet-a',
    },
    {
      title: 'that of the annotation the environment names',
      annotations: { pods: 'a' },
      env: { ENI_CONFIG_ANNOTATION_DEF: 'pods' },
      subnet: 'subnet-a',
    },
    { title: 'none, when the one that is named is not there', labels: { [KEY]: 'nowhere' }, subnet: undefined },
  ])('is $title', ({ labels = {}, annotations = {}, env = {}, subnet }) => {
    const store = createStore(createTimeline(START), 1)
    const { nodeName: name } = machine(1)
    store.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels, annotations } })
    for (const each of ['default', 'a', 'b']) {
      store.create({
        apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
        kind: 'ENIConfig',
        metadata: { name: each },
        spec: { subnet: `subnet-${each}`, securityGroups: ['sg-1'] },
      })
    }
    expect(ipamdNode(store, machine(1), env).eniConfig()).toEqual(subnet && { subnetId: subnet, securityGroups: ['sg-1'] })
  })
})
