import { z } from 'zod'
import { defineFault } from './fault.ts'

export const objectGone = defineFault({
  name: 'object-gone',
  codes: ['F14'],
  title: 'somebody deletes objects that others count on, and makes them anew at the end',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network-tutorial.html',
  where: ['namespace'],
  needs: ['name'],
  parameters: { kind: z.string() },
  begin({ store, matches }, { kind }) {
    const met = store.list(kind).filter(({ metadata: { name, namespace = '' } }) => matches({ name, namespace }))
    for (const { metadata } of met) store.remove(kind, metadata.namespace, metadata.name)
    return () => {
      for (const { metadata, ...content } of met) {
        const { uid: _uid, resourceVersion: _version, creationTimestamp: _born, ...named } = metadata
        if (store.get(kind, metadata.namespace, metadata.name) === undefined) store.create({ ...content, metadata: named })
      }
    }
  },
})
