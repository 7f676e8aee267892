import { canonicalJson } from '../../src/model/canonical-json.ts'
import type { Command } from '../../src/model/command.ts'
import type { Batch } from '../../src/model/itinerary.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, type KubernetesObject, type Node } from '../../src/model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../src/model/snapshot.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { RunState } from '../../src/rollout/state.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import type { Trace } from '../support/random-run.ts'

/** What holds for every run, whatever the cluster, the plan, the faults and the people. Each law names what breaks it. */
export interface Law {
  readonly title: string
  readonly broken: (trace: Trace) => readonly string[]
}

export const LAWS: readonly Law[] = [
  { title: 'decide is a function that changes nothing, and a run ends', broken: ({ wrongs }) => wrongs },
  { title: 'no more nodes are unavailable than allowed, and no eviction breaks a budget', broken: ({ watch }) => watch.wrongs() },
  { title: 'nothing is changed before pre-flight has passed, and a blocked run changes nothing', broken: changesBeforePreflight },
  { title: 'every change on the wire was intended before', broken: changesWithoutIntent },
  { title: 'no batch begins before every batch before it has passed and it is approved', broken: commandsOutOfTurn },
  { title: 'the journal has no gaps, intents come before answers, and its fold is the state of the run', broken: journalMistakes },
  { title: 'a way back begins by itself only where new nodes fail', broken: backWithoutCause },
  { title: 'a way back touches only what the run touched', broken: strangersTouched },
  { title: 'a run that ended leaves none of its marks and a free Lease', broken: marksLeft },
  { title: 'what was taken back is as it was', broken: notAsItWas },
]

const OURS = /^(leases\/kube-system(\/serin)?|configmaps\/kube-system(\/serin-run)?)$/
const READING = /^(Describe|List|Get|Simulate)/
/** What one may do is asked with a POST, and nothing is kept of it. */
const REVIEW = /\/(self)?subjectaccessreviews$/

/** Requests that change the cluster, with their place in the order of requests; our Lease and record are none. */
function changesOf({ requests }: Trace): readonly { readonly request: RequestRecord; readonly index: number }[] {
  return requests
    .map((request, index) => ({ request, index }))
    .filter(({ request: { service, operation, resource } }) =>
      service === 'kubernetes'
        ? !['get', 'list', 'watch'].includes(operation) && !OURS.test(resource) && !REVIEW.test(resource)
        : service !== 'sts' && !READING.test(operation),
    )
}

function described({ service, operation, resource, status }: RequestRecord): string {
  return `${service} ${operation} ${resource} (${status})`
}

function changesBeforePreflight(trace: Trace): readonly string[] {
  const clear = trace.entries.find(({ entry }) => entry.event.type === 'preflight-evaluated' && entry.event.verdict === 'clear')
  return changesOf(trace)
    .filter(({ index }) => clear === undefined || index < clear.requestsBefore)
    .map(({ request }) => `${described(request)} before pre-flight passed`)
}

/** The object a command is about, as requests name it. */
function subjectOf({ action }: Command): string {
  if (action.kind === 'update-addon') return action.addon
  if (action.kind === 'update-control-plane' || action.kind === 'cancel-rollback') return 'cluster'
  if ('autoScalingGroup' in action) return action.autoScalingGroup
  if (action.kind === 'set-aws-node-env') return 'daemonsets/kube-system/aws-node'
  if ('pod' in action) return `pods/${action.namespace}/${action.pod}`
  if (action.kind === 'create-probe') return `jobs/${action.probe.namespace}/${action.probe.name}`
  if (action.kind === 'remove-probe') return `jobs/${action.namespace}/${action.probe}`
  return 'node' in action ? `nodes/${action.node}` : action.group
}

function changesWithoutIntent(trace: Trace): readonly string[] {
  return changesOf(trace)
    .filter(
      ({ request, index }) =>
        !trace.entries.some(
          ({ entry: { event }, requestsBefore }) =>
            event.type === 'command-intended' && requestsBefore <= index && subjectOf(event.command) === request.resource,
        ),
    )
    .map(({ request }) => `${described(request)} was never intended`)
}

/** Each journal entry with the state before it. */
function told({ entries }: Trace): readonly { readonly before: RunState | undefined; readonly entry: Trace['entries'][number]['entry'] }[] {
  let state: RunState | undefined
  return entries.map(({ entry }) => {
    const before = state
    state = evolve(state, entry.event, entry.at)
    return { before, entry }
  })
}

