import { diagnose } from '../diagnosis/diagnose.ts'
import { keyedId } from '../model/keyed.ts'
import type { UpgradePlan } from '../model/plan.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { logReader } from '../rollout/log-readers.ts'
import { usage } from './io.ts'

/** Where the plan lets `--node-logs` read. Throws a usage error where it does not. */
export function nodeLogsAllowed(plan: UpgradePlan | undefined): NonNullable<NonNullable<UpgradePlan['diagnosis']>['nodeLogs']> {
  const policy = plan?.diagnosis?.nodeLogs
  if (policy !== undefined) return policy
  const example = '`diagnosis: { nodeLogs: { namespace: serin-probes, image: "public.ecr.aws/docker/library/busybox:1.36" } }`'
  throw usage(
    `--node-logs makes pods that read a file on nodes, which only a plan can allow: give a plan that has ${example}. By hand: kubectl debug node/NODE -it --image=busybox -- tail -n 200 /host/var/log/aws-routed-eni/ipamd.log`,
  )
}

/**
 * The snapshot with ipamd.log of the nodes that are in trouble by it, as many as the plan allows. `say` is told what is about to
 * be made before it is.
 */
export async function withDeepEvidence(
  ports: ClusterPorts,
  snapshot: ClusterSnapshot,
  policy: ReturnType<typeof nodeLogsAllowed>,
  say: (line: string) => void,
): Promise<ClusterSnapshot> {
  const { diagnoses, unclassified } = diagnose(snapshot)
  const strange = unclassified.flatMap(({ subject }) => (subject.startsWith('Node/') ? [subject.slice('Node/'.length)] : []))
  const nodes = [...new Set([...strange, ...diagnoses.flatMap((cause) => cause.nodes)])].slice(0, policy.maxNodes)
  if (nodes.length === 0) return snapshot
  const run = `diagnose-${keyedId(6, ports.clock.now(), ...nodes)}`
  const readers = nodes.map((node) => logReader(policy, node, { run, batch: 'diagnose', epoch: 0, id: keyedId(12, run, node) }))
  const jobs = readers.map(({ name, node }) => `${name} (${node})`).join(', ')
  say(
    `Reading ipamd.log on ${nodes.length} of the nodes in trouble, by Jobs in ${policy.namespace}: ${jobs}. They are removed afterwards, and by themselves within ten minutes if this process dies.`,
  )
  const { withNodeLogs } = await import('../engine/read-node-logs.ts')
  return await withNodeLogs(ports, snapshot, readers)
}
