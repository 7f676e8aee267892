import type { Container } from '../../../model/kubernetes.ts'
import type { Machine, ObjectStore } from '../../contract.ts'
import type { CordonedSpec } from '../world-spec.ts'
import type { WorkloadObject } from './objects.ts'

/** How people had left a cluster when it was captured. */

/** Cordons so many nodes of each group and zone, the first by name. */
export function cordonNodes(store: ObjectStore, machines: readonly Machine[], cordoned: readonly CordonedSpec[]): void {
  for (const { group, zone, count } of cordoned) {
    const names = machines.filter((machine) => machine.group === group && machine.zone === zone).map(({ nodeName }) => nodeName)
    for (const name of names.toSorted().slice(0, count)) cordon(store, name)
  }
}

function cordon(store: ObjectStore, name: string): void {
  store.update('Node', undefined, name, (node) => {
    const spec = (node.spec ?? {}) as { readonly taints?: readonly unknown[] }
    const taints = [...(spec.taints ?? []), { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]
    return { ...node, spec: { ...spec, unschedulable: true, taints } }
  })
}

/** Variables of aws-node that were set on its DaemonSet and not in the add-on's configuration. */
export function setAwsNodeEnvironment(store: ObjectStore, environment: Readonly<Record<string, string>>): void {
  if (store.get('DaemonSet', 'kube-system', 'aws-node') === undefined) return
  store.update('DaemonSet', 'kube-system', 'aws-node', (object) => {
    const { spec } = object as WorkloadObject
    const pod = spec?.template?.spec
    const containers = (pod?.containers ?? []).map((container) =>
      container.name === 'aws-node' ? withVariables(container, environment) : container,
    )
    return { ...object, spec: { ...spec, template: { ...spec?.template, spec: { ...pod, containers } } } }
  })
}

function withVariables(container: Container, environment: Readonly<Record<string, string>>): Container {
  const others = (container.env ?? []).filter(({ name }) => !(name in environment))
  const env = [...others, ...Object.entries(environment).map(([name, value]) => ({ name, value }))]
  return { ...container, env: env.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}
