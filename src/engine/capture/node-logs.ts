import { SerinError } from '../../errors/serin-error.ts'
import type { Pod } from '../../model/kubernetes.ts'
import { NODE_LOG, NODE_LOG_LINES, PROBE_CONTAINER, type ProbeReport, type ProbeSpec } from '../../model/probe.ts'
import { redactText } from '../../model/secret-text.ts'
import type { NodeLog } from '../../model/snapshot.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

/** A pod that reads the log of its node, and what is known of it. */
export interface LogReader {
  readonly spec: ProbeSpec
  readonly report?: ProbeReport
}

/** What log readers printed. A log that could not be read stands in `unavailable`, by its node and with the reason. */
export async function readNodeLogs(ports: ClusterPorts, pass: Pass, readers: readonly LogReader[]): Promise<readonly NodeLog[]> {
  const logs = await Promise.all(
    readers.map((reader) => pass.read(`node:${reader.spec.node}${NODE_LOG.file}`, () => printed(ports, reader))),
  )
  return logs.filter((log) => log !== undefined)
}

/** @throws SerinError when there is nothing to read, with the reason as its code. */
async function printed({ kubernetes }: ClusterPorts, { spec, report }: LogReader): Promise<NodeLog> {
  const unread = (remoteCode: string) => new SerinError('REMOTE_REFUSED', `ipamd.log was not read: ${remoteCode}`, { remoteCode })
  if (report?.kind !== 'told') throw unread(report?.says ?? 'its reader told nothing in time')
  const { namespace, name, node } = spec
  const [pod] = await kubernetes.list<Pod>(RESOURCES.pods, { namespace, labelSelector: `job-name=${name}` })
  if (pod === undefined) throw unread('its reader is gone')
  const text = await kubernetes.logs(namespace, pod.metadata.name, PROBE_CONTAINER, { tailLines: NODE_LOG_LINES })
  return { node, file: NODE_LOG.file, text: redactText(text) }
}
