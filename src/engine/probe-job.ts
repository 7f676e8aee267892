import { scriptOf } from '../catalog/gates/probing/script.ts'
import { SECOND } from '../model/instant.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { NODE_LOG, PROBE_CONTAINER, PROBE_LABELS, type ProbeSpec } from '../model/probe.ts'

/** What a finished Job is kept for: long enough to be read, after that it removes itself, whoever died. */
const KEPT_FOR = 300
/** A Job whose pod never starts is not ended by the pod's own deadline. */
const MARGIN = 60

type Manifest = KubernetesObject & { readonly spec: unknown }

/**
 * A probe as a Job, which the cluster removes by itself some minutes after its deadline. Its pod holds no rights: no token, no
 * capability, no user of the system, no writable file system. It goes to its node by affinity, as pods of DaemonSets do, so that a
 * cordon and taints keep it away; and it is never Ready, so that no Service sends it anything, whatever labels it wears.
 */
export function probeJob(spec: ProbeSpec): Manifest {
  const deadline = Math.ceil(spec.deadline / SECOND)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: spec.name, namespace: spec.namespace, labels: labelsOf(spec) },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: deadline + MARGIN,
      ttlSecondsAfterFinished: KEPT_FOR,
      template: { metadata: podMetadata(spec), spec: podSpec(spec, deadline) },
    },
  }
}

/** The same pod alone, to ask whether the API server would take it. */
export function probePod(spec: ProbeSpec): Manifest {
  const metadata = { ...podMetadata(spec), name: spec.name, namespace: spec.namespace }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec(spec, Math.ceil(spec.deadline / SECOND)) }
}

function labelsOf({ run, role }: ProbeSpec): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/managed-by': 'serin', [PROBE_LABELS.run]: run, [PROBE_LABELS.role]: role }
}

function podMetadata(spec: ProbeSpec) {
  return {
    labels: { ...spec.branch, ...labelsOf(spec) },
    annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true', 'sidecar.istio.io/inject': 'false' },
  }
}

function podSpec(spec: ProbeSpec, deadline: number): object {
  const onNode = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [spec.node] }] }
  return {
    restartPolicy: 'Never',
    activeDeadlineSeconds: deadline,
    terminationGracePeriodSeconds: 5,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [onNode] } } },
    readinessGates: [{ conditionType: 'serin.dev/never-ready' }],
    ...(spec.role === 'log-reader' ? ON_SICK_NODE : withoutRights(spec)),
    containers: [
      {
        name: PROBE_CONTAINER,
        image: spec.image,
        command: ['sh', '-c', scriptOf(spec)],
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        ...(spec.role === 'log-reader' && { volumeMounts: [{ name: 'log', mountPath: NODE_LOG.folder, readOnly: true }] }),
      },
    ],
  }
}

function withoutRights({ taints }: ProbeSpec): object {
  return {
    tolerations: taints.map(({ key, value, effect }) => ({ key, operator: 'Equal', value: value ?? '', effect })),
    securityContext: { runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, ...SECCOMP },
  }
}

const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } } as const

/**
 * A node whose CNI does not work gives no addresses and is not Ready: its log is read by a pod that needs neither. The file is
 * root's alone (0600, as gopkg.in/natefinch/lumberjack.v2 makes it), so the pod is root, without a capability.
 */
const ON_SICK_NODE = {
  hostNetwork: true,
  tolerations: [{ operator: 'Exists' }],
  securityContext: { runAsUser: 0, runAsGroup: 0, ...SECCOMP },
  volumes: [{ name: 'log', hostPath: { path: NODE_LOG.folder, type: 'Directory' } }],
} as const
