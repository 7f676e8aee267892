import { z } from 'zod'
import type { Container } from '../../../model/kubernetes.ts'
import type { StoredObject } from '../../contract.ts'
import { defineFault } from './fault.ts'

type Templated = StoredObject & {
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } }
}

export const imageSet = defineFault({
  name: 'image-set',
  codes: ['F18'],
  title: 'somebody sets the image of one container of a DaemonSet, as `kubectl set image` does',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/CHANGELOG.md (v1.23.0)',
  needs: ['namespace', 'workload'],
  parameters: { container: z.string(), tag: z.string() },
  begin({ store, matches }, { container, tag }) {
    const met = store.list('DaemonSet').filter(({ metadata }) => matches({ namespace: metadata.namespace ?? '', workload: metadata.name }))
    const set = ({ metadata }: StoredObject, imageOf: (image: string) => string) => {
      if (store.get('DaemonSet', metadata.namespace, metadata.name) === undefined) return
      store.update('DaemonSet', metadata.namespace, metadata.name, (current) => withImage(current, container, imageOf))
    }
    for (const each of met) set(each, (image) => image.replace(/:[^:]*$/, `:${tag}`))
    return () => {
      for (const each of met) set(each, () => imageIn(each, container))
    }
  },
})

function imageIn(object: Templated, container: string): string {
  return object.spec?.template?.spec?.containers?.find(({ name }) => name === container)?.image ?? ''
}

function withImage(object: Templated, container: string, imageOf: (image: string) => string): StoredObject {
  const template = object.spec?.template
  const containers = (template?.spec?.containers ?? []).map((each) =>
    each.name === container ? { ...each, image: imageOf(each.image ?? '') } : each,
  )
  return { ...object, spec: { ...object.spec, template: { ...template, spec: { ...template?.spec, containers } } } }
}