function isOver(state: RunState | undefined, batch: string): boolean {
  const status = state?.batches[batch]?.status
  return status === 'passed' || status === 'accepted'
}

function commandsOutOfTurn(trace: Trace): readonly string[] {
  const forward = trace.prepared?.itinerary.batches ?? []
  return told(trace).flatMap(({ before, entry: { event } }) =>
    event.type === 'command-intended' && !event.command.step.startsWith('back/') ? outOfTurn(event.command.step, before, forward) : [],
  )
}

function outOfTurn(step: string, before: RunState | undefined, forward: readonly Batch[]): readonly string[] {
  const index = forward.findLastIndex(({ id }) => step.startsWith(`${id}/`))
  const batch = forward[index]
  if (batch === undefined) return [`${step} belongs to no batch`]
  const unapproved = batch.approval !== false && before?.batches[batch.id]?.approval === undefined
  const approval = unapproved ? [`${step} was intended before anybody approved ${batch.id}`] : []
  // What an update left behind is removed at any time, also on the way back.
  if (step === `${batch.id}/tidy`) return approval
  const early = forward.slice(0, index).filter(({ id }) => !isOver(before, id))
  return [
    ...approval,
    ...early.map(({ id }) => `${step} was intended before ${id} had passed`),
    ...(before?.preflight?.verdict === 'clear' ? [] : [`${step} was intended on a pre-flight that is not clear`]),
    ...(before?.back === undefined ? [] : [`${step} was intended on the way back`]),
  ]
}

function journalMistakes(trace: Trace): readonly string[] {
  const { entries, ending } = trace
  const intended = new Set<string>()
  const mistakes = entries.flatMap(({ entry: { sequence, event } }, index) => {
    if (event.type === 'command-intended') intended.add(event.command.id)
    return [
      ...(sequence === index + 1 ? [] : [`entry ${index + 1} has number ${sequence}`]),
      ...(event.type === 'command-answered' && !intended.has(event.command) ? [`an answer without an intent: ${event.command}`] : []),
    ]
  })
  const folded = entries.reduce<RunState | undefined>((state, { entry }) => evolve(state, entry.event, entry.at), undefined)
  const same = ending === undefined || canonicalJson(folded) === canonicalJson(ending.state)
  return same
    ? mistakes
    : [...mistakes, `the fold of the journal is not the state: ${canonicalJson(folded)} / ${canonicalJson(ending?.state)}`]
}

/** What makes new nodes fail and leaves those that nobody touched alone. Subnets that run dry do so too: a cause of their own. */
const ON_NEW_NODES = ['ipam-hang', 'node-never-joins', 'addon-crashloop', 'subnet-exhausted']

function backWithoutCause({ entries, random }: Trace): readonly string[] {
  const narrow = JSON.stringify(random.world.subnets).includes('/25')
  const mayFail = narrow || random.faults.some(({ fault }) => ON_NEW_NODES.includes(String(fault)))
  return entries.flatMap(({ entry: { event } }) =>
    event.type === 'rollback-started' && event.failure.cause !== 'asked' && !mayFail
      ? [`${event.failure.cause} although no new node has a fault: ${event.failure.message}`]
      : [],
  )
}

function strangersTouched(trace: Trace): readonly string[] {
  const began = trace.entries.findIndex(({ entry }) => entry.event.type === 'rollback-started')
  if (began < 0) return []
  const commands = trace.entries.map(({ entry: { event } }) => (event.type === 'command-intended' ? event.command : undefined))
  const touched = new Set(commands.slice(0, began).flatMap((command) => (command === undefined ? [] : thingsOf(command, trace))))
  // An add-on reaches every node: those that fail under it may be marked, whatever their group.
  const failing = trace.entries.flatMap(({ entry: { event } }) => (event.type === 'rollback-started' ? event.failure.nodes : []))
  if (touched.has('addon vpc-cni')) for (const node of failing) touched.add(`marks on ${node}`)
  return commands.slice(began).flatMap((command) => {
    const strangers = command === undefined ? [] : thingsOf(command, trace).filter((thing) => !touched.has(thing))
    return strangers.map((thing) => `the way back touches ${thing} by ${command?.step}, which the run never touched`)
  })
}

