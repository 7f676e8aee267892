import type { Container, ObjectMeta, Workload } from '../../src/model/kubernetes.ts'
import { changeObject, type SnapshotChange } from './snapshot-builder.ts'

/** Small changes of the DaemonSet aws-node of the healthy cluster. */

type PodSpec = NonNullable<NonNullable<NonNullable<Workload['spec']>['template']>['spec']>

function changeSpec(change: (spec: PodSpec) => PodSpec): SnapshotChange {
  return changeObject<Workload>('DaemonSet', 'aws-node', (each) => ({
    ...each,
    spec: { ...each.spec, template: { ...each.spec?.template, spec: change(each.spec?.template?.spec ?? {}) } },
  }))
}

function changeContainer(name: string, change: (container: Container) => Container): SnapshotChange {
  const changed = (containers: readonly Container[] | undefined) => containers?.map((each) => (each.name === name ? change(each) : each))
  return changeSpec((spec) => ({ ...spec, containers: changed(spec.containers), initContainers: changed(spec.initContainers) }))
}

export function withoutContainer(name: string): SnapshotChange {
  return changeSpec((spec) => ({ ...spec, containers: spec.containers?.filter((each) => each.name !== name) }))
}

/** Sets a variable of the container aws-node, at its end where it is new. */
export function setVariable(name: string, value: string): SnapshotChange {
  return changeContainer('aws-node', (container) => {
    const others = container.env?.filter((each) => each.name !== name) ?? []
    return { ...container, env: [...others, { name, value }] }
  })
}

/** Sets the tag of a container's image, or of its init container's. */
export function setTag(container: string, tag: string): SnapshotChange {
  return changeContainer(container, (each) => ({ ...each, image: each.image?.replace(/:[^:]*$/, `:${tag}`) }))
}

export function setManagers(...managedFields: NonNullable<ObjectMeta['managedFields']>): SnapshotChange {
  return changeObject<Workload>('DaemonSet', 'aws-node', (each) => ({ ...each, metadata: { ...each.metadata, managedFields } }))
}

/** Who owns a setting of the container, as managedFields writes it. */
export function owner(manager: string, container: string, setting: string) {
  const fields = { [`k:{"name":"${container}"}`]: { '.': {}, [`f:${setting}`]: {} } }
  return { manager, operation: 'Update', fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': fields } } } } }
}
