import type { Instant } from '../../../../model/instant.ts'
import type { StoredObject } from '../../../contract.ts'
import type { Column } from './column.ts'
import { AGE, ageSince, at, column, integer, labelText, listAt, NAME, numberAt, textAt, wide } from './column.ts'

export const NAME_AND_AGE: readonly Column[] = [NAME, AGE]

export const BUDGET_COLUMNS: readonly Column[] = [
  NAME,
  column('Min Available', (budget) => textAt(budget, 'spec.minAvailable', 'N/A')),
  column('Max Unavailable', (budget) => textAt(budget, 'spec.maxUnavailable', 'N/A')),
  integer('Allowed Disruptions', (budget) => numberAt(budget, 'status.disruptionsAllowed')),
  AGE,
]

export const LEASE_COLUMNS: readonly Column[] = [NAME, column('Holder', (lease) => textAt(lease, 'spec.holderIdentity', '')), AGE]

export const NAMESPACE_COLUMNS: readonly Column[] = [NAME, column('Status', (object) => textAt(object, 'status.phase', 'Active')), AGE]

export const CONFIG_MAP_COLUMNS: readonly Column[] = [
  NAME,
  integer('Data', (object) => Object.keys({ ...(at(object, 'data') ?? {}), ...(at(object, 'binaryData') ?? {}) }).length),
  AGE,
]

export const SERVICE_COLUMNS: readonly Column[] = [
  NAME,
  column('Type', (service) => textAt(service, 'spec.type', 'ClusterIP')),
  column('Cluster-IP', (service) => textAt(service, 'spec.clusterIP')),
  column('External-IP', () => '<none>'),
  column('Port(s)', ports),
  AGE,
  wide('Selector', (service) => labelText(at(service, 'spec.selector'))),
]

export const EVENT_COLUMNS: readonly Column[] = [
  column('Last Seen', (event, now) =>
    ageSince(at(event, 'lastTimestamp') ?? at(event, 'eventTime') ?? event.metadata.creationTimestamp, now),
  ),
  column('Type', (event) => textAt(event, 'type', '')),
  column('Reason', (event) => textAt(event, 'reason', '')),
  column('Object', (event) => `${textAt(event, 'involvedObject.kind', '').toLowerCase()}/${textAt(event, 'involvedObject.name', '')}`),
  wide('Subobject', (event) => textAt(event, 'involvedObject.fieldPath', '')),
  wide('Source', (event) => textAt(event, 'source.component', textAt(event, 'reportingComponent', ''))),
  column('Message', (event) => textAt(event, 'message', '').trim()),
  wide('First Seen', firstSeen),
  { name: 'Count', type: 'integer', wide: true, cell: (event) => Number(at(event, 'count') ?? 1) },
  { ...NAME, wide: true },
]

function firstSeen(event: StoredObject, now: Instant): string {
  return ageSince(at(event, 'firstTimestamp') ?? at(event, 'eventTime') ?? event.metadata.creationTimestamp, now)
}

function ports(service: StoredObject): string {
  const texts = listAt(service, 'spec.ports').map(({ port, nodePort, protocol = 'TCP' }) => {
    return nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`
  })
  return texts.length === 0 ? '<none>' : texts.join(',')
}