function thingsOf({ action }: Command, { watch }: Trace): readonly string[] {
  if (action.kind === 'update-addon') return [`addon ${action.addon}`]
  if (action.kind === 'set-aws-node-env') return ['addon vpc-cni']
  if (action.kind === 'create-probe' || action.kind === 'remove-probe') return []
  if (action.kind === 'taint-node' || action.kind === 'remove-taint') return [`marks on ${action.node}`]
  if ('node' in action && action.node !== undefined) return [`group ${watch.groupOf.get(action.node)}`]
  if ('autoScalingGroup' in action) return [`group ${'group' in action ? action.group : `asg:${action.autoScalingGroup}`}`]
  return 'group' in action ? [`group ${action.group}`] : []
}

const ENDED = ['ok', 'blocked', 'rolledBack', 'partlyDone']

function marksLeft(trace: Trace): readonly string[] {
  const { exit, end, prepared, world } = trace
  if (!ENDED.includes(exit)) return []
  const before = new Map((prepared ? objectsOf<Node>(prepared.snapshot, 'Node') : []).map((node) => [node.metadata.name, node]))
  const lease = world.store.get('Lease', 'kube-system', 'serin') as { spec?: { holderIdentity?: string } } | undefined
  const holder = lease?.spec?.holderIdentity
  return [
    ...objectsOf<Node>(end, 'Node').flatMap((node) => nodeMarks(node, before.get(node.metadata.name))),
    ...(end.kubernetes.items ?? []).flatMap((item) => ourWords(item)),
    ...(end.aws.nodegroups ?? []).flatMap((group) =>
      JSON.stringify(group).includes('serin') ? [`${group.nodegroupName} speaks of us`] : [],
    ),
    ...(holder ? [`the Lease is held by ${holder}`] : []),
  ]
}

function nodeMarks(node: Node, before: Node | undefined): readonly string[] {
  const cordoned = node.spec?.unschedulable === true && before?.spec?.unschedulable !== true
  const excluded = (of: Node | undefined): boolean => of?.metadata.labels?.[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined
  return [
    ...(cordoned ? [`${node.metadata.name} is cordoned and was not`] : []),
    ...(excluded(node) && !excluded(before) ? [`${node.metadata.name} is kept out of balancers and was not`] : []),
    ...(node.spec?.taints ?? []).filter(({ key }) => key.includes('serin')).map(({ key }) => `${node.metadata.name} has the taint ${key}`),
  ]
}

function ourWords({ kind, metadata }: KubernetesObject): readonly string[] {
  const words = JSON.stringify([metadata.labels, metadata.annotations, (metadata as { finalizers?: unknown }).finalizers])
  const ours = metadata.name === 'serin' || metadata.name === 'serin-run'
  return words.includes('serin') && !ours ? [`${kind} ${metadata.name} has marks of ours: ${words}`] : []
}

function notAsItWas({ exit, prepared, end }: Trace): readonly string[] {
  if (exit !== 'rolledBack' && exit !== 'blocked') return []
  const before = prepared && settingsOf(prepared.snapshot)
  const after = settingsOf(end)
  return Object.keys(before ?? {}).flatMap((name) =>
    before?.[name] === after[name] ? [] : [`${name} was ${before?.[name]} and is ${after[name]}`],
  )
}

/** What "as it was" covers of add-ons and groups. A desired size is never lowered, so it is none of it. */
function settingsOf({ aws }: ClusterSnapshot): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...(aws.addons ?? []).map(({ addonName, addonVersion, configurationValues }): [string, string] => [
      `add-on ${addonName}`,
      canonicalJson({ addonVersion, configurationValues }),
    ]),
    ...(aws.nodegroups ?? []).map(
      ({ nodegroupName, version, releaseVersion, launchTemplate, updateConfig, scalingConfig }): [string, string] => [
        `group ${nodegroupName}`,
        canonicalJson({ version, releaseVersion, launchTemplate, updateConfig, min: scalingConfig?.minSize, max: scalingConfig?.maxSize }),
      ],
    ),
    ...(aws.autoScalingGroups ?? []).map(({ AutoScalingGroupName, MinSize, MaxSize, SuspendedProcesses }): [string, string] => [
      `Auto Scaling group ${AutoScalingGroupName}`,
      canonicalJson({ MinSize, MaxSize, SuspendedProcesses }),
    ]),
  ])
}
