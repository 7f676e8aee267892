import { MINUTE, SECOND } from '../../../../src/model/instant.ts'
import type { SignatureRow } from '../row.ts'
import { runOnce, sickPods, watchEveryNode } from '../sick-pods.ts'
import type { Stage } from '../stage.ts'

/** Pods that are not well, with what ipamd counts of interfaces that it forced out. */
function cutOff(stage: Stage): readonly unknown[] {
  const counts = stage.pods('kube-system', 'aws-node').map(({ metadata }) => {
    const answer = stage.world.answerFromPod?.('kube-system', metadata.name, 61678, '/metrics')
    return /^awscni_force_removed_enis (\d+)$/m.exec(typeof answer === 'object' ? answer.text : '')?.[1]
  })
  const sick = sickPods(stage)
  return sick.length === 0 ? [] : [{ sick, nodesThatForcedOut: counts.filter((count) => count === '1').length }]
}

function watchNewNodes(stage: Stage): void {
  watchEveryNode(stage)
  stage.launchNodes()
}

/** Names are asked for from new pods, again and again. */
function askForNames(stage: Stage): void {
  for (let nth = 0; nth < 9; nth++) {
    runOnce(stage, `once-${nth}`, 'nslookup kubernetes.default')
    stage.pass(20 * SECOND)
  }
  stage.pass(2 * MINUTE)
}

function byTurns(stage: Stage): readonly unknown[] {
  const sick = sickPods(stage)
  return sick.length === 0 ? [] : [{ resolved: stage.pods('checks').some(({ status }) => status?.phase === 'Succeeded'), sick }]
}

const unreached = {
  app: 'watch',
  node: 'new',
  phase: 'Running',
  terminating: false,
  hasAddress: true,
  wasReady: 'for minutes',
  containers: [{ ready: false, restarts: 0, state: 'Running' }],
  events: [
    {
      reason: 'Unhealthy',
      message:
        'Readiness probe failed: Get "http://IP:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    },
  ],
}

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

/** Signatures of pods that lose the network they had, with the interface it was on. */
export const INTERFACE_ROWS: readonly SignatureRow[] = [
  {
    code: 'P17',
    title: 'pods of some nodes are cut off at once, aws-node is well',
    act: watchNewNodes,
    look: cutOff,
    evidence: [{ sick: [unreached], nodesThatForcedOut: 4 }],
  },
  {
    code: 'P19',
    title: 'pods with branch interfaces resolve names by turns',
    act: askForNames,
    look: byTurns,
    evidence: [{ resolved: true, sick: [nameless] }],
  },
]
