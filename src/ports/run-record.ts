import type { Instant } from '../model/instant.ts'

/**
 * The open-run record in the cluster (ConfigMap `kube-system/serin-run`): what another machine needs to go on.
 * Changed by resourceVersion; under 1 MiB, so the itinerary and the state are kept gzipped.
 */
export interface RunRecord {
  readonly run: string
  readonly status: 'open' | 'finished' | 'abandoned'
  readonly plan: string
  readonly digest: string
  readonly openedAt: Instant
  readonly updatedAt: Instant
  readonly openedBy: string
  /** Sequence number of the last journal event that `state` contains. */
  readonly sequence: number
  /** The itinerary and the folded state, as JSON text. */
  readonly itinerary: string
  readonly state: string
  /** What people asked for from elsewhere, oldest first: approve, hold, accept, abandon, rollback. */
  readonly requests: readonly RunRequest[]
}

export type RunRequestKind = 'approve' | 'accept' | 'hold' | 'rollback' | 'abandon' | 'resume'

export interface RunRequest {
  /** Unique; a request is taken once. */
  readonly id: string
  readonly kind: RunRequestKind
  readonly by: string
  readonly at: Instant
  readonly reason?: string
  readonly step?: string
  readonly gate?: string
}

export interface RunRecords {
  read(): Promise<RunRecord | undefined>
  /** Writes the record; throws REMOTE_CONFLICT when somebody else changed it since it was read. Requests made meanwhile are kept. */
  write(record: RunRecord): Promise<void>
  /** Adds a request to the record of an open run, retrying over conflicts. Throws RUN_NOT_FOUND when no run is open. */
  request(request: RunRequest): Promise<void>
}
