import type { ServedKind } from '../../../world/kubernetes/api/kinds.ts'
import { CLUSTER_COLUMNS } from './cluster-kinds.ts'
import type { Column } from './column.ts'
import { customColumns } from './custom.ts'
import { NODE_COLUMNS } from './nodes.ts'
import {
  BUDGET_COLUMNS,
  CONFIG_MAP_COLUMNS,
  EVENT_COLUMNS,
  LEASE_COLUMNS,
  NAME_AND_AGE,
  NAMESPACE_COLUMNS,
  SERVICE_COLUMNS,
} from './others.ts'
import { POD_COLUMNS } from './pods.ts'
import { DAEMON_SET_COLUMNS, DEPLOYMENT_COLUMNS, JOB_COLUMNS, REPLICA_SET_COLUMNS, STATEFUL_SET_COLUMNS } from './workloads.ts'

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Node: NODE_COLUMNS,
  Pod: POD_COLUMNS,
  Deployment: DEPLOYMENT_COLUMNS,
  ReplicaSet: REPLICA_SET_COLUMNS,
  DaemonSet: DAEMON_SET_COLUMNS,
  StatefulSet: STATEFUL_SET_COLUMNS,
  Job: JOB_COLUMNS,
  PodDisruptionBudget: BUDGET_COLUMNS,
  Lease: LEASE_COLUMNS,
  Event: EVENT_COLUMNS,
  Namespace: NAMESPACE_COLUMNS,
  Service: SERVICE_COLUMNS,
  ConfigMap: CONFIG_MAP_COLUMNS,
  ...CLUSTER_COLUMNS,
}

/** The columns the real API server prints for a kind. */
export function columnsOf({ kind, custom }: Pick<ServedKind, 'kind' | 'custom'>): readonly Column[] {
  return custom === undefined ? (COLUMNS[kind] ?? NAME_AND_AGE) : customColumns(custom.columns)
}
