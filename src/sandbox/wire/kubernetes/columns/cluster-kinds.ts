import type { StoredObject } from '../../../contract.ts'
import type { Column } from './column.ts'
import { AGE, at, column, integer, labelText, listAt, NAME, numberAt, textAt, wide } from './column.ts'

/** Columns of kinds that tools list and the world rarely changes. Source: k8s.io/kubernetes, pkg/printers/internalversion/printers.go. */
export const CLUSTER_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  ServiceAccount: [NAME, integer('Secrets', (object) => listAt(object, 'secrets').length), AGE],
  Endpoints: [NAME, column('Endpoints', endpoints), AGE],
  EndpointSlice: [
    NAME,
    column('AddressType', (slice) => textAt(slice, 'addressType')),
    column('Ports', (slice) => joined(listAt(slice, 'ports').map(({ port }) => port))),
    column('Endpoints', (slice) => joined(listAt(slice, 'endpoints').flatMap(({ addresses }) => addresses))),
    AGE,
  ],
  PersistentVolume: [
    NAME,
    column('Capacity', (volume) => textAt(volume, 'spec.capacity.storage', '')),
    column('Access Modes', accessModes),
    column('Reclaim Policy', (volume) => textAt(volume, 'spec.persistentVolumeReclaimPolicy', '')),
    column('Status', (volume) => textAt(volume, 'status.phase', '')),
    column('Claim', (volume) => {
      const { namespace, name } = (at(volume, 'spec.claimRef') ?? {}) as Record<string, string>
      return name === undefined ? '' : `${namespace}/${name}`
    }),
    column('StorageClass', (volume) => textAt(volume, 'spec.storageClassName', '')),
    column('VolumeAttributesClass', (volume) => textAt(volume, 'spec.volumeAttributesClassName', '<unset>')),
    column('Reason', (volume) => textAt(volume, 'status.reason', '')),
    AGE,
    wide('VolumeMode', (volume) => textAt(volume, 'spec.volumeMode', 'Filesystem')),
  ],
  PersistentVolumeClaim: [
    NAME,
    column('Status', (claim) => textAt(claim, 'status.phase', '')),
    column('Volume', (claim) => textAt(claim, 'spec.volumeName', '')),
    column('Capacity', (claim) => textAt(claim, 'status.capacity.storage', '')),
    column('Access Modes', accessModes),
    column('StorageClass', (claim) => textAt(claim, 'spec.storageClassName', '')),
    column('VolumeAttributesClass', (claim) => textAt(claim, 'spec.volumeAttributesClassName', '<unset>')),
    AGE,
    wide('VolumeMode', (claim) => textAt(claim, 'spec.volumeMode', 'Filesystem')),
  ],
  StorageClass: [
    NAME,
    column('Provisioner', (object) => textAt(object, 'provisioner')),
    column('ReclaimPolicy', (object) => textAt(object, 'reclaimPolicy', 'Delete')),
    column('VolumeBindingMode', (object) => textAt(object, 'volumeBindingMode', 'Immediate')),
    column('AllowVolumeExpansion', (object) => String(at(object, 'allowVolumeExpansion') ?? false)),
    AGE,
  ],
  CSINode: [NAME, integer('Drivers', (object) => listAt(object, 'spec.drivers').length), AGE],
  VolumeAttachment: [
    NAME,
    column('Attacher', (object) => textAt(object, 'spec.attacher', '')),
    column('PV', (object) => textAt(object, 'spec.source.persistentVolumeName', '')),
    column('Node', (object) => textAt(object, 'spec.nodeName', '')),
    column('Attached', (object) => textAt(object, 'status.attached', 'false')),
    AGE,
  ],
  PriorityClass: [
    NAME,
    integer('Value', (object) => numberAt(object, 'value')),
    column('Global-Default', (object) => textAt(object, 'globalDefault', 'false')),
    AGE,
    column('PreemptionPolicy', (object) => textAt(object, 'preemptionPolicy', 'PreemptLowerPriority')),
  ],
  FlowSchema: [
    NAME,
    column('PriorityLevel', (object) => textAt(object, 'spec.priorityLevelConfiguration.name', '<none>')),
    integer('MatchingPrecedence', (object) => numberAt(object, 'spec.matchingPrecedence')),
    column('DistinguisherMethod', (object) => textAt(object, 'spec.distinguisherMethod.type', '<none>')),
    AGE,
  ],
  PriorityLevelConfiguration: [
    NAME,
    column('Type', (object) => textAt(object, 'spec.type')),
    column('NominalConcurrencyShares', (object) => textAt(object, 'spec.limited.nominalConcurrencyShares', '<none>')),
    AGE,
  ],
  NetworkPolicy: [NAME, column('Pod-Selector', (policy) => labelText(at(policy, 'spec.podSelector.matchLabels'))), AGE],
  IngressClass: [NAME, column('Controller', (object) => textAt(object, 'spec.controller', '')), column('Parameters', () => '<none>'), AGE],
  Ingress: [
    NAME,
    column('Class', (ingress) => textAt(ingress, 'spec.ingressClassName')),
    column('Hosts', (ingress) =>
      joined(
        listAt(ingress, 'spec.rules').map(({ host }) => host ?? '*'),
        '*',
      ),
    ),
    column('Address', (ingress) =>
      joined(
        listAt(ingress, 'status.loadBalancer.ingress').map(({ hostname, ip }) => hostname ?? ip),
        '',
      ),
    ),
    column('Ports', (ingress) => (listAt(ingress, 'spec.tls').length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  CronJob: [
    NAME,
    column('Schedule', (job) => textAt(job, 'spec.schedule')),
    column('Timezone', (job) => textAt(job, 'spec.timeZone')),
    column('Suspend', (job) => (at(job, 'spec.suspend') === true ? 'True' : 'False')),
    integer('Active', (job) => listAt(job, 'status.active').length),
    column('Last Schedule', (job, now) => (at(job, 'status.lastScheduleTime') === undefined ? '<none>' : AGE.cell(lastRun(job), now))),
    AGE,
  ],
  HorizontalPodAutoscaler: [
    NAME,
    column('Reference', (object) => `${textAt(object, 'spec.scaleTargetRef.kind')}/${textAt(object, 'spec.scaleTargetRef.name')}`),
    column('Targets', targetsOf),
    column('MinPods', (object) => textAt(object, 'spec.minReplicas', '<unset>')),
    integer('MaxPods', (object) => numberAt(object, 'spec.maxReplicas')),
    integer('Replicas', (object) => numberAt(object, 'status.currentReplicas')),
    AGE,
  ],
  Role: [NAME, column('Created At', (object) => object.metadata.creationTimestamp)],
  ClusterRole: [NAME, column('Created At', (object) => object.metadata.creationTimestamp)],
  RoleBinding: [NAME, column('Role', roleOf), AGE],
  ClusterRoleBinding: [NAME, column('Role', roleOf), AGE],
  MutatingWebhookConfiguration: [NAME, integer('Webhooks', (object) => listAt(object, 'webhooks').length), AGE],
  ValidatingWebhookConfiguration: [NAME, integer('Webhooks', (object) => listAt(object, 'webhooks').length), AGE],
  CustomResourceDefinition: [NAME, column('Created At', (object) => object.metadata.creationTimestamp)],
}

function lastRun(job: StoredObject): StoredObject {
  return { ...job, metadata: { ...job.metadata, creationTimestamp: textAt(job, 'status.lastScheduleTime') } }
}

function roleOf(binding: StoredObject): string {
  return `${textAt(binding, 'roleRef.kind')}/${textAt(binding, 'roleRef.name')}`
}

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

function accessModes(object: StoredObject): string {
  return (listAt(object, 'spec.accessModes') as readonly unknown[]).map((mode) => SHORT_MODES[String(mode)] ?? String(mode)).join(',')
}

function endpoints(object: StoredObject): string {
  return joined(
    listAt(object, 'subsets').flatMap((subset) =>
      listAt(subset, 'addresses').flatMap(({ ip }) => listAt(subset, 'ports').map(({ port }) => `${ip}:${port}`)),
    ),
  )
}

function joined(items: readonly unknown[], none = '<unset>'): string {
  if (items.length === 0) return none
  return items.length > 3 ? `${items.slice(0, 3).join(',')} + ${items.length - 3} more...` : items.join(',')
}

/** No metric was ever read: what each is to be, after what it is. Form: `formatHPAMetrics` of the same source. */
function targetsOf(object: StoredObject): string {
  const metrics = listAt(object, 'spec.metrics').map((metric) => {
    const of = (member: string) => at(metric, `resource.target.${member}`)
    if (at(metric, 'type') !== 'Resource') return '<unknown>'
    const wanted = of('averageValue') ?? (of('averageUtilization') === undefined ? '<auto>' : `${of('averageUtilization')}%`)
    return `${at(metric, 'resource.name')}: <unknown>/${wanted}`
  })
  return joined(metrics, '<none>')
}
