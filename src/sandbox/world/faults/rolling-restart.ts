import { iso } from '../../../model/instant.ts'
import type { StoredObject } from '../../contract.ts'
import { defineFault } from './fault.ts'

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const

type Templated = StoredObject & {
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } } }
}

export const rollingRestart = defineFault({
  name: 'rolling-restart',
  title: 'somebody restarts workloads, as `kubectl rollout restart` does',
  source: 'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/',
  where: ['namespace', 'workload'],
  begin({ store, timeline, matches }) {
    const restartedAt = { 'kubectl.kubernetes.io/restartedAt': iso(timeline.now()) }
    for (const kind of KINDS)
      for (const { metadata } of store.list(kind)) {
        if (!matches({ namespace: metadata.namespace ?? '', workload: metadata.name })) continue
        store.update(kind, metadata.namespace, metadata.name, (current) => restarted(current, restartedAt))
      }
    return () => {}
  },
})

function restarted(workload: Templated, annotation: Readonly<Record<string, string>>): StoredObject {
  const template = workload.spec?.template
  const annotations = { ...template?.metadata?.annotations, ...annotation }
  return { ...workload, spec: { ...workload.spec, template: { ...template, metadata: { ...template?.metadata, annotations } } } }
}
