import { expect } from 'vitest'
import { MINUTE, SECOND } from '../../../../src/model/instant.ts'
import { call } from '../../aws/world-driver.ts'
import { GUARDED } from '../guarded.ts'
import type { SignatureRow } from '../row.ts'
import { countSick, runOnce, sickPods, watchWith } from '../sick-pods.ts'
import type { Stage } from '../stage.ts'

/** A dozen pods on each node, more than the first interface has addresses for, and time for what is to happen then. */
function fillNodes(stage: Stage): void {
  stage.launchNodes()
  watchWith(stage, 12 * stage.nodes().length)
  stage.pass(12 * MINUTE)
}

/** Nodes with pods that are not well, each with what its ipamd counts and warns of, and what EC2 says of its interfaces. */
function cutOff(stage: Stage): readonly unknown[] {
  const seen = stage.pods('kube-system', 'aws-node').map(({ metadata, spec: { nodeName = '' } = {} }) => {
    const { counted, warnings } = ipamdFacts(stage, metadata.name)
    const sick = sickPods(stage, nodeName)
    return {
      sick,
      allCounted: countSick(stage, nodeName) <= counted('awscni_force_removed_ips'),
      forcedOut: counted('awscni_force_removed_enis'),
      attachedAndUnknown: attachedTo(stage, nodeName) - counted('awscni_eni_allocated'),
      warnings,
    }
  })
  const wrong = seen.filter(({ sick, warnings }) => sick.length > 0 || warnings.length > 0)
  return [...new Map(wrong.map((each) => [JSON.stringify(each), each])).values()]
}

function ipamdFacts({ world }: Stage, awsNode: string) {
  const answer = world.answerFromPod?.('kube-system', awsNode, 61678, '/metrics')
  const text = typeof answer === 'object' ? answer.text : ''
  const log = world.logs('kube-system', awsNode, 'aws-node', false) ?? ''
  return {
    counted: (metric: string) => Number(new RegExp(`^${metric} (\\d+)$`, 'm').exec(text)?.[1]),
    warnings: [...log.matchAll(/"level":"warn".*"msg":"(.*)"/g)].map(([, words = '']) =>
      words.replace(/eni-[0-9a-f]{17}/, 'ENI').replace(/with [1-9]\d* assigned/, 'with N assigned'),
    ),
  }
}

/** Network interfaces that EC2 has attached to a node. */
function attachedTo(stage: Stage, name: string): number {
  const { spec } = stage.nodes().find(({ metadata }) => metadata.name === name) ?? {}
  return interfacesWhere(stage, 'attachment.instance-id', spec?.providerID?.split('/').at(-1) ?? '')
}

function interfacesWhere({ world }: Stage, name: string, value: string): number {
  const Filters = [{ Name: name, Values: [value] }]
  return call<{ NetworkInterfaces: unknown[] }>(world.ec2, 'DescribeNetworkInterfaces', { Filters }).NetworkInterfaces.length
}

/** Names are asked for by one pod after the other, on one node: each begins when nothing of the one before is left at EC2; every other one waits longer. */
function askInTurn(stage: Stage): void {
  const node = stage.nodes()[0]?.metadata.name ?? ''
  for (let nth = 0; nth < 4; nth++) {
    runOnce(stage, `once-${nth}`, 'nslookup kubernetes.default', node)
    passUntil(stage, () =>
      stage.pods('checks', `once-${nth}`).every(({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed'),
    )
    passUntil(stage, () => interfacesWhere(stage, 'interface-type', 'branch') === 0)
    stage.pass(nth % 2 === 0 ? 0 : MINUTE)
  }
}

/** A minute and a half at most. */
function passUntil(stage: Stage, holds: () => boolean): void {
  for (let second = 0; second < 90 && !holds(); second++) stage.pass(SECOND)
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

const DROPPED = { sick: [unreached], allCounted: true, warnings: ['Force removing eni ENI with N assigned pods'] }
const moreThanNone = expect.toSatisfy((count: number) => count > 0)

/** Signatures of pods that lose the network they had, with the interface it was on. */
export const INTERFACE_ROWS: readonly SignatureRow[] = [
  {
    code: 'P17',
    title: 'pods of one interface are cut off at once, aws-node is well',
    act: fillNodes,
    look: cutOff,
    signs: [{ ...DROPPED, forcedOut: moreThanNone, attachedAndUnknown: moreThanNone }],
    evidence: [{ ...DROPPED, forcedOut: 1, attachedAndUnknown: 1 }],
  },
  {
    code: 'P19',
    title: 'pods with branch interfaces resolve names by turns',
    act: askInTurn,
    look: byTurns,
    evidence: [{ resolved: true, sick: [nameless] }],
    ...GUARDED,
  },
]
