import type { KubernetesObject, NodeRequirement, Pod } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'

interface Claim extends KubernetesObject {
  readonly kind: 'PersistentVolumeClaim'
  readonly spec?: { readonly volumeName?: string }
}

/** A volume as far as a drain has to do with it. */
export interface Volume extends KubernetesObject {
  readonly kind: 'PersistentVolume'
  readonly spec?: {
    readonly local?: object
    readonly hostPath?: object
    readonly nodeAffinity?: {
      readonly required?: { readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: readonly NodeRequirement[] }[] }
    }
  }
}

/** Keys by which volumes say which zone they are in. */
const ZONE_KEYS = ['topology.kubernetes.io/zone', 'topology.ebs.csi.aws.com/zone', 'failure-domain.beta.kubernetes.io/zone']

/** The bound volumes of a pod; claims that are not bound, or were not read, have none. */
export function volumesOf(snapshot: ClusterSnapshot): (pod: Pod) => readonly Volume[] {
  const volumes = new Map(objectsOf<Volume>(snapshot, 'PersistentVolume').map((volume) => [volume.metadata.name, volume]))
  const claims = new Map(
    objectsOf<Claim>(snapshot, 'PersistentVolumeClaim').map(({ metadata, spec }) => [
      `${metadata.namespace}/${metadata.name}`,
      volumes.get(spec?.volumeName ?? ''),
    ]),
  )
  return ({ metadata, spec }) =>
    (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claims.get(`${metadata.namespace}/${claim?.claimName}`) ?? [])
}

/** Zones in which a volume can be attached; undefined where it is in none. */
export function zonesOfVolume({ spec }: Volume): readonly string[] | undefined {
  const expressions = (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap(({ matchExpressions = [] }) => matchExpressions)
  const values = expressions.filter(({ key }) => ZONE_KEYS.includes(key)).flatMap(({ values: named = [] }) => named)
  return values.length === 0 ? undefined : values
}

/** Whether a volume is a part of one node, and gone with it. */
export function isOfNode({ spec }: Volume): boolean {
  return spec?.local !== undefined || spec?.hostPath !== undefined
}

/** Zones that all volumes of a pod have in common; undefined where it has none in a zone, or where volumes were not read. */
export function zonesOfVolumes(snapshot: ClusterSnapshot): (pod: Pod) => readonly string[] | undefined {
  const volumes = volumesOf(snapshot)
  return (pod) =>
    volumes(pod)
      .map(zonesOfVolume)
      .filter((each) => each !== undefined)
      .reduce<readonly string[] | undefined>(
        (common, each) => (common === undefined ? each : common.filter((zone) => each.includes(zone))),
        undefined,
      )
}
