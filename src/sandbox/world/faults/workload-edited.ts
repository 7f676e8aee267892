import { z } from 'zod'
import type { Container } from '../../../model/kubernetes.ts'
import type { StoredObject } from '../../contract.ts'
import { defineFault } from './fault.ts'

type Templated = StoredObject & {
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } }
}

export const workloadEdited = defineFault({
  name: 'workload-edited',
  codes: ['F18', 'F20'],
  title: 'somebody edits one container of a DaemonSet, as `kubectl set image` and `kubectl set env` do, and takes it back at the end',
  source:
    'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/CHANGELOG.md (v1.23.0), https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html',
  needs: ['namespace', 'workload'],
  parameters: {
    container: z.string(),
    /** The tag that its image gets. */
    tag: z.string().optional(),
    env: z.record(z.string(), z.string()).default({}),
  },
  begin({ store, matches }, { container, tag, env }) {
    const met = store.list('DaemonSet').filter(({ metadata }) => matches({ namespace: metadata.namespace ?? '', workload: metadata.name }))
    const edit = ({ metadata }: StoredObject, change: (now: Container) => Container) => {
      if (store.get('DaemonSet', metadata.namespace, metadata.name) === undefined) return
      store.update('DaemonSet', metadata.namespace, metadata.name, (current) => withContainer(current, container, change))
    }
    for (const each of met) edit(each, (now) => edited(now, tag, env))
    return () => {
      for (const each of met) edit(each, (now) => containersOf(each).find(({ name }) => name === container) ?? now)
    }
  },
})

function edited(container: Container, tag: string | undefined, env: Readonly<Record<string, string>>): Container {
  const { image = '', env: before = [] } = container
  const others = before.filter(({ name }) => env[name] === undefined)
  const all = [...others, ...Object.entries(env).map(([name, value]) => ({ name, value }))]
  const set = Object.keys(env).length === 0 ? {} : { env: all.sort((one, other) => (one.name < other.name ? -1 : 1)) }
  return { ...container, ...(tag === undefined ? {} : { image: image.replace(/:[^:]*$/, `:${tag}`) }), ...set }
}

function containersOf(object: Templated): readonly Container[] {
  return object.spec?.template?.spec?.containers ?? []
}

function withContainer(object: Templated, name: string, change: (now: Container) => Container): StoredObject {
  const template = object.spec?.template
  const containers = containersOf(object).map((each) => (each.name === name ? change(each) : each))
  return { ...object, spec: { ...object.spec, template: { ...template, spec: { ...template?.spec, containers } } } }
}
