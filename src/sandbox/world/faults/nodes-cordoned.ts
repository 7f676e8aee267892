import type { StoredObject } from '../../contract.ts'
import type { Subject } from '../../levers.ts'
import type { NodeObject } from '../kubernetes/objects.ts'
import { defineFault } from './fault.ts'

/** Nodes are cordoned as soon as they are there, as by somebody who lets nothing onto a canary before it is probed. */
export const nodesCordoned = defineFault({
  name: 'nodes-cordoned',
  codes: ['P09'],
  title: 'nodes are cordoned, those there are and those that join',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go',
  where: ['cluster', 'group', 'zone', 'instanceType', 'launchedLater'],
  begin({ store, matches }) {
    const cordoned = new Set<string>()
    const cordon = (node: StoredObject, launchedLater: boolean) => {
      if (!matches(subjectOf(node as NodeObject, launchedLater))) return
      cordoned.add(node.metadata.name)
      setCordon(node.metadata.name, true)
    }
    const setCordon = (name: string, unschedulable: boolean) => {
      if (store.get('Node', undefined, name) === undefined) return
      store.update('Node', undefined, name, (current) => ({ ...current, spec: { ...(current as NodeObject).spec, unschedulable } }))
    }
    for (const node of store.list('Node')) cordon(node, false)
    const stop = store.subscribe(({ type, object }) => {
      if (type === 'ADDED' && object.kind === 'Node') cordon(object, true)
    })
    return () => {
      stop()
      for (const name of cordoned) setCordon(name, false)
    }
  },
})

function subjectOf({ metadata }: NodeObject, launchedLater: boolean): Subject {
  const { labels = {} } = metadata
  const group = labels['eks.amazonaws.com/nodegroup']
  return {
    node: metadata.name,
    ...(group === undefined ? {} : { group }),
    zone: labels['topology.kubernetes.io/zone'] ?? '',
    instanceType: labels['node.kubernetes.io/instance-type'] ?? '',
    launchedLater,
  }
}
