import type { StoredObject } from '../../../contract.ts'
import type { Column } from './column.ts'
import { AGE, at, column, listAt, NAME, textAt, wide } from './column.ts'

export const NODE_COLUMNS: readonly Column[] = [
  NAME,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  AGE,
  column('Version', (node) => textAt(node, 'status.nodeInfo.kubeletVersion', '')),
  wide('Internal-IP', (node) => addressOf(node, 'InternalIP')),
  wide('External-IP', (node) => addressOf(node, 'ExternalIP')),
  wide('OS-Image', (node) => textAt(node, 'status.nodeInfo.osImage', '<unknown>')),
  wide('Kernel-Version', (node) => textAt(node, 'status.nodeInfo.kernelVersion', '<unknown>')),
  wide('Container-Runtime', (node) => textAt(node, 'status.nodeInfo.containerRuntimeVersion', '<unknown>')),
]

function nodeStatus(node: StoredObject): string {
  const ready = listAt(node, 'status.conditions').find((condition) => condition.type === 'Ready')
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
  if (at(node, 'spec.unschedulable') === true) words.push('SchedulingDisabled')
  return words.join(',')
}

const ROLE = 'node-role.kubernetes.io/'

function nodeRoles(node: StoredObject): string {
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(ROLE))
  return roles.length === 0 ? '<none>' : roles.map((label) => label.slice(ROLE.length)).join(',')
}

function addressOf(node: StoredObject, type: string): string {
  return String(listAt(node, 'status.addresses').find((address) => address.type === type)?.address ?? '<none>')
}
