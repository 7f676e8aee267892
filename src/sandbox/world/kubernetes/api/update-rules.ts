import { sameJson } from '../../../../model/same-json.ts'
import type { StoredObject } from '../../../contract.ts'
import type { FieldProblem } from './api-errors.ts'
import { forbidden, invalidValue } from './api-errors.ts'
import type { NewObject } from './requests.ts'

/** What an update may not change, by kind. Source: k8s.io/kubernetes, pkg/apis, in the folder `validation` of each group. */
export function updateProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  return RULES[current.kind]?.(current, next) ?? []
}

type Rule = (current: StoredObject, next: NewObject) => readonly FieldProblem[]
type Spec = Record<string, unknown>

const RULES: Readonly<Record<string, Rule>> = {
  Pod: podProblems,
  Deployment: selectorProblems,
  DaemonSet: selectorProblems,
  ReplicaSet: selectorProblems,
  StatefulSet: statefulSetProblems,
  Job: (current, next) => immutable(current, next, ['selector', 'completionMode', 'template']),
  Service: serviceProblems,
  PersistentVolumeClaim: claimProblems,
  StorageClass: (current, next) =>
    ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'].flatMap((member) => memberProblem(current, next, member)),
  RoleBinding: roleRefProblems,
  ClusterRoleBinding: roleRefProblems,
  PriorityClass: (current, next) => (current.value === next.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
  ConfigMap: configMapProblems,
}

function specOf(object: StoredObject | NewObject): Spec {
  return (object.spec ?? {}) as Spec
}

const IMMUTABLE = 'field is immutable'

function immutable(current: StoredObject, next: NewObject, members: readonly string[]): readonly FieldProblem[] {
  const [before, after] = [specOf(current), specOf(next)]
  return members
    .filter((member) => !sameJson(before[member], after[member]))
    .map((member) => invalidValue(`spec.${member}`, after[member] ?? null, IMMUTABLE))
}

function selectorProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  return immutable(current, next, ['selector'])
}

function memberProblem(current: StoredObject, next: NewObject, member: string): readonly FieldProblem[] {
  if (sameJson(current[member], next[member])) return []
  return [forbidden(member, `updates to ${member} are forbidden.`)]
}

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function statefulSetProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  const merged = { ...specOf(next), ...picked(specOf(current), STATEFUL_SET_MUTABLE) }
  if (sameJson(merged, specOf(current))) return []
  const names = STATEFUL_SET_MUTABLE.map((name) => `'${name}'`)
  const text = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return [forbidden('spec', `updates to statefulset spec for fields other than ${text} are forbidden`)]
}

function picked(spec: Spec, members: readonly string[]): Spec {
  return Object.fromEntries(members.map((member) => [member, spec[member]]))
}

function serviceProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  const [before, after] = [specOf(current), specOf(next)]
  if (before.clusterIP === undefined || before.clusterIP === after.clusterIP || after.type === 'ExternalName') return []
  return [invalidValue('spec.clusterIPs[0]', [after.clusterIP], 'may not change once set')]
}

function claimProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  const merged = { ...specOf(next), ...picked(specOf(current), ['resources', 'volumeAttributesClassName', 'volumeName']) }
  if (sameJson(merged, specOf(current))) return []
  const text = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [forbidden('spec', text)]
}

function roleRefProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  return sameJson(current.roleRef, next.roleRef) ? [] : [invalidValue('roleRef', next.roleRef ?? null, 'cannot change roleRef')]
}

function configMapProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  if (current.immutable !== true) return []
  const members = ['data', 'binaryData', 'immutable'].filter((member) => !sameJson(current[member], next[member]))
  return members.map((member) => forbidden(member, 'field is immutable when `immutable` is set'))
}

const POD_MAY_CHANGE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** Source of rule and text: ValidatePodUpdate in k8s.io/kubernetes, pkg/apis/core/validation. The real text ends in a diff of Go structures; here the changed members follow. */
function podProblems(current: StoredObject, next: NewObject): readonly FieldProblem[] {
  const [before, after] = [specOf(current), specOf(next)]
  if (before === after) return []
  const allowed = { ...after, ...allowedByPods(before, after) }
  const changed = [...new Set([...Object.keys(before), ...Object.keys(allowed)])].filter(
    (name) => !sameJson(before[name], allowed[name as never]),
  )
  if (changed.length === 0) return tolerationProblems(before, after)
  const lines = changed.flatMap((name) => [`-   ${name}: ${JSON.stringify(before[name])}`, `+   ${name}: ${JSON.stringify(after[name])}`])
  return [forbidden('spec', `pod updates may not change fields other than ${POD_MAY_CHANGE}\n  core.PodSpec{\n${lines.join('\n')}\n  }\n`)]
}

/** The new spec's members with what may change put back, so that what still differs is forbidden. */
function allowedByPods(before: Spec, after: Spec): Spec {
  const grace = before.terminationGracePeriodSeconds
  return {
    ...('containers' in after ? { containers: withImagesOf(before.containers, after.containers) } : {}),
    ...('initContainers' in after ? { initContainers: withImagesOf(before.initContainers, after.initContainers) } : {}),
    tolerations: before.tolerations,
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    ...(typeof grace === 'number' && grace < 0 && after.terminationGracePeriodSeconds === 1
      ? { terminationGracePeriodSeconds: grace }
      : {}),
    ...((before.schedulingGates as readonly unknown[] | undefined)?.length ? { schedulingGates: before.schedulingGates } : {}),
  }
}

type Containers = readonly Record<string, unknown>[]

function withImagesOf(before: unknown, after: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(after)) return after
  return (after as Containers).map((container, index) => ({ ...container, image: (before as Containers)[index]?.image }))
}

function tolerationProblems(before: Spec, after: Spec): readonly FieldProblem[] {
  const [old, given] = [before.tolerations, after.tolerations].map((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []))
  const kept = (old ?? []).every((toleration) => given?.some((each) => sameJson(each, toleration)))
  return kept ? [] : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}
