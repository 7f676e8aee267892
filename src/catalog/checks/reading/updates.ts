import type { EksUpdate } from '../../../model/aws.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'

const ENDED = ['Successful', 'Failed', 'Cancelled']

/** Updates that EKS still works on. A status that we do not know is not an end. */
export function openUpdates(snapshot: ClusterSnapshot): readonly EksUpdate[] {
  return (snapshot.aws.updates ?? []).filter((update) => !ENDED.includes(update.status ?? ''))
}

/** `VersionUpdate 6f1a… since 2026-11-23T09:40:00Z`. */
export function describeUpdate(update: EksUpdate): string {
  return `${update.type ?? 'update'} ${update.id ?? '(no id)'} (${update.status ?? 'no status'}) since ${update.createdAt ?? 'an unknown time'}`
}
