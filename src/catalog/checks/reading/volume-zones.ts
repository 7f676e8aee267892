import type { Node, Pod } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'

interface Claim {
  readonly kind: 'PersistentVolumeClaim'
  readonly apiVersion: string
  readonly metadata: Node['metadata']
  readonly spec?: { readonly volumeName?: string }
}

interface Volume {
  readonly kind: 'PersistentVolume'
  readonly apiVersion: string
  readonly metadata: Node['metadata']
  readonly spec?: {
    readonly nodeAffinity?: {
      readonly required?: {
        readonly nodeSelectorTerms?: readonly {
          readonly matchExpressions?: readonly { readonly key: string; readonly values?: readonly string[] }[]
        }[]
      }
    }
  }
}

/** Keys by which volumes say which zone they are in. */
const ZONE_KEYS = ['topology.kubernetes.io/zone', 'topology.ebs.csi.aws.com/zone', 'failure-domain.beta.kubernetes.io/zone']

/** Zones that all volumes of a pod have in common; undefined where it has none in a zone, or where volumes were not read. */
export function zonesOfVolumes(snapshot: ClusterSnapshot): (pod: Pod) => readonly string[] | undefined {
  const zones = new Map(objectsOf<Volume>(snapshot, 'PersistentVolume').map((volume) => [volume.metadata.name, zonesOf(volume)]))
  const claims = new Map(
    objectsOf<Claim>(snapshot, 'PersistentVolumeClaim').map(({ metadata, spec }) => [
      `${metadata.namespace}/${metadata.name}`,
      zones.get(spec?.volumeName ?? ''),
    ]),
  )
  return ({ metadata, spec }) =>
    (spec?.volumes ?? [])
      .flatMap(({ persistentVolumeClaim }) => [claims.get(`${metadata.namespace}/${persistentVolumeClaim?.claimName}`)])
      .filter((each) => each !== undefined)
      .reduce<readonly string[] | undefined>(
        (common, each) => (common === undefined ? each : common.filter((zone) => each.includes(zone))),
        undefined,
      )
}

function zonesOf({ spec }: Volume): readonly string[] | undefined {
  const expressions = (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap(({ matchExpressions = [] }) => matchExpressions)
  const values = expressions.filter(({ key }) => ZONE_KEYS.includes(key)).flatMap(({ values: named = [] }) => named)
  return values.length === 0 ? undefined : values
}
