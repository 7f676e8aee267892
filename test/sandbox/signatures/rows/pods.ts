import { expect } from 'vitest'
import { MINUTE, SECOND } from '../../../../src/model/instant.ts'
import { conditionOf } from '../../../../src/model/kubernetes.ts'
import type { SignatureRow } from '../row.ts'
import { runOnce, sickPods, watchEveryNode } from '../sick-pods.ts'
import type { Stage } from '../stage.ts'

function updateAndWatch(stage: Stage): void {
  stage.updateCni('v1.21.2-eksbuild.2')
  stage.pass(4 * MINUTE)
  watchEveryNode(stage)
  stage.pass(2 * MINUTE)
}

function restartAndWatch(stage: Stage): void {
  stage.restartAwsNodes()
  stage.pass(MINUTE)
  watchEveryNode(stage)
  stage.pass(2 * MINUTE)
}

function watchNewNodes(stage: Stage): void {
  watchEveryNode(stage)
  stage.launchNodes()
}

/** Names are asked for again and again, for three minutes. */
function askForNames(stage: Stage): void {
  for (let nth = 0; nth < 9; nth++) {
    runOnce(stage, `once-${nth}`, 'nslookup kubernetes.default')
    stage.pass(20 * SECOND)
  }
  stage.pass(MINUTE)
}

function deleteAfterRoll(stage: Stage): void {
  stage.pass(5 * MINUTE)
  for (const { metadata } of stage.pods('shop')) stage.world.deletePod('shop', metadata.name, undefined)
  stage.pass(4 * MINUTE)
}

const ADD =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "SANDBOX": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: '
const WAITS = { ready: false, restarts: 0, state: 'ContainerCreating' }

/** A pod whose sandbox is refused with these words. */
const refused = (words: string) => ({
  app: 'watch',
  node: 'old',
  phase: 'Pending',
  terminating: false,
  hasAddress: false,
  containers: [WAITS],
  events: [{ reason: 'FailedCreatePodSandBox', message: `${ADD}${words}` }],
})

/** A pod that runs and that the kubelet cannot reach. */
const unreachable = (wasReady: string) => ({
  app: 'watch',
  node: 'new',
  phase: 'Running',
  terminating: false,
  hasAddress: true,
  wasReady,
  containers: [{ ready: false, restarts: 0, state: 'Running' }],
  events: [
    {
      reason: 'Unhealthy',
      message:
        'Readiness probe failed: Get "http://IP:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    },
  ],
})

const nameless = {
  app: 'once',
  node: 'old',
  phase: 'Failed',
  terminating: false,
  hasAddress: true,
  containers: [{ ready: false, restarts: 0, state: 'Error', exitCode: 1, exitReason: 'Error' }],
  events: [],
  log: [';; connection timed out; no servers could be reached'],
}

const AWAY =
  'Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:50051: connect: connection refused"'
const OTHER_VERSION =
  'Error received from AddNetwork gRPC call: rpc error: code = FailedPrecondition desc = wrong client version "v1.21.1" (!= "v1.21.2")'

const TERMS = 'world.addons.vpc-cni.configuration.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0'

const noNetwork = {
  reason: 'KubeletNotReady',
  message:
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
  awsNode: false,
}

/** Signatures of pods that do not start, or cannot be reached, though aws-node is Ready or was. */
export const POD_ROWS: readonly SignatureRow[] = [
  row('P10', 'new pods find ipamd away', updateAndWatch, sickPods, [refused(AWAY)]),
  row('P11', 'the plugin is of another version than ipamd', updateAndWatch, sickPods, [refused(OTHER_VERSION)], {
    outside: { 'faults.0.trouble': 'imds-blocked' },
  }),
  row('P12', 'no node agent answers the plugin', restartAndWatch, sickPods, [refused('failed to setup network policy')]),
  row('P13', 'pods on new nodes are never reached', watchNewNodes, sickPods, [unreachable('never')]),
  row('P14', 'names resolve by turns', askForNames, byTurns, [{ resolved: true, sick: [nameless] }]),
  row('P15', 'pods on new nodes are reached for minutes only', watchNewNodes, sickPods, [unreachable('for minutes')], {
    outside: { 'faults.0.after': '1h' },
  }),
  row('P16', 'pods on new nodes never reach their gateway', watchNewNodes, sickPods, [unreachable('never')]),
  row('P18', 'pods from before the downgrade stay Terminating', deleteAfterRoll, stuck, [{ terminating: 4, killed: [killed()] }], {
    signs: [{ terminating: expect.any(Number), killed: [killed()] }],
    outside: { 'faults.0.tag': 'v1.12.6-eksbuild.2' },
    indifferent: { 'world.addons.vpc-cni.version': 'the base world has a version that sets pods up in the same way' },
  }),
  row('P20', 'new nodes get no aws-node', (stage) => stage.launchNodes(), withoutNetwork, [noNetwork], {
    // Without any term it would match no node either.
    indifferent: {
      [`${TERMS}.matchExpressions.0`]: 'a term without expressions matches no node',
      [`${TERMS}.matchExpressions.0.key`]: 'no node has the other label either',
      [`${TERMS}.matchExpressions.0.values`]: 'no node has the other value either',
    },
    outside: { [TERMS]: { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] } },
  }),
  row('P24', 'pods that start reach nothing', askForNames, byTurns, [{ resolved: false, sick: [nameless] }]),
]

function row(
  code: string,
  title: string,
  act: SignatureRow['act'],
  look: SignatureRow['look'],
  evidence: readonly unknown[],
  rest: Partial<SignatureRow> = {},
): SignatureRow {
  return { code, title, act, look, evidence, ...rest }
}

/** Whether any of the commands found its name, and what became of the others. */
function byTurns(stage: Stage): readonly unknown[] {
  const sick = sickPods(stage)
  return sick.length === 0 ? [] : [{ resolved: stage.pods('checks').some(({ status }) => status?.phase === 'Succeeded'), sick }]
}

function killed(): string {
  const because =
    'failed to destroy network for sandbox \\"SANDBOX\\": plugin type=\\"aws-cni\\" name=\\"aws-cni\\" failed (delete): del cmd: failed to delete with prevResult: malformed vlanID in prevResult: 0'
  return `error killing pod: failed to "KillPodSandbox" for "UID" with KillPodSandboxError: "rpc error: code = Unknown desc = ${because}"`
}

/** Pods of the application that do not go, with the kubelet's words. */
function stuck(stage: Stage): readonly unknown[] {
  const pods = stage.pods('shop').filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const messages = pods.flatMap((pod) =>
    stage
      .events(pod)
      .flatMap(({ reason, message = '' }) =>
        reason === 'FailedKillPod' ? [message.replaceAll(pod.metadata.uid, 'UID').replace(/[0-9a-f]{64}/, 'SANDBOX')] : [],
      ),
  )
  return pods.length === 0 ? [] : [{ terminating: pods.length, killed: [...new Set(messages)] }]
}

/** Nodes that are not Ready, and whether aws-node is there. */
function withoutNetwork(stage: Stage): readonly unknown[] {
  const found = stage.nodes().flatMap(({ metadata, status }) => {
    const ready = conditionOf(status?.conditions, 'Ready')
    if (ready?.status === 'True') return []
    const awsNode = stage.pods('kube-system', 'aws-node-').some(({ spec }) => spec?.nodeName === metadata.name)
    return [{ reason: ready?.reason, message: ready?.message, awsNode }]
  })
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()]
}
